"""A funnel as CSV rows: one per step of the total, of each variant and of each day, every cell guarded.

Rates and means of fewer than five customers are left out; what is empty is unknown, not zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django_ppx.core.csv_cells import guard_cell
from django_ppx.core.money import to_major
from django_ppx.experiments.intervals import Interval
from django_ppx.insights.funnels import Funnel, FunnelRevenue, FunnelStep, OfferFunnel, Rate

HEADER: Final = (
    "as_of",
    "group",
    "variant",
    "day",
    "step",
    "customers",
    "too_fresh",
    "counted",
    "rate_of_shown",
    "rate_low",
    "rate_high",
    "counted_before",
    "rate_of_step_before",
    "rate_before_low",
    "rate_before_high",
    "currency",
    "revenue",
    "revenue_per_customer",
    "revenue_low",
    "revenue_high",
)
_RATE_CELLS: Final = 4


def funnel_rows(funnel: OfferFunnel) -> Iterator[Sequence[str]]:
    """Yield the header, the total, the variants and the days. Rates are 0 to 1, amounts in major units."""
    yield HEADER
    as_of = funnel.period.as_of.isoformat()
    groups = [
        ("total", "", funnel.total),
        *(("variant", variant.label, variant.funnel) for variant in funnel.variants),
    ]
    for group, variant, found in groups:
        for cells in _cells(found):
            yield _row(as_of, group, variant, "", *cells)
    for day in funnel.days:
        for step, customers in day.customers.items():
            yield _row(as_of, "day", "", day.day.isoformat(), step.value, str(customers))


def _row(*cells: str) -> Sequence[str]:
    return [guard_cell(cell) for cell in (*cells, *[""] * (len(HEADER) - len(cells)))]


def _cells(funnel: Funnel) -> Iterator[Sequence[str]]:
    for step in funnel.steps:
        yield _step_cells(step)
    for revenue in funnel.revenue:
        yield _revenue_cells(revenue, shown=funnel.shown)


def _step_cells(step: FunnelStep) -> Sequence[str]:
    return (
        step.step.value,
        str(step.customers),
        str(step.fresh),
        *_rate_cells(step.of_shown),
        *_rate_cells(step.of_before),
    )


def _rate_cells(rate: Rate | None) -> Sequence[str]:
    if rate is None:
        return ("",) * _RATE_CELLS
    value = rate.value
    if value is None or rate.is_hidden:
        return (str(rate.customers), *("",) * (_RATE_CELLS - 1))
    return (str(rate.customers), f"{value:.4f}", *_ends(rate.interval, "{:.4f}"))


def _revenue_cells(revenue: FunnelRevenue, *, shown: int) -> Sequence[str]:
    counted, mean = revenue.closed.customers, revenue.mean_minor
    cells = ["revenue", "", str(shown - counted), str(counted), *("",) * (2 * _RATE_CELLS - 1)]
    cells += [revenue.currency, str(to_major(revenue.so_far_minor, revenue.currency))]
    if mean is None or revenue.is_hidden:
        return (*cells, "", "", "")
    interval = revenue.interval
    ends = (interval.low, interval.high) if interval else (None, None)
    return (
        *cells,
        *(
            "" if end is None else str(to_major(round(end), revenue.currency))
            for end in (mean, *ends)
        ),
    )


def _ends(interval: Interval | None, form: str) -> Sequence[str]:
    return ("", "") if interval is None else (form.format(interval.low), form.format(interval.high))
