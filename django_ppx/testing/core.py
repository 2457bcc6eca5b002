"""Customers and purchases as they stand in the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django_ppx.core.models import Customer, Purchase
from django_ppx.core.recording import record_purchase
from django_ppx.shop.types import Order
from django_ppx.testing.shop import make_order


def make_purchase(
    order: Order | None = None, *, now: datetime | None = None, **overrides: Any
) -> Purchase:
    """Return the recorded purchase of `order`, or of `make_order(**overrides)`."""
    order = order or make_order(**overrides)
    return record_purchase(order=order, now=now or order.placed_at).purchase


def make_customer(**overrides: Any) -> Customer:
    """Return a customer without keys and purchases: a guest, unless `account_id` is given."""
    values: dict[str, Any] = {
        "email": "ada@example.com",
        "first_name": "Ada",
        "language": "en",
        "country": "DE",
        "created_at": datetime(2026, 3, 2, 12, tzinfo=UTC),
    }
    return Customer.objects.create(**{**values, **overrides})
