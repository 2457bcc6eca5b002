"""Moments as plain values, for tests of kinds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django_ppx.core.money import Money
from django_ppx.offers.kinds import CardContext
from django_ppx.offers.moments import CustomerFacts, LineFacts, Moment, PurchaseFacts, StoredCode

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BOWL = LineFacts(title="Bowl", sku="BOWL-1", product_url="https://shop.example.com/bowl")


def make_moment(
    *, lines: tuple[LineFacts, ...] = (BOWL,), language: str = "en", **overrides: Any
) -> Moment:
    """Return a moment on the thank-you page of an order of 50 EUR to Germany. `overrides` are of the purchase."""
    values: dict[str, Any] = {
        "id": 7,
        "order_ref": "1001",
        "placed_at": NOW,
        "total": Money(Decimal(50), "EUR"),
        "discount": Money(Decimal(0), "EUR"),
        "shipping": Money(Decimal(0), "EUR"),
        "country": "DE",
        "lines": lines,
    }
    return Moment(
        placement="thank_you",
        now=NOW,
        language=language,
        purchase=PurchaseFacts(**{**values, **overrides}),
        customer=CustomerFacts(id=1, is_guest=True, orders=1),
    )


def make_context(
    moment: Moment | None = None,
    *,
    language: str = "",
    button: str = "",
    code: StoredCode | None = None,
) -> CardContext:
    """Return what a kind is told when it makes a card, in the moment's language unless another is given."""
    moment = moment or make_moment(language=language or "en")
    return CardContext(
        moment=moment, language=language or moment.language, button=button, code=code
    )
