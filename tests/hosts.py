"""A host for tests: its orders are `shop.types.Order` values, its thank-you page writes rows around our tag."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path

from django_ppx.shop.adapter import ShopAdapter
from django_ppx.shop.types import Customer, Order, OrderLine
from tests import urls as base

PLACED_AT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def host_order(number: str = "1001", **overrides: Any) -> Order:
    values: dict[str, Any] = {
        "number": number,
        "placed_at": PLACED_AT,
        "currency": "EUR",
        "total": Decimal("54.90"),
        "shipping": Decimal("4.90"),
        "customer": Customer(email=f"buyer-{number}@example.com", language="en", country="DE"),
        "lines": (
            OrderLine(
                title="Speckled bowl",
                sku="BOWL-1",
                category_path="Kitchen/Bowls",
                quantity=Decimal(2),
                unit_price=Decimal(25),
                total=Decimal(50),
                product_url="https://shop.example.com/bowl/",
            ),
        ),
    }
    return Order(**{**values, **overrides})


class PlainShop(ShopAdapter):
    """The host's order is our own type already. `known` is what staff can look up."""

    known: ClassVar[dict[str, Order]] = {}

    def order(self, order: Order, request: HttpRequest | None = None) -> Order:
        return order

    def find_order(self, order_ref: str) -> Order | None:
        return self.known.get(order_ref)


def thank_you(request: HttpRequest, number: str) -> HttpResponse:
    """Write a row, render the page with our tags, write another row."""
    Group.objects.create(name=f"before {number}")
    page = render_to_string("host/thank_you.html", {"order": host_order(number)}, request)
    Group.objects.create(name=f"after {number}")
    return HttpResponse(page)


def order_status(request: HttpRequest, number: str) -> HttpResponse:
    return HttpResponse(
        render_to_string("host/order_status.html", {"order": host_order(number)}, request)
    )


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(plain_text(), headers={"Cache-Control": "public, max-age=60"})


def plain_text() -> str:
    return render_to_string("host/plain.html")


urlpatterns = [
    *base.urlpatterns,
    path("thanks/<str:number>/", thank_you),
    path("status/<str:number>/", order_status),
    path("plain/", plain),
]
