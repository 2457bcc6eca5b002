"""Writing the orders of a day at once, into the shop's tables and into django-ppx's, as of that day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import translation

from django_ppx.core.importing import import_batch
from django_ppx.core.models import Purchase
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.shop.adapter import get_shop

from ..basket import FREE_SHIPPING_FROM, SHIPPING
from ..models import Order, OrderLine, Product
from .buyers import Buyer
from .lines import line_of

RECORDED_AFTER = timedelta(seconds=2)
USES_CODE = 0.85


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One order, and what django-ppx knows of it."""

    buyer: Buyer
    order: Order
    purchase: Purchase


class Books:
    """Takes the orders of one day after the other, a statement per table and day."""

    def __init__(self, *, now: datetime, products: list[Product], chance: random.Random) -> None:
        self.now = now
        self.products = products
        self.chance = chance

    def take(self, visits: Sequence[tuple[Buyer, datetime]]) -> list[Sale]:
        """Place the orders of these visits, in their order, and let django-ppx record them that evening."""
        orders = [self.order(buyer, at) for buyer, at in visits]
        Order.objects.bulk_create(orders)
        OrderLine.objects.bulk_create(line for order in orders for line in order.known_lines or ())
        for (buyer, at), order in zip(visits, orders, strict=True):
            if order.discount_code:
                self.use_code(buyer, order, at)
        import_batch(orders=orders, shop=get_shop(), now=visits[-1][1] + RECORDED_AFTER)
        purchases = {
            purchase.order_ref: purchase
            for purchase in Purchase.objects.filter(
                order_ref__in=[str(order.number) for order in orders]
            )
        }
        for buyer, _at in visits:
            buyer.orders += 1
        return [
            Sale(buyer=buyer, order=order, purchase=purchases[str(order.number)])
            for (buyer, _at), order in zip(visits, orders, strict=True)
        ]

    def order(self, buyer: Buyer, at: datetime) -> Order:
        """Return one order with its lines, not stored."""
        city, postcode, country, language = buyer.place
        chosen = self.chance.sample(self.products, self.chance.choice((1, 1, 1, 2)))
        lines = [(product, self.chance.choice((1, 1, 2, 2, 4))) for product in chosen]
        goods = sum((product.price * count for product, count in lines), Decimal(0))
        shipping = Decimal(0) if goods >= FREE_SHIPPING_FROM else SHIPPING
        code = buyer.code
        if code is not None and (code.expires_at is None or at < code.expires_at):
            uses_code = self.chance.random() < USES_CODE
        else:
            uses_code = False
        discount = (goods / 10).quantize(Decimal("0.01")) if uses_code else Decimal(0)
        order = Order(
            status=self.status(at),
            placed_at=at,
            currency=settings.SHOP_CURRENCY,
            total=goods + shipping - discount,
            shipping=shipping,
            discount_code=code.code if code is not None and uses_code else "",
            discount_amount=discount,
            email=buyer.email,
            first_name="Buyer",
            last_name="Customer",
            street="Harbour Road 1",
            city=city,
            postcode=postcode,
            country=country,
            language=language,
        )
        with translation.override(language):
            order.known_lines = [line_of(order, product, count) for product, count in lines]
        return order

    def status(self, at: datetime) -> str:
        age = self.now - at
        if age > timedelta(days=4):
            return Order.Status.SHIPPED
        return Order.Status.PAID if age > timedelta(days=1) else Order.Status.PLACED

    def use_code(self, buyer: Buyer, order: Order, at: datetime) -> None:
        redeem_code(
            code=order.discount_code,
            order=get_shop().order(order),
            discount=order.discount_amount,
            now=at,
        )
        buyer.code = None
