"""The SQL of a look. Written by hand: each statement reads a phase once, whatever the number of customers.

Names of tables are those of the models; values are bound. It is the SQL that SQLite, PostgreSQL and
MariaDB have in common. Each statement gives one row per arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from django_ppx.core.models import Customer, Purchase, PurchaseComplaint, PurchaseEntry
from django_ppx.events.models import CLAIMS, CLICKS, OfferEvent
from django_ppx.experiments.models import ExperimentExposure
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption

_TABLES: Final[dict[str, type[models.Model]]] = {
    "complaint": PurchaseComplaint,
    "customer": Customer,
    "entry": PurchaseEntry,
    "event": OfferEvent,
    "exposure": ExperimentExposure,
    "presentation": OfferPresentation,
    "purchase": Purchase,
    "redemption": CodeRedemption,
}

_NAMES: Final = {
    "claims": ", ".join(f"'{name.value}'" for name in CLAIMS),
    "clicks": ", ".join(f"'{name.value}'" for name in CLICKS),
}
_IS_ONE_PERSON: Final = """
NOT EXISTS (SELECT 1 FROM {customer} c WHERE c.id = x.customer_id AND c.merged_into_id IS NOT NULL)
""".strip()
"""What a merged guest left behind is not counted: `ExperimentExposureQuerySet.counted`."""

_MATURED: Final = "x.phase_id = %(phase)s AND x.day_no <= %(matured_day)s AND {is_one_person}"

EXPOSED: Final = """
SELECT x.arm_id AS arm,
       COUNT(*) AS exposed,
       SUM(CASE WHEN x.day_no = %(as_of)s THEN 1 ELSE 0 END) AS new_exposed,
       SUM(CASE WHEN x.day_no <= %(matured_day)s THEN 1 ELSE 0 END) AS matured,
       SUM(CASE WHEN x.is_crossover THEN 1 ELSE 0 END) AS crossovers
FROM {exposure} x
WHERE x.phase_id = %(phase)s AND x.day_no <= %(as_of)s AND {is_one_person}
GROUP BY x.arm_id
"""

# One row per order of the window; then one per customer with such an order; then one per arm. Customers without an
# order have zeros everywhere, so they are in the number of matured ones only.
BOUGHT: Final = """
WITH orders AS (
    SELECT x.arm_id AS arm, x.customer_id AS customer, MIN(p.order_day_no) AS order_day,
           MAX(CASE WHEN p.type = 'cancellation' THEN 1 ELSE 0 END) AS is_cancelled,
           MAX(CASE WHEN p.type IN ('cancellation', 'chargeback', 'refund') THEN 1 ELSE 0 END) AS went_back,
           SUM(CASE WHEN p.type = 'purchase' THEN p.gross_minor END) AS gross,
           SUM(p.net_minor) AS net,
           SUM(p.base_net_minor) AS base_net,
           MAX(CASE WHEN p.base_net_minor IS NULL OR p.base_currency <> %(currency)s THEN 1 ELSE 0 END) AS is_other,
           SUM(CASE WHEN p.type = 'purchase' THEN p.base_cost_minor END) AS known_cost,
           SUM(p.base_cost_minor) AS cost
    FROM {exposure} x
    JOIN {entry} p ON p.customer_id = x.customer_id
                    AND p.order_day_no > x.day_no
                    AND p.order_day_no <= x.day_no + %(window)s
                    AND p.purchase_id <> x.purchase_id
    WHERE p.recorded_day_no <= %(as_of)s AND {matured}
    GROUP BY x.arm_id, x.customer_id, p.purchase_id
), valued AS (
    SELECT arm, customer, order_day, went_back, base_net, known_cost, cost,
           CASE WHEN is_cancelled = 0 AND (gross = 0 OR net > 0) THEN 1 ELSE 0 END AS is_order,
           CASE WHEN is_cancelled = 0 AND (gross = 0 OR net > 0) AND is_other = 0 THEN 1 ELSE 0 END AS has_money,
           CASE WHEN base_net > %(cap)s THEN %(cap)s ELSE base_net END AS capped
    FROM orders
), customers AS (
    SELECT arm, customer,
           MAX(is_order) AS repeats,
           COUNT(DISTINCT CASE WHEN is_order = 1 THEN order_day END) AS days,
           MAX(went_back) AS refunded,
           MAX(CASE WHEN is_order = 1 AND has_money = 0 THEN 1 ELSE 0 END) AS other,
           SUM(CASE WHEN has_money = 1 THEN capped ELSE 0 END) AS revenue,
           SUM(CASE WHEN has_money = 1 THEN base_net ELSE 0 END) AS raw_revenue,
           SUM(CASE WHEN has_money = 1 THEN capped - cost ELSE 0 END) AS margin,
           SUM(CASE WHEN has_money = 1 THEN base_net - cost ELSE 0 END) AS raw_margin,
           MAX(CASE WHEN has_money = 1 AND known_cost IS NULL THEN 1 ELSE 0 END) AS lacks_cost
    FROM valued
    GROUP BY arm, customer
)
SELECT arm, SUM(repeats) AS repeats, SUM(refunded) AS refunded, SUM(other) AS other,
       SUM(days) AS orders, SUM(days * days) AS orders_squares,
       SUM(revenue) AS revenue, SUM(1.0 * revenue * revenue) AS revenue_squares,
       SUM(CASE WHEN revenue <> 0 THEN 1 ELSE 0 END) AS revenue_active, SUM(raw_revenue) AS revenue_raw,
       SUM(lacks_cost) AS unknown_cost,
       SUM(CASE WHEN lacks_cost = 0 THEN margin ELSE 0 END) AS margin,
       SUM(CASE WHEN lacks_cost = 0 THEN 1.0 * margin * margin ELSE 0 END) AS margin_squares,
       SUM(CASE WHEN lacks_cost = 0 AND margin <> 0 THEN 1 ELSE 0 END) AS margin_active,
       SUM(CASE WHEN lacks_cost = 0 THEN raw_margin ELSE 0 END) AS margin_raw
FROM customers
GROUP BY arm
"""

COMPLAINED: Final = """
SELECT x.arm_id AS arm, COUNT(DISTINCT x.customer_id) AS complained
FROM {exposure} x
JOIN {complaint} p ON p.customer_id = x.customer_id
                    AND p.day_no >= x.day_no
                    AND p.day_no <= x.day_no + %(window)s
WHERE p.recorded_day_no <= %(as_of)s AND {matured}
GROUP BY x.arm_id
"""


# The exposures stand in both halves, so that each finds its answers by an index also where a union has none.
RESPONDED: Final = """
SELECT arm, SUM(clicked) AS clicked, SUM(claimed) AS claimed, SUM(dismissed) AS dismissed
FROM (
    SELECT arm, customer,
           MAX(CASE WHEN name IN ({clicks}) THEN 1 ELSE 0 END) AS clicked,
           MAX(CASE WHEN name IN ({claims}, 'done') THEN 1 ELSE 0 END) AS claimed,
           MAX(CASE WHEN name = 'dismiss' THEN 1 ELSE 0 END) AS dismissed
    FROM (
        SELECT x.arm_id AS arm, x.customer_id AS customer, e.name AS name
        FROM {exposure} x
        JOIN {event} e ON e.customer_id = x.customer_id
        WHERE e.offer_id = %(offer)s AND e.bot_score < %(human_below)s AND e.name <> 'impression'
          AND e.occurred_at >= x.exposed_at AND e.occurred_at < x.window_ends_at
          AND e.occurred_at < %(known_until)s AND {matured}
        UNION ALL
        SELECT x.arm_id, x.customer_id, 'done'
        FROM {exposure} x
        JOIN {presentation} d ON d.customer_id = x.customer_id
        WHERE d.offer_id = %(offer)s AND d.done_at >= x.exposed_at AND d.done_at < x.window_ends_at
          AND d.done_at < %(known_until)s AND {matured}
    ) answers
    GROUP BY arm, customer
) customers
GROUP BY arm
"""

# A use that was given back later stood until then: a look at an earlier day sees it.
REDEEMED: Final = """
SELECT x.arm_id AS arm, COUNT(DISTINCT x.customer_id) AS redeemed
FROM {exposure} x
JOIN {presentation} d ON d.customer_id = x.customer_id AND d.offer_id = %(offer)s
JOIN {redemption} r ON r.code_id = d.code_id
JOIN {purchase} b ON b.id = x.purchase_id
WHERE r.order_ref <> b.order_ref
  AND (r.released_at IS NULL OR r.released_at >= %(known_until)s)
  AND r.redeemed_at >= x.exposed_at AND r.redeemed_at < x.window_ends_at
  AND r.redeemed_at < %(known_until)s AND {matured}
GROUP BY x.arm_id
"""


def rows_by_arm(statement: str, values: Mapping[str, Any], *, using: str) -> dict[int, Any]:
    """Return what `statement` gives for each arm: `{7: {"exposed": 120, …}}`. One query.

    Numbers come as the database has them: SQLite's squares as floats, PostgreSQL's and MariaDB's sums as decimals.
    """
    connection = connections[using]
    sql = _with_tables(statement, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(values))
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row.pop("arm"): row for row in rows}


def _with_tables(statement: str, connection: BaseDatabaseWrapper) -> str:
    quoted = {
        name: connection.ops.quote_name(model._meta.db_table) for name, model in _TABLES.items()
    }
    is_one_person = _IS_ONE_PERSON.format(**quoted)
    matured = _MATURED.format(is_one_person=is_one_person)
    return statement.format(**quoted, **_NAMES, matured=matured, is_one_person=is_one_person)
