"""Rows of the purchases ledger, written directly: each test says what it needs by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django_ppx.core.calendar import day_number
from django_ppx.core.models import Customer, Purchase
from django_ppx.testing import make_customer, make_entry

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
TODAY = day_number(NOW, ZONE)
_numbers = count(1)


def bought(customer: Customer | None = None, *, days_ago: int, **overrides: Any) -> Purchase:
    """Write an order of 50.00 EUR and its entry; `net`, `base`, `cost` and `gross` are minor units; `at` is when."""
    customer = customer or make_customer()
    gross = overrides.pop("gross", 5_000)
    net = overrides.pop("net", gross)
    placed = overrides.pop("at", NOW - timedelta(days=days_ago))
    purchase = Purchase.objects.create(
        order_ref=f"L{next(_numbers)}",
        customer=customer,
        placed_at=placed,
        currency="EUR",
        total_minor=gross,
        recorded_at=placed,
    )
    entry(purchase, "purchase", gross=gross, net=net, **overrides)
    return purchase


def entry(purchase: Purchase, type: str, *, gross: int, net: int, **overrides: Any) -> None:
    """Write one line of an order's ledger."""
    amounts = {
        "gross_minor": gross,
        "base_net_minor": overrides.pop("base", net),
        "base_cost_minor": overrides.pop("cost", None),
    }
    make_entry(purchase, type=type, net=net, **{**amounts, **overrides})
