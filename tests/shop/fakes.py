"""Orders shaped like those of five shops, without the shops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db.models.fields.files import FieldFile, FileField
from django.urls import NoReverseMatch
from django.utils.functional import SimpleLazyObject

PLACED_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Manager:
    """What a reverse relation gives: rows only through `all()`."""

    def __init__(self, *rows: Any) -> None:
        self.rows = rows

    def get_queryset(self) -> list[Any]:
        return list(self.rows)

    def all(self) -> list[Any]:
        return list(self.rows)


class Product:
    def __init__(self, title: str, upc: str, *categories: str, has_page: bool = True) -> None:
        self.title, self.upc, self.has_page = title, upc, has_page
        self.categories = Manager(*(SimpleNamespace(name=name) for name in categories))
        self.image = FieldFile(None, FileField(), "")

    def get_title(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        if not self.has_page:
            raise NoReverseMatch
        return f"/catalogue/{self.upc.lower()}/"


class OscarLine:
    def __init__(self, product: Product | None, title: str, quantity: int, total: str) -> None:
        self.product, self.title, self.quantity = product, title, quantity
        self.upc = product.upc if product else None
        self.line_price_incl_tax = Decimal(total)


class OscarOrder:
    """django-oscar: a guest's address apart, the address maybe missing, lines behind a manager."""

    currency = "GBP"
    status = "Pending"
    total_incl_tax = Decimal("24.98")
    shipping_incl_tax = Decimal("4.99")
    total_discount_incl_tax = Decimal("5.00")
    date_placed = PLACED_AT

    def __init__(self, user: Any = None, guest_email: str = "", country: str = "") -> None:
        self.number = 100012  # an int in memory, a string in the database
        self.user, self.guest_email = user, guest_email
        self.shipping_address = (
            SimpleNamespace(country=SimpleNamespace(code=country)) if country else None
        )
        self.lines = Manager(
            OscarLine(Product("Bowl", "B-1", "Kitchen", "Bowls"), "Bowl", 2, "19.99"),
            OscarLine(None, "A product that is gone", 1, "0.00"),
        )
        self.discounts = Manager(SimpleNamespace(code="SPRING"), SimpleNamespace(code="VIP"))

    @property
    def email(self) -> str:
        return self.user.email if self.user else self.guest_email


OSCAR_FIELDS = {
    "number": "number",
    "placed_at": "date_placed",
    "status": "status",
    "statuses": {"Pending": "placed", "Cancelled": "cancelled", "Complete": "delivered"},
    "currency": "currency",
    "total": "total_incl_tax",
    "shipping": "shipping_incl_tax",
    "discount_total": "total_discount_incl_tax",
    "discount_codes": "discounts.all",
    "customer.account_id": "user.pk",
    "customer.email": ["user.email", "guest_email"],
    "customer.first_name": "user.first_name",
    "customer.country": "shipping_address.country.code",
    "lines": "lines.all",
    "line.title": ["product.get_title", "title"],
    "line.sku": "upc",
    "line.category_path": "product.categories",
    "line.quantity": "quantity",
    "line.total": "line_price_incl_tax",
    "line.product_url": "product.get_absolute_url",
    "line.image_url": "product.image.url",
}


class SalesmanOrder:
    """django-salesman: `ref`, `items`, extra rows in JSON, no currency."""

    def __init__(self) -> None:
        self.ref = "2026-00012"
        self.status = "COMPLETED"
        self.date_created = PLACED_AT
        self.user = SimpleLazyObject(AnonymousUser)
        self.email = "ada@example.com"
        self.total = Decimal("30.00")
        self.extra = {"utm": {"source": "newsletter"}, "coupon": "SPRING"}
        self.items = Manager(
            SimpleNamespace(
                name="Bowl",
                code="B-1",
                quantity=3,
                unit_price=Decimal("10.00"),
                total=Decimal("30.00"),
                product_data={"url": "/bowl/"},
            )
        )


SALESMAN_FIELDS = {
    "number": "ref",
    "placed_at": "date_created",
    "status": "status",
    "total": "total",
    "discount_codes": "extra.coupon",
    "customer.account_id": "user.pk",
    "customer.email": "email",
    "campaign.source": "extra.utm.source",
    "campaign.medium": "extra.utm.medium",
    "lines": "items",
    "line.title": "name",
    "line.sku": "code",
    "line.quantity": "quantity",
    "line.unit_price": "unit_price",
    "line.total": "total",
    "line.product_url": "product_data.url",
}


class LazyText:
    """pretix: names are translatable objects that turn into text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


class PretixOrder:
    """pretix: a code, one row per ticket, the currency on the event."""

    def __init__(self) -> None:
        self.code = "AB3CD"
        self.datetime = PLACED_AT
        self.total = Decimal("0.00")
        self.email = None
        self.phone = "+49 30 1234567"
        self.testmode = True
        self.event = SimpleNamespace(currency="eur")
        ticket = SimpleNamespace(item=SimpleNamespace(name=LazyText("Day ticket")), price="0.00")
        self.positions = Manager(ticket, ticket)

    @property
    def invoice_address(self) -> Any:
        raise ObjectDoesNotExist("pretix raises where there is no address")


PRETIX_FIELDS = {
    "number": "code",
    "placed_at": "datetime",
    "currency": "event.currency",
    "total": "total",
    "is_test": "testmode",
    "customer.email": "email",
    "customer.phone": "phone",
    "customer.country": "invoice_address.country",
    "lines": "positions",
    "line.title": "item.name",
    "line.total": "price",
}


class LfsOrder:
    """LFS: prices are floats, quantities fractions, most things are methods."""

    def __init__(self) -> None:
        self.id = 7
        self.created = datetime(2026, 3, 2, 13, 0)  # noqa: DTZ001 - LFS in a project without USE_TZ
        self.price = 0.1 + 0.2
        self.shipping_price = 2.5
        self.customer_email = "ada@example.com"
        self._items = [
            SimpleNamespace(product_name="Flour", product_amount=0.5, price_gross=1.1),
            SimpleNamespace(product_name="Salt", product_amount=2.0, price_gross=0.35),
        ]

    def get_items(self) -> Iterator[Any]:
        yield from self._items

    def delete(self) -> None:
        raise AssertionError("reading an order must not delete it")

    delete.alters_data = True  # type: ignore[attr-defined]


LFS_FIELDS = {
    "number": "id",
    "placed_at": "created",
    "currency": "=EUR",
    "total": "price",
    "shipping": "shipping_price",
    "customer.email": "customer_email",
    "lines": "get_items",
    "line.title": "product_name",
    "line.quantity": "product_amount",
    "line.unit_price": "price_gross",
}


HOME_MADE = {
    "no": "A/2026/7",
    "when": "2026-03-02T12:00:00+00:00",
    "money": {"sum": "19.90", "unit": "chf"},
    "buyer": {"id": 12, "mail": "ada@example.com", "born": "1990-02-28", "likes": ["tea", "bread"]},
    "rows": {"1": {"what": "Teapot", "sum": 19.9, "cats": ["Kitchen", "Tea"]}},
}

HOME_MADE_FIELDS = {
    "number": "no",
    "placed_at": "when",
    "currency": "money.unit",
    "total": "money.sum",
    "customer.account_id": "buyer.id",
    "customer.email": "buyer.mail",
    "customer.birthday": "buyer.born",
    "customer.interests": "buyer.likes",
    "lines": "rows",
    "line.title": "what",
    "line.total": "sum",
    "line.category_path": "cats",
}
