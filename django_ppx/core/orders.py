"""A recorded purchase as the order that it was."""

from __future__ import annotations

from django_ppx.core.models import Customer
from django_ppx.core.money import to_major
from django_ppx.core.recording import PurchaseRecord
from django_ppx.shop import types


def order_of(record: PurchaseRecord) -> types.Order:
    """Return the order as recorded, with the status that it has now. Tax, rate and cost are not known any more."""
    purchase, currency = record.purchase, record.purchase.currency
    return types.Order(
        number=purchase.order_ref,
        placed_at=purchase.placed_at,
        currency=currency,
        total=to_major(purchase.total_minor, currency),
        customer=customer_of(purchase.customer),
        status=types.OrderStatus(purchase.status),
        discount_total=to_major(purchase.discount_minor, currency),
        shipping=to_major(purchase.shipping_minor, currency),
        discount_codes=tuple(purchase.discount_codes),
        lines=tuple(
            types.OrderLine(
                title=line.title,
                sku=line.sku,
                category_path=line.category_path,
                quantity=line.quantity,
                unit_price=to_major(line.unit_price_minor, currency),
                total=to_major(line.total_minor, currency),
                product_url=line.product_url,
                image_url=line.image_url,
            )
            for line in record.lines
        ),
        campaign=types.Campaign(
            source=purchase.utm_source,
            medium=purchase.utm_medium,
            name=purchase.utm_campaign,
            term=purchase.utm_term,
            content=purchase.utm_content,
        ),
        is_test=purchase.is_test,
    )


def customer_of(customer: Customer) -> types.Customer:
    """Return the stored customer as the shop named them."""
    return types.Customer(
        account_id=customer.account_id,
        email=customer.email,
        phone=customer.phone,
        first_name=customer.first_name,
        last_name=customer.last_name,
        language=customer.language,
        country=customer.country,
        birthday=customer.birthday,
        interests=tuple(customer.interests),
    )
