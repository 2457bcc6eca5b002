"""One day's look at 1,000,000 exposures, against SQL that was written for the same question alone.

A shop of 1,000,000 customers who each saw an arm over 60 days: three of ten bought again, some sent goods back, some
clicked. The rows are made in the database. Then staff open the result's page, with the looks of three months and of a
year.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_ppx.core.calendar import day_of_number
from django_ppx.experiments.models import ExperimentPhase
from django_ppx.insights.looking import take_look
from django_ppx.insights.measuring import measure_arms
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.results import Counted
from django_ppx.testing import make_experiment
from django_ppx.testing.experiments import STARTED_AT
from tests.benchmarks.cases import Row

EXPOSURES: Final = 1_000_000
DAYS: Final = 60
LOOKS: Final = (90, 365)
TURNS: Final = 5
PAGES: Final = 11
MOST_RATIO: Final = 1.5
MOST_QUERIES, MOST_MILLISECONDS = 12, 300

START: Final = 20514
AS_OF: Final = START + DAYS + 20

_FILL: Final = (
    """
    INSERT INTO django_ppx_customer (id, account_id, email, phone, first_name, last_name, language, country, interests,
                                     merged_into_id, created_at)
    SELECT n, '', 'c' || n || '@example.com', '', '', '', 'en', 'DE', '[]',
           CASE WHEN n %% 100 = 0 THEN n - 1 END, %(start)s
    FROM generate_series(1, %(exposures)s) n
    """,
    """
    INSERT INTO django_ppx_purchase (id, order_ref, customer_id, status, placed_at, currency, total_minor,
                                     discount_minor, shipping_minor, refunded_minor, discount_codes, language, country,
                                     utm_source, utm_medium, utm_campaign, utm_term, utm_content, is_test, recorded_at)
    SELECT n, 'order-' || n, (n - 1) %% %(exposures)s + 1, 'placed',
           %(start)s + make_interval(days => n %% %(days)s + CASE WHEN n > %(exposures)s THEN n %% 45 ELSE 0 END),
           'EUR', 5000, 0, 0, 0, '[]', 'en', 'DE', '', '', '', '', '', FALSE,
           %(start)s
    FROM generate_series(1, %(exposures)s * 13 / 10) n
    """,
    """
    INSERT INTO django_ppx_purchaseentry (purchase_id, customer_id, type, key, currency, gross_minor, net_minor,
                                          base_currency, base_net_minor, base_cost_minor, occurred_at, recorded_at,
                                          local_date, day_no, month_no, order_day_no, recorded_day_no)
    SELECT id, customer_id, 'purchase', 'purchase', 'EUR', 5000 + id %% 9000, 4000 + id %% 9000, 'EUR',
           4000 + id %% 9000, CASE WHEN id %% 50 <> 0 THEN 2000 END, placed_at, placed_at, placed_at::date, day, 24314,
           day, day
    FROM (SELECT id, customer_id, placed_at, placed_at::date - DATE '1970-01-01' AS day FROM django_ppx_purchase) p
    """,
    """
    INSERT INTO django_ppx_purchaseentry (purchase_id, customer_id, type, key, currency, gross_minor, net_minor,
                                          base_currency, base_net_minor, base_cost_minor, occurred_at, recorded_at,
                                          local_date, day_no, month_no, order_day_no, recorded_day_no)
    SELECT purchase_id, customer_id, 'refund', 'refund', 'EUR',
           -net_minor / d, -net_minor / d, 'EUR', -net_minor / d, NULL,
           occurred_at, recorded_at, local_date, day_no + 5, month_no, order_day_no, day_no + 5
    FROM (SELECT *, 1 + purchase_id %% 2 AS d FROM django_ppx_purchaseentry) p WHERE purchase_id %% 20 = 0
    """,
    """
    INSERT INTO django_ppx_experimentexposure (id, experiment_id, phase_id, arm_id, customer_id, purchase_id, placement,
                                               exposed_at, day_no, window_ends_at, is_crossover)
    SELECT gen_random_uuid(), %(experiment)s, %(phase)s, CASE WHEN hashint8(n) %% 2 = 0 THEN %(a)s ELSE %(b)s END, n, n,
           'thank_you', %(start)s + make_interval(days => n %% %(days)s), %(start_day)s + n %% %(days)s,
           %(start)s + make_interval(days => n %% %(days)s + 31), FALSE
    FROM generate_series(1, %(exposures)s) n
    """,
    """
    INSERT INTO django_ppx_offerevent (name, offer_id, customer_id, channel, source, bot_score, occurred_at, dedupe_key)
    SELECT CASE WHEN n %% 100 < 90 THEN 'impression' WHEN n %% 100 < 97 THEN 'click' ELSE 'dismiss' END,
           %(offer)s, n, '', 'beacon', n %% 53, %(start)s + make_interval(days => n %% %(days)s, mins => 1), n
    FROM generate_series(1, %(exposures)s) n
    """,
    """
    INSERT INTO django_ppx_purchasecomplaint (purchase_id, customer_id, reference, occurred_at, recorded_at, day_no,
                                              recorded_day_no)
    SELECT n, n, '', %(start)s, %(start)s, %(start_day)s + n %% %(days)s + 3, %(start_day)s + n %% %(days)s + 3
    FROM generate_series(1, %(exposures)s, 250) n
    """,
)

# What a person would write who needs the repeat rate and the revenue per customer of each arm, and nothing else.
_BY_HAND: Final = """
SELECT x.arm_id,
       COUNT(*),
       SUM(CASE WHEN o.orders > 0 THEN 1 ELSE 0 END),
       SUM(COALESCE(o.revenue, 0)),
       SUM(COALESCE(o.revenue, 0)::numeric * COALESCE(o.revenue, 0))
FROM django_ppx_experimentexposure x
JOIN django_ppx_customer c ON c.id = x.customer_id AND c.merged_into_id IS NULL
LEFT JOIN (
    SELECT customer_id, COUNT(*) AS orders, SUM(LEAST(base_net, %(cap)s)) AS revenue
    FROM (
        SELECT y.customer_id, e.purchase_id, SUM(e.base_net_minor) AS base_net
        FROM django_ppx_experimentexposure y
        JOIN django_ppx_purchaseentry e ON e.customer_id = y.customer_id
        WHERE y.phase_id = %(phase)s AND y.day_no + %(window)s <= %(as_of)s
          AND e.order_day_no BETWEEN y.day_no + 1 AND y.day_no + %(window)s AND e.recorded_day_no <= %(as_of)s
        GROUP BY y.customer_id, e.purchase_id
        HAVING BOOL_AND(e.type <> 'cancellation')
           AND (SUM(e.net_minor) > 0 OR SUM(e.gross_minor) FILTER (WHERE e.type = 'purchase') = 0)
    ) purchases
    GROUP BY customer_id
) o ON o.customer_id = x.customer_id
WHERE x.phase_id = %(phase)s AND x.day_no + %(window)s <= %(as_of)s
GROUP BY x.arm_id
"""


def fill() -> ExperimentPhase:
    """Make the shop, and return the phase that is looked at."""
    experiment = make_experiment(planned_customers=EXPOSURES, phase={"winsor_cap_minor": 12_000})
    phase = ExperimentPhase.objects.select_related("experiment").get(experiment=experiment)
    a, b = (int(arm) for arm in phase.shares)
    values = {
        "exposures": EXPOSURES,
        "days": DAYS,
        "start": STARTED_AT + timedelta(hours=12),
        "start_day": START,
        "experiment": experiment.pk,
        "phase": phase.pk,
        "offer": experiment.offer_id,
        "a": a,
        "b": b,
    }
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")
    return phase


def by_hand(phase: ExperimentPhase) -> dict[int, tuple[Any, ...]]:
    values = {
        "phase": phase.pk,
        "window": phase.window_days,
        "as_of": AS_OF,
        "cap": phase.winsor_cap_minor,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_HAND, values)
        return {arm: tuple(int(number) for number in rest) for arm, *rest in cursor.fetchall()}


def by_measuring(phase: ExperimentPhase) -> dict[int, tuple[Any, ...]]:
    return {
        arm: (
            sums.matured,
            sums.counted[Counted.REPEAT].total,
            sums.counted[Counted.REVENUE].total,
            sums.counted[Counted.REVENUE].squares,
        )
        for arm, sums in measure_arms(phase=phase, day_no=AS_OF).items()
    }


def store_looks(phase: ExperimentPhase, looks: int) -> None:
    """Store a look of each of the last days, with the figures of the last one."""
    now = STARTED_AT + timedelta(days=DAYS + 21, hours=1)
    phase.looks.all().delete()
    look = take_look(phase=phase, day_no=AS_OF, now=now)
    values = {name: getattr(look, name) for name in ("taken_at", "arms", "results", "ratio_state")}
    ExperimentLook.objects.bulk_create(
        ExperimentLook(phase=phase, day_no=day, local_date=day_of_number(day), **values)
        for day in range(AS_OF - looks + 1, AS_OF)
    )


def page_row(database: str, client: Client, phase: ExperimentPhase) -> Row:
    """Return what the whole page costs: the session, the user and their permissions are read, and it is rendered."""
    address = reverse("admin:django_ppx_experiment_result", args=[phase.experiment_id])
    looks = phase.looks.count()
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address)
    queries = len(captured)  # the next request empties the log
    if page.status_code != 200 or page.content.count(b'<tr><th scope="row">') < 2 * looks:
        raise ValueError("the page does not show the looks")
    times = [_seconds(lambda: client.get(address)) for _turn in range(PAGES)]
    milliseconds = median(times) * 1000
    return Row(
        f"look-{database}-page-{looks}",
        f"{queries} queries, {milliseconds:.0f} ms",
        f"{MOST_QUERIES} queries, {MOST_MILLISECONDS} ms",
        is_ok=0 < queries <= MOST_QUERIES and milliseconds <= MOST_MILLISECONDS,
    )


def pages(database: str, phase: ExperimentPhase) -> Iterator[Row]:
    """Yield what the page costs at each number of stored looks."""
    client = Client()
    client.force_login(User.objects.create_superuser("staff"))
    for looks in LOOKS:
        store_looks(phase, looks)
        yield page_row(database, client, phase)


def rows(database: str) -> list[Row]:
    """Return what a look costs against the hand-written SQL, and what the page costs."""
    phase = fill()
    if by_hand(phase) != by_measuring(phase):
        raise ValueError("the look and the SQL do not agree")
    ratios, seconds = [], []
    for _turn in range(TURNS):
        hand = _seconds(lambda: by_hand(phase))
        ours = _seconds(lambda: by_measuring(phase))
        ratios.append(ours / hand)
        seconds.append(ours)
    return [
        Row(
            f"look-{database}",
            f"{median(ratios):.2f} x the hand-written SQL ({median(seconds):.1f} s)",
            f"{MOST_RATIO} x at {EXPOSURES:,} exposures",
            is_ok=median(ratios) <= MOST_RATIO,
        ),
        *pages(database, phase),
    ]


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
