"""How django-ppx reads an Oscar shop: name `OscarShop` in `PPX_SHOP`.

`PPX_ORDER_FIELDS` changes or adds single fields, "statuses" included. Subclass it for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import get_language
from oscar.apps.order.signals import order_placed, order_status_changed
from oscar.core.loading import get_model

from django_ppx.contrib.oscar.products import (
    absolute,
    category_path,
    image_path,
    lines_of_basket,
    shop_url,
)
from django_ppx.shop.adapter import HostOrder, Notify
from django_ppx.shop.mapped import MappedShop
from django_ppx.shop.types import Order, OrderLine, Product

ORDER_FIELDS: Final[Mapping[str, Any]] = {
    "model": "order.Order",
    "number": "number",
    "placed_at": "date_placed",
    "status": "status",
    "currency": "currency",
    "total": "total_incl_tax",
    "discount_total": "total_discount_incl_tax",
    "shipping": "shipping_incl_tax",
    "customer.account_id": "user.pk",
    "customer.email": ["user.email", "guest_email"],
    "customer.phone": ["shipping_address.phone_number"],
    "customer.first_name": [
        "user.first_name",
        "billing_address.first_name",
        "shipping_address.first_name",
    ],
    "customer.last_name": [
        "user.last_name",
        "billing_address.last_name",
        "shipping_address.last_name",
    ],
    "customer.country": ["shipping_address.country_id", "billing_address.country_id"],
    "lines": "lines",
    "line.title": "title",
    "line.sku": "partner_sku",
    "line.quantity": "quantity",
    "line.unit_price": "unit_price_incl_tax",
    "line.total": "line_price_incl_tax",
    "line.product_url": "product.get_absolute_url",
}

STATUSES: Final[Mapping[str, str]] = {
    "Being processed": "paid",
    "Processed": "shipped",
    "Complete": "shipped",
    "Completed": "shipped",
    "Canceled": "cancelled",
    "Returned": "refunded",
}
"""Words of Oscar's documentation and sandbox. "Cancelled", "Refunded" … are ours already; others count as placed."""


class OscarShop(MappedShop):
    @property
    def fields(self) -> Mapping[str, Any]:
        own = super().fields
        if not isinstance(own, Mapping):
            return own  # the system checks say so
        statuses = own.get("statuses", {})
        if isinstance(statuses, Mapping):
            statuses = {**STATUSES, **statuses}
        return {**ORDER_FIELDS, **own, "statuses": statuses}

    def order(self, order: HostOrder, request: HttpRequest | None = None) -> Order:
        read = super().order(order, request)
        start = shop_url(order, request)
        discounts = list(order.discounts.all())
        customer = read.customer
        if request is not None and not customer.language:
            customer = replace(customer, language=get_language() or "")
        return replace(
            read,
            customer=customer,
            tax=read.tax if "tax" in self.fields else _tax_of_goods(order),
            discount_codes=tuple(
                dict.fromkeys(row.voucher_code for row in discounts if row.voucher_code)
            ),
            discount_total=read.discount_total
            + sum((row.amount for row in discounts if row.is_shipping_discount), Decimal(0)),
            lines=tuple(
                replace(
                    line,
                    product_url=absolute(start, line.product_url),
                    image_url=absolute(start, line.image_url),
                )
                for line in read.lines
            ),
        )

    def lines(self, order: HostOrder) -> Iterator[Any]:
        """Yield the order's lines; while Oscar is placing it, and has none stored, those of its basket."""
        stored = list(super().lines(order))
        yield from stored or lines_of_basket(order)

    def line(self, line: Any) -> OrderLine:
        read = super().line(line)
        return replace(
            read,
            category_path=read.category_path or category_path(line.product),
            image_url=read.image_url or image_path(line.product),
        )

    def can_view(self, request: HttpRequest, order: HostOrder) -> bool:
        """Also allow the guest who has just ordered, and one who opened Oscar's status page with link and address."""
        session: Any = getattr(request, "session", {})
        if session.get("checkout_order_id") == order.pk:
            return True
        match = getattr(request, "resolver_match", None)
        signed = match.kwargs.get("hash", "") if match else ""
        if signed and order.is_anonymous and order.check_verification_hash(signed):
            return bool(session.get("anon_order_email") == order.guest_email)
        return super().can_view(request, order)

    def connect(self, placed: Notify, changed: Notify) -> None:
        order_placed.connect(lambda order, **kwargs: placed(order), weak=False)
        order_status_changed.connect(lambda order, **kwargs: changed(order), weak=False)

    def product(self, sku: str) -> Product | None:
        stock = get_model("partner", "StockRecord").objects.filter(partner_sku=sku)
        found = stock.select_related("product__parent").order_by("pk").first()
        if found is None:
            return None
        start = shop_url(None, None)
        return Product(
            sku=sku,
            title=found.product.get_title(),
            url=absolute(start, found.product.get_absolute_url()),
            image_url=absolute(start, image_path(found.product)),
            category_path=category_path(found.product),
        )


def _tax_of_goods(order: HostOrder) -> Decimal:
    """Return the tax in the order's total without that on shipping; zero where a shop knows no tax."""
    tax: Decimal = order.total_incl_tax - order.total_excl_tax
    tax -= order.shipping_incl_tax - order.shipping_excl_tax
    return max(tax, Decimal(0))
