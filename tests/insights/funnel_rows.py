"""Rows that a funnel is made from: who was shown an offer, what they did, what their orders brought in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django_ppx.core.models import Customer, Purchase
from django_ppx.events.models import OfferEvent
from django_ppx.insights.funnels import FunnelPeriod
from django_ppx.offers.models import Offer, OfferPresentation
from django_ppx.rewards.models import CodeRedemption
from django_ppx.testing import make_benefit, make_code, make_customer, make_entry, make_offer

MARCH = FunnelPeriod(
    first=date(2026, 3, 1), last=date(2026, 3, 31), as_of=date(2026, 4, 30), redeem_days=30
)
"""All windows are over on 31 March."""
_numbers = count(1)


def at(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def make_discount(**overrides: Any) -> Offer:
    return make_offer("next_purchase_discount", benefit=make_benefit(), **overrides)


def buy(customer: Customer | None = None, *, when: datetime, **overrides: Any) -> Purchase:
    """Return an order; without a customer, of somebody new."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "order_ref": f"O-{number}",
        "customer": customer or make_customer(email=f"c{number}@example.com"),
        "placed_at": when,
        "currency": "EUR",
        "total_minor": 5000,
        "recorded_at": when,
    }
    return Purchase.objects.create(**{**values, **overrides})


def show(
    offer: Offer,
    when: datetime,
    customer: Customer | None = None,
    *,
    is_test: bool = False,
    **overrides: Any,
) -> OfferPresentation:
    """Put the offer on the page of a new order."""
    purchase = overrides.pop("purchase", None) or buy(customer, when=when, is_test=is_test)
    values: dict[str, Any] = {
        "offer_id": offer.pk,
        "variant": overrides.pop("variant", None) or offer.variants.order_by("pk")[0],
        "purchase": purchase,
        "customer": purchase.customer,
        "placement": "thank_you",
        "presented_at": when,
    }
    return OfferPresentation.objects.create(**{**values, **overrides})


def act(shown: OfferPresentation, name: str, when: datetime, *, bot_score: int = 0) -> None:
    OfferEvent.objects.create(
        name=name,
        offer_id=shown.offer_id,
        variant_id=shown.variant_id,
        presentation=shown,
        customer_id=shown.customer_id,
        source="link",
        bot_score=bot_score,
        occurred_at=when,
        dedupe_key=f"funnel-{next(_numbers)}",
    )


def give_code(shown: OfferPresentation, **overrides: Any) -> None:
    shown.code = make_code(**overrides)
    shown.save(update_fields=["code"])


def use(
    shown: OfferPresentation, when: datetime, *, status: str = "redeemed", **order: Any
) -> Purchase:
    """Use the code that was shown (given now, if it was not yet) in a new order of the same customer."""
    if shown.code is None:
        give_code(shown)
    purchase = buy(shown.customer, when=when, **order)
    CodeRedemption.objects.create(
        code=shown.code,
        order_ref=purchase.order_ref,
        status=status,
        currency=purchase.currency,
        discount_minor=500,
        redeemed_at=when,
        released_at=when if status == "released" else None,
        reserved_until=when if status == "reserved" else None,
    )
    return purchase


def enter(purchase: Purchase, net_minor: int, when: datetime, **overrides: Any) -> None:
    """Write a line of the ledger: a purchase, or with a negative amount a refund."""
    type_ = "purchase" if net_minor >= 0 else "refund"
    make_entry(purchase, type=type_, net=net_minor, at=when, **overrides)
