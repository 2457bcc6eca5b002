"""What was read of a body, as the types of `shop.types`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django_ppx.shop.types import Campaign, Customer, Order, OrderLine, OrderStatus


def as_customer(values: Mapping[str, Any] | None) -> Customer:
    found = dict(values or {})
    interests = tuple(found.pop("interests", ()))
    return Customer(interests=interests, **found)


def as_order(values: Mapping[str, Any]) -> Order:
    """Return the order that was sent; `refunded` is no part of it."""
    found = {name: value for name, value in values.items() if name != "refunded"}
    return Order(
        **{
            **found,
            "status": OrderStatus(found.get("status", OrderStatus.PLACED)),
            "customer": as_customer(found.get("customer")),
            "campaign": Campaign(**found.get("campaign", {})),
            "discount_codes": tuple(found.get("discount_codes", ())),
            "lines": tuple(OrderLine(**line) for line in found.get("lines", ())),
        }
    )
