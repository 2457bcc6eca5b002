"""The liability report as CSV rows: flat, one row per currency, benefit and month, every cell guarded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django_ppx.core.csv_cells import guard_cell
from django_ppx.core.money import to_major
from django_ppx.rewards.liability import NEVER, Liability, LiabilityRow

HEADER: Final = (
    "as_of",
    "group",
    "currency",
    "benefit",
    "type",
    "expires_in_month",
    "count",
    "not_usable_yet",
    "uses_left",
    "amount",
    "amount_at_most",
    "points",
)


def liability_rows(liability: Liability) -> Iterator[Sequence[str]]:
    """Yield the header, what customers hold, codes that nobody has, and the stock of pools.

    The month is written 2026-03, empty where nothing expires; an empty amount is unknown, not zero.
    """
    yield HEADER
    as_of = liability.as_of.isoformat()
    for group, rows in (("held", liability.held), ("unassigned", liability.unassigned)):
        for row in rows:
            yield [guard_cell(cell) for cell in (as_of, group, *_cells(row))]
    for stock in liability.pool:
        cells = (as_of, "pool", "", stock.benefit, "", "", str(stock.count), "", "", "", "", "")
        yield [guard_cell(cell) for cell in cells]


def _cells(row: LiabilityRow) -> Sequence[str]:
    return (
        row.currency,
        row.benefit,
        row.type,
        "" if row.month == NEVER else f"{row.month:%Y-%m}",
        str(row.count),
        str(row.waiting),
        str(row.uses),
        _amount(row.amount_minor, row.currency),
        _amount(row.at_most_minor, row.currency),
        str(row.points) if row.points else "",
    )


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else str(to_major(minor, currency))
