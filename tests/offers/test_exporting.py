"""Offers as CSV."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from django_ppx.core.csv_cells import guard_cell
from django_ppx.offers.exporting import offer_rows
from django_ppx.testing import make_offer

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_looks_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert guard_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_other_cells_stay_as_they_are() -> None:
    assert guard_cell("Care = love") == "Care = love"


@pytest.mark.django_db
def test_each_offer_is_a_row_with_its_figures() -> None:
    offer = make_offer(name="=cmd", slug="care", priority=10)

    rows = list(offer_rows(offers=[offer], now=NOW))

    assert rows[0][0] == "short_name"
    assert rows[1] == [
        "care",
        "'=cmd",
        "message",
        "active",
        "",
        "",
        "10",
        "thank_you",
        "",
        "0",
        "0",
        "0",
    ]
