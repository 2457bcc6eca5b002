"""A shop that exists in memory only, for tests of what the package makes of its orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, Final

from django.http import HttpRequest

from django_ppx.shop.adapter import ShopAdapter
from django_ppx.shop.types import Customer, Order, OrderLine, Product

_numbers: Final = count(1001)


class FakeShop(ShopAdapter):
    """An adapter whose orders are values of `shop.types` already, put there by a test.

        settings.PPX_SHOP = "django_ppx.testing.FakeShop"
        order = FakeShop.place(make_order(total=Decimal(40)))

    `FakeShop.clear()` empties it; `FakeShop.fault` is raised by `order` as long as it is set.
    """

    placed: ClassVar[dict[str, Order]] = {}
    products: ClassVar[dict[str, Product]] = {}
    fault: ClassVar[Exception | None] = None

    @classmethod
    def place(cls, order: Order | None = None) -> Order:
        """Put an order into the shop, or replace the one of its number, and return it."""
        order = order or make_order()
        cls.placed[order.number] = order
        return order

    @classmethod
    def clear(cls) -> None:
        cls.placed.clear()
        cls.products.clear()
        cls.fault = None

    def order(self, order: Order, request: HttpRequest | None = None) -> Order:
        if self.fault is not None:
            raise self.fault
        return order

    def orders(self, since: datetime | None = None) -> Iterator[Order]:
        for order in sorted(self.placed.values(), key=lambda order: order.placed_at):
            if since is None or order.placed_at >= since:
                yield order

    def find_order(self, order_ref: str) -> Order | None:
        return self.placed.get(order_ref)

    def newest_order(self) -> Order | None:
        return max(self.placed.values(), key=lambda order: order.placed_at, default=None)

    def product(self, sku: str) -> Product | None:
        return self.products.get(sku)


def make_order(**overrides: Any) -> Order:
    """Return an order of 50.00 EUR by a guest in Germany, with two bowls and a unique number."""
    number = f"T-{next(_numbers)}"
    values: dict[str, Any] = {
        "number": number,
        "placed_at": datetime(2026, 3, 2, 12, tzinfo=UTC),
        "currency": "EUR",
        "total": Decimal("50.00"),
        "shipping": Decimal("4.90"),
        "customer": Customer(
            email=f"{number.lower()}@example.com",
            first_name="Ada",
            last_name="Example",
            language="en",
            country="DE",
        ),
        "lines": (
            OrderLine(
                title="Bowl",
                sku="BOWL-1",
                category_path="Kitchen/Bowls",
                quantity=Decimal(2),
                unit_price=Decimal("22.55"),
                total=Decimal("45.10"),
                product_url="/products/bowl/",
            ),
        ),
    }
    return Order(**{**values, **overrides})
