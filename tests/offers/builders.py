"""Plain values for tests of the pure engine: no database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django_ppx.core.money import Money
from django_ppx.offers.compiled import (
    AudienceGroup,
    CompiledAudience,
    CompiledOffer,
    CompiledRule,
    CompiledText,
    CompiledVariant,
    Snapshot,
)
from django_ppx.offers.kinds import OfferKind
from django_ppx.offers.moments import CustomerFacts, Moment, Presented, PurchaseFacts

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class PlainKind(OfferKind):
    """A kind without columns. Its configuration False means that there is nothing to show."""

    name = "plain"
    label = "Plain"

    def is_available(self, config: Any, moment: Moment) -> bool:
        return config is not False


KIND = PlainKind()


def make_variant(pk: int = 1, *, weight: int = 1, **texts: str) -> CompiledVariant:
    return CompiledVariant(
        id=pk,
        label=f"V{pk}",
        design="card",
        weight=weight,
        default_language="en",
        texts={
            language.replace("_", "-").lower(): CompiledText(
                language=language.replace("_", "-"), headline=headline, text="", button=""
            )
            for language, headline in (texts or {"en": "Hello"}).items()
        },
    )


def make_offer(pk: int = 1, **overrides: Any) -> CompiledOffer:
    behaviour = overrides.get("page_behaviour", "stack")
    priority = overrides.get("priority", 100)
    values: dict[str, Any] = {
        "id": pk,
        "slug": f"offer-{pk}",
        "name": f"Offer {pk}",
        "kind": KIND,
        "status": "active",
        "priority": priority,
        "placements": frozenset({"thank_you"}),
        "order": (behaviour == "filler", priority, pk),
        "salt": f"salt-{pk}",
        "variants": (make_variant(pk * 10),),
    }
    return CompiledOffer(**{**values, **overrides})


def make_audience(pk: int, *, matches: bool) -> CompiledAudience:
    rule = CompiledRule(sentence=f"rule {pk}", test=lambda moment: matches)
    return CompiledAudience(id=pk, name=f"Audience {pk}", groups=((rule,),))


def make_snapshot(*offers: CompiledOffer) -> Snapshot:
    ordered = sorted(offers, key=lambda offer: offer.order)
    groups: dict[str, dict[int, list[CompiledOffer]]] = {}
    for offer in ordered:
        if offer.status == "active":
            for placement in offer.placements:
                key = offer.audience.id if offer.audience else 0
                groups.setdefault(placement, {}).setdefault(key, []).append(offer)
    return Snapshot(
        stamp="test",
        offers=tuple(ordered),
        by_id={offer.id: offer for offer in ordered},
        groups={
            placement: tuple(
                AudienceGroup(audience=group[0].audience, offers=tuple(group))
                for group in by_audience.values()
            )
            for placement, by_audience in groups.items()
        },
    )


def make_moment(**overrides: Any) -> Moment:
    values: dict[str, Any] = {
        "placement": "thank_you",
        "now": NOW,
        "language": "en",
        "purchase": PurchaseFacts(
            id=7,
            order_ref="1007",
            placed_at=NOW,
            total=Money(Decimal("50.00"), "EUR"),
            discount=Money(Decimal(0), "EUR"),
            shipping=Money(Decimal("4.90"), "EUR"),
        ),
        "customer": CustomerFacts(id=3, is_guest=True, orders=1),
    }
    return Moment(**{**values, **overrides})


def make_presented(offer_id: int = 1, **overrides: Any) -> Presented:
    values: dict[str, Any] = {
        "id": "00000000-0000-4000-8000-000000000001",
        "offer_id": offer_id,
        "variant_id": offer_id * 10,
        "purchase_id": 6,
        "placement": "thank_you",
        "presented_at": NOW,
        "is_dismissed": False,
        "is_done": False,
    }
    return Presented(**{**values, **overrides})
