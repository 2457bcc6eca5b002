"""From rows to the frozen facts of a moment."""

from __future__ import annotations

from datetime import datetime

from django_ppx.core.money import Money
from django_ppx.core.recording import PurchaseRecord
from django_ppx.offers.histories import NO_HISTORY, History
from django_ppx.offers.moments import CustomerFacts, LineFacts, Moment, PurchaseFacts


def moment_of(
    record: PurchaseRecord,
    *,
    placement: str,
    language: str,
    now: datetime,
    history: History = NO_HISTORY,
) -> Moment:
    """Return the moment of one purchase at one placement."""
    return Moment(
        placement=placement,
        now=now,
        language=language,
        purchase=purchase_facts(record),
        customer=customer_facts(record),
        history=history.presented,
        exposures=history.exposures,
    )


def purchase_facts(record: PurchaseRecord) -> PurchaseFacts:
    """Return the purchase as rules and kinds see it."""
    row = record.purchase
    currency = row.currency
    return PurchaseFacts(
        id=row.pk,
        order_ref=row.order_ref,
        placed_at=row.placed_at,
        total=Money.from_minor(row.total_minor, currency),
        discount=Money.from_minor(row.discount_minor, currency),
        shipping=Money.from_minor(row.shipping_minor, currency),
        status=row.status,
        country=row.country,
        utm_source=row.utm_source,
        utm_medium=row.utm_medium,
        utm_campaign=row.utm_campaign,
        utm_term=row.utm_term,
        utm_content=row.utm_content,
        discount_codes=tuple(row.discount_codes),
        lines=tuple(
            LineFacts(
                title=line.title,
                sku=line.sku,
                category_path=line.category_path,
                quantity=line.quantity,
                total=Money.from_minor(line.total_minor, currency),
                product_url=line.product_url,
                image_url=line.image_url,
            )
            for line in record.lines
        ),
    )


def customer_facts(record: PurchaseRecord) -> CustomerFacts:
    """Return the customer as rules and kinds see them."""
    row = record.purchase.customer
    return CustomerFacts(
        id=row.pk,
        is_guest=row.is_guest,
        orders=record.customer_orders,
        first_name=row.first_name,
        last_name=row.last_name,
        language=row.language,
        country=row.country,
        birthday=row.birthday,
        interests=tuple(row.interests),
    )
