"""What customers did after an order, as one statement for SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from typing import Final

from django.db import connections

from django_ppx.core.models import PurchaseEntry
from django_ppx.experiments.models import Metric

NO_CAP: Final = 2**62

_CUT: Final = """CASE WHEN SUM(COALESCE(base_net_minor, 0)) > %(cap)s THEN %(cap)s
      ELSE SUM(COALESCE(base_net_minor, 0)) END"""
_WORTH: Final = {
    Metric.REVENUE: _CUT,
    Metric.MARGIN: f"{_CUT} - SUM(COALESCE(base_cost_minor, 0))",
}
_UNKNOWN: Final = {
    Metric.REVENUE: "base_net_minor IS NULL OR base_currency <> %(currency)s",
    Metric.MARGIN: "base_net_minor IS NULL OR base_cost_minor IS NULL OR base_currency <> %(currency)s",
}

_STATEMENT: Final = """
WITH orders AS (
  SELECT customer_id, order_day_no AS on_day, {worth} AS worth,
    MAX(CASE WHEN type = 'purchase' AND ({unknown}) THEN 1 ELSE 0 END) AS is_unknown,
    CASE WHEN SUM(CASE WHEN type = 'purchase' THEN gross_minor ELSE 0 END) = 0
      OR SUM(net_minor) > 0 THEN 1 ELSE 0 END AS is_counted
  FROM {table}
  WHERE type IN ('purchase', 'refund', 'chargeback', 'cancellation', 'adjustment')
    AND order_day_no >= %(first)s AND order_day_no <= %(as_of)s
  GROUP BY purchase_id, customer_id, order_day_no
  HAVING MAX(CASE WHEN type = 'cancellation' THEN 1 ELSE 0 END) = 0
), placed AS (
  SELECT customer_id, on_day, is_counted, is_unknown, worth,
    MIN(on_day) OVER (PARTITION BY customer_id) AS anchor
  FROM orders
), customers AS (
  SELECT customer_id,
    SUM(CASE WHEN {later} THEN 1 ELSE 0 END) AS bought,
    SUM(CASE WHEN {later} THEN worth ELSE 0 END) AS worth,
    MAX(CASE WHEN {later} THEN is_unknown ELSE 0 END) AS is_unknown
  FROM placed WHERE anchor <= %(last)s
  GROUP BY customer_id
)
SELECT COUNT(*),
  SUM(CASE WHEN bought > 0 THEN 1 ELSE 0 END),
  SUM(1 - is_unknown),
  SUM(CASE WHEN is_unknown = 0 AND bought > 0 THEN 1 ELSE 0 END),
  SUM(CASE WHEN is_unknown = 0 THEN worth ELSE 0 END),
  SUM(CASE WHEN is_unknown = 0 THEN 1.0 * worth * worth ELSE 0 END)
FROM customers"""

_LATER: Final = "is_counted = 1 AND on_day > anchor AND on_day <= anchor + %(days)s"


def history_sql(metric: Metric) -> str:
    """Return the statement for one metric; no value is put into it, only names of ours.

    It takes `first` and `last`, the day numbers between which customers begin, `as_of`, `days`, and for money the
    `currency` and the `cap` of one order (`NO_CAP`). Its row: customers, those who bought again; and of those whose
    money is known: how many, those who bought again, Σ and Σ² of what they brought in.
    """
    table = connections[PurchaseEntry.objects.db].ops.quote_name(PurchaseEntry._meta.db_table)
    return _STATEMENT.format(
        worth=_WORTH.get(metric, "0"),
        unknown=_UNKNOWN.get(metric, "1 = 0"),
        later=_LATER,
        table=table,
    )
