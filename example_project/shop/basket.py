"""The basket in the session: which product, how many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest

from django_ppx.shop import types

from .models import Product

SESSION_KEY = "basket"
MOST_OF_ONE = 20
SHIPPING = Decimal("4.90")
FREE_SHIPPING_FROM = Decimal("75.00")


@dataclass(frozen=True, kw_only=True)
class BasketLine:
    product: Product
    quantity: int

    @property
    def total(self) -> Decimal:
        return self.product.price * self.quantity


class Basket:
    """What this visitor is about to buy. Products that left the shop drop out by themselves."""

    def __init__(self, request: HttpRequest) -> None:
        self.session = request.session
        self.quantities: dict[str, int] = self.session.get(SESSION_KEY, {})
        self._lines: list[BasketLine] | None = None

    @property
    def lines(self) -> list[BasketLine]:
        if self._lines is None:
            products = Product.objects.filter(sku__in=self.quantities, is_active=True)
            found = {product.sku: product for product in products.select_related("category")}
            self._lines = [
                BasketLine(product=found[sku], quantity=quantity)
                for sku, quantity in self.quantities.items()
                if sku in found
            ]
        return self._lines

    def __iter__(self) -> Iterator[BasketLine]:
        return iter(self.lines)

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def count(self) -> int:
        return sum(self.quantities.values())

    @property
    def subtotal(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def shipping(self) -> Decimal:
        return Decimal(0) if self.subtotal >= FREE_SHIPPING_FROM else SHIPPING

    @property
    def until_free_shipping(self) -> Decimal:
        return max(FREE_SHIPPING_FROM - self.subtotal, Decimal(0))

    def add(self, sku: str, quantity: int = 1) -> None:
        self.set(sku, self.quantities.get(sku, 0) + quantity)

    def set(self, sku: str, quantity: int) -> None:
        """Change a quantity; zero removes the line."""
        if quantity > 0:
            self.quantities[sku] = min(quantity, MOST_OF_ONE)
        else:
            self.quantities.pop(sku, None)
        self._save()

    def clear(self) -> None:
        self.quantities = {}
        self._save()

    def _save(self) -> None:
        self.session[SESSION_KEY] = self.quantities
        self._lines = None

    def for_ppx(self, customer: types.Customer) -> types.Basket:
        """Return the basket as `django_ppx.codes.quote` reads it."""
        return types.Basket(
            currency=settings.SHOP_CURRENCY,
            total=self.subtotal,
            shipping=self.shipping,
            customer=customer,
            lines=tuple(
                types.BasketLine(
                    sku=line.product.sku,
                    category_path=line.product.category.name,
                    quantity=Decimal(line.quantity),
                    total=line.total,
                )
                for line in self.lines
            ),
        )
