"""A card that was shown, and its reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django_ppx.events.recording import EventRecord, EventSubject
from django_ppx.offers.models import OfferPresentation
from django_ppx.testing import make_offer, make_purchase

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def make_presentation(order_ref: str = "1001", **kind: Any) -> OfferPresentation:
    """Return a card on the thank-you page of an order, of an offer of its own."""
    purchase = make_purchase(number=order_ref)
    offer = make_offer(kind.pop("kind", "message"), **kind)
    return OfferPresentation.objects.create(
        offer=offer,
        variant=offer.variants.get(),
        purchase=purchase,
        customer=purchase.customer,
        placement="thank_you",
        presented_at=NOW,
    )


def record_of(presentation: OfferPresentation, **overrides: Any) -> EventRecord:
    """Return the report that the card was seen."""
    record = EventRecord(
        name="impression",
        subject=EventSubject(
            offer_id=presentation.offer_id,
            variant_id=presentation.variant_id,
            presentation_id=str(presentation.pk),
            customer_id=presentation.customer_id,
        ),
        source="beacon",
        occurred_at=NOW,
    )
    return replace(record, **overrides)
