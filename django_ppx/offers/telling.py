"""What webhooks say of an offer that was put on a page, put into the outbox with the presentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django_ppx.core.models import Purchase
from django_ppx.offers.compiled import CompiledOffer, CompiledVariant
from django_ppx.offers.models import OfferPresentation
from django_ppx.outbox.models import WebhookEvent
from django_ppx.outbox.posting_webhooks import WebhookMessage, is_wanted, post_many_webhooks


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownOffer:
    """An offer on its first page. `code` is the text of its code, None for one without."""

    row: OfferPresentation
    offer: CompiledOffer
    variant: CompiledVariant
    code: str | None


def post_shown(*, shown: Sequence[ShownOffer], purchase: Purchase, now: datetime) -> None:
    """Tell of the offers of one page, in one statement; in none where nobody wants to hear of it."""
    if not is_wanted(WebhookEvent.OFFER_SHOWN):
        return
    messages = [
        WebhookMessage(
            key=f"offer.shown:{each.row.pk}",
            data={
                "presentation": str(each.row.pk),
                "offer": each.offer.slug,
                "kind": each.offer.kind.name,
                "variant": each.variant.label,
                "placement": each.row.placement,
                "language": each.row.language,
                "order_ref": purchase.order_ref,
                "is_test": purchase.is_test,
                "account_id": purchase.customer.account_id or None,
                "code": each.code,
            },
        )
        for each in shown
    ]
    post_many_webhooks(event=WebhookEvent.OFFER_SHOWN, messages=messages, now=now)
