"""Cards for staff: the same templates and kinds, nothing stored, no code minted, no event recorded."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django_ppx.conf import ppx_settings
from django_ppx.core.models import Purchase
from django_ppx.core.money import Money
from django_ppx.core.recording import PurchaseRecord, load_purchase
from django_ppx.offers.building import CardSource, build_card
from django_ppx.offers.cards import Card
from django_ppx.offers.compiled import CompiledOffer, CompiledVariant
from django_ppx.offers.facts import moment_of
from django_ppx.offers.moments import CustomerFacts, LineFacts, Moment, PurchaseFacts


def preview_card(
    offer: CompiledOffer, variant: CompiledVariant, moment: Moment, *, prefix: str = "ppx"
) -> Card:
    """Return the card as a customer of `moment` would see it, with a sample code and links that are not counted."""
    return build_card(
        CardSource(
            offer=offer,
            variant=variant,
            moment=moment,
            code=offer.kind.sample_code(offer.config, now=moment.now),
            element_prefix=prefix,
        )
    )


def preview_moment(*, order_ref: str, placement: str, language: str, now: datetime) -> Moment:
    """Return the moment of a recorded order, or of the newest one, or a sample where the shop has none yet."""
    record = load_purchase(order_ref=order_ref) if order_ref else _newest()
    if record is None:
        return sample_moment(placement=placement, language=language, now=now)
    return moment_of(record, placement=placement, language=language, now=now)


def sample_moment(*, placement: str, language: str, now: datetime) -> Moment:
    """Return a made-up purchase, for shops without one."""
    currency = ppx_settings.PPX_CURRENCY or "EUR"
    total = Money(Decimal(50), currency)
    return Moment(
        placement=placement,
        now=now,
        language=language,
        purchase=PurchaseFacts(
            id=0,
            order_ref="1000",
            placed_at=now,
            total=total,
            discount=Money(Decimal(0), currency),
            shipping=Money(Decimal(0), currency),
            lines=(
                LineFacts(
                    title="Sample product",
                    sku="SAMPLE",
                    total=total,
                    product_url="https://shop.example.com/",
                ),
            ),
        ),
        customer=CustomerFacts(id=0, is_guest=True, orders=1),
    )


def _newest() -> PurchaseRecord | None:
    order_ref = Purchase.objects.order_by("-placed_at").values_list("order_ref", flat=True).first()
    return load_purchase(order_ref=order_ref) if order_ref is not None else None
