"""The offers that the demo's staff have set up: one of every kind at least, in English and German."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.offers.activating import activate_offers
from django_ppx.offers.models import Audience, AudienceRule, Offer, Theme
from django_ppx.rewards.models import Benefit, BenefitAmount

from .asking import (
    create_draft,
    create_ended,
    create_messages,
    create_review_request,
    create_share_prompt,
    create_social_invite,
)
from .variants import BANNER, TICKET, Words, say

WITH_MINIMUM = "12 off from 60"


def create_offers(*, now: datetime) -> None:
    """Create theme, audiences and offers, and activate all but the draft and the one that has ended."""
    create_theme()
    audiences = create_audiences()
    active: list[Offer] = [
        *create_discounts(audiences),
        create_review_request(),
        create_social_invite(),
        create_share_prompt(),
        *create_messages(audiences),
    ]
    create_draft()
    create_ended(now=now)
    result = activate_offers(offers=active)
    if result.refused:
        raise RuntimeError(f"The demo's offers are incomplete: {result.refused}")


def create_theme() -> None:
    """The shop's cobalt on its own paper, by day and by night."""
    Theme.objects.get_or_create(
        name="Kiln & Tide",
        defaults={
            "is_active": True,
            "accent": "#2545c2",
            "surface": "#ffffff",
            "text": "#142026",
            "dark_accent": "#9db2ff",
            "dark_surface": "#182125",
            "dark_text": "#eaf0f1",
            "radius": 16,
        },
    )


def create_audiences() -> dict[str, Audience]:
    rules: dict[str, tuple[str, tuple[tuple[int, str, str, Any], ...]]] = {
        "First order": (
            "Customers who have never bought here before.",
            ((1, "orders_so_far", "lte", "1"),),
        ),
        "Returning customers": (
            "This is at least their second order.",
            ((1, "orders_so_far", "gte", "2"),),
        ),
        "Orders of 50 EUR and more": (
            "Total with shipping, after discounts.",
            ((1, "order_total", "gte", {"amount": "50", "currency": settings.SHOP_CURRENCY}),),
        ),
        "Came from the newsletter": (
            "The landing page was opened from the newsletter campaign.",
            ((1, "utm_source", "is", "newsletter"),),
        ),
        "Coffee and tea people": (
            "The order holds something to brew, or the customer comes for it again and again.",
            (
                (1, "order_categories", "any", ["Coffee & tea"]),
                (2, "orders_so_far", "gte", "5"),
                (2, "order_categories", "any", ["Cups"]),
            ),
        ),
    }
    audiences = {}
    for name, (description, rows) in rules.items():
        audience = Audience.objects.create(name=name, description=description)
        for group, trait, operator, value in rows:
            AudienceRule.objects.create(
                audience=audience, group=group, trait=trait, operator=operator, value=value
            )
        audiences[name] = audience
    return audiences


def create_discounts(audiences: dict[str, Audience]) -> list[Offer]:
    tenth = Benefit.objects.create(
        name="10 % off the next order", type=Benefit.Type.PERCENT, percent=10, code_prefix="TIDE"
    )
    twelve = Benefit.objects.create(
        name=WITH_MINIMUM, type=Benefit.Type.AMOUNT, valid_days=60, code_prefix="AGAIN"
    )
    BenefitAmount.objects.create(
        benefit=twelve,
        currency=settings.SHOP_CURRENCY,
        amount=Decimal(12),
        minimum_total=Decimal(60),
    )
    shipping = Benefit.objects.create(
        name="Free shipping", type=Benefit.Type.FREE_SHIPPING, is_combinable=True
    )
    first = NextPurchaseDiscount.objects.create(
        name="First order: 10 % off the second",
        slug="first-order-10",
        kind="next_purchase_discount",
        benefit=tenth,
        audience=audiences["First order"],
        placements=["thank_you", "order_status"],
        priority=10,
        is_dismissible=False,
    )
    say(
        first,
        Words(
            design=TICKET,
            en=(
                "A tenth off the next one",
                "Shelves look better in company. This code is yours alone.",
                "Copy the code",
            ),
            de=(
                "Ein Zehntel weniger beim nächsten Mal",
                "In Gesellschaft stehen Becher besser. Dieser Code gehört dir allein.",
                "Code kopieren",
            ),
        ),
    )
    again = NextPurchaseDiscount.objects.create(
        name="Returning customers: 12 off",
        slug="returning-12",
        kind="next_purchase_discount",
        benefit=twelve,
        audience=audiences["Returning customers"],
        placements=["thank_you", "account"],
        priority=10,
        cap_count=3,
        cap_days=90,
    )
    say(
        again,
        Words(
            design=TICKET,
            en=(
                "Good to see you again",
                "You know what you like by now. Here is something towards it.",
                "Copy the code",
            ),
            de=(
                "Schön, dass du wieder da bist",
                "Du weißt inzwischen, was dir gefällt. Hier ist etwas dafür.",
                "Code kopieren",
            ),
        ),
    )
    post = NextPurchaseDiscount.objects.create(
        name="Newsletter: next parcel on us",
        slug="newsletter-shipping",
        kind="next_purchase_discount",
        benefit=shipping,
        audience=audiences["Came from the newsletter"],
        placements=["thank_you"],
        priority=20,
    )
    say(
        post,
        Words(
            design=BANNER,
            en=(
                "Our letter brought you here",
                "So the next parcel travels at our expense.",
                "Copy the code",
            ),
            de=(
                "Unser Brief hat dich hergeführt",
                "Das nächste Paket reist darum auf unsere Kosten.",
                "Code kopieren",
            ),
        ),
    )
    return [first, again, post]
