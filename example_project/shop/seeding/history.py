"""Half a year of orders, taken through the same front doors that the shop uses every day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation

from django_ppx import purchases
from django_ppx.events.models import OfferEvent
from django_ppx.events.recording import EventSubject, record_event
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.pages import offers_for
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.quoting import Quote, quote_code
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.shop.adapter import get_shop
from django_ppx.shop.types import Basket

from ..basket import FREE_SHIPPING_FROM, SHIPPING
from ..models import Order, OrderLine, Product
from .lines import line_of
from .people import SHOPPERS, Shopper, guests

# Who placed the order whose thank-you page the demo opens with.
FRESH = Shopper(name="Guest-today", orders=1, city="Hamburg", postcode="20457", language="en")
DAYS = 180
GUESTS = 68
CAMPAIGNS = (
    {},
    {},
    {},
    {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "new-glazes"},
    {"utm_source": "instagram", "utm_medium": "social", "utm_campaign": "friday-kiln"},
)
# How likely a customer is to do something with a card that they have seen.
RESPONSES = {
    "next_purchase_discount": (("copy", 0.42),),
    "review_request": (("click", 0.16),),
    "social_invite": (("click", 0.11), ("dismiss", 0.05)),
    "share_prompt": (("share", 0.08), ("dismiss", 0.06)),
    "message": (("dismiss", 0.12),),
}


@dataclass
class History:
    """Places the past orders, one after the other, with a chance that is the same on every run."""

    now: datetime
    accounts: dict[str, User]
    products: list[Product]
    chance: random.Random = field(default_factory=lambda: random.Random(1873))  # noqa: S311

    def write(self) -> None:
        for shopper, placed_at in sorted(self.visits(), key=lambda visit: visit[1]):
            order = self.place(shopper, placed_at)
            purchases.completed(order)
            self.look(order)
        self.take_back()

    def visits(self) -> Iterator[tuple[Shopper, datetime]]:
        for shopper in (*SHOPPERS, *guests(GUESTS)):
            for _ in range(shopper.orders):
                # More in recent weeks than long ago: the shop is growing.
                days = DAYS * (1 - self.chance.random() ** 0.5)
                minutes = self.chance.randrange(8 * 60, 22 * 60)
                day = self.now - timedelta(days=days + 0.5)
                yield shopper, day.replace(hour=minutes // 60, minute=minutes % 60)

    def place(self, shopper: Shopper, placed_at: datetime) -> Order:
        chosen = self.chance.sample(self.products, self.chance.choice((1, 1, 1, 2, 2, 3)))
        lines = [(product, self.chance.choice((1, 1, 1, 2, 4))) for product in chosen]
        goods = sum((product.price * count for product, count in lines), Decimal(0))
        shipping = Decimal(0) if goods >= FREE_SHIPPING_FROM else SHIPPING
        basket = Basket(currency=settings.SHOP_CURRENCY, total=goods, shipping=shipping)
        quote = self.quote(shopper, basket, placed_at)
        discount = quote.total_discount.amount if quote else Decimal(0)
        order = Order.objects.create(
            user=self.accounts.get(shopper.email),
            status=self.status(placed_at),
            placed_at=placed_at,
            total=goods + shipping - discount,
            shipping=shipping,
            discount_code=quote.value if quote else "",
            discount_amount=discount,
            **address(shopper),
            **self.chance.choice(CAMPAIGNS),
        )
        with translation.override(shopper.language):
            OrderLine.objects.bulk_create(
                line_of(order, product, count) for product, count in lines
            )
        if quote:
            read = get_shop().order(order)
            redeem_code(code=quote.value, order=read, discount=discount, now=placed_at)
        return order

    def quote(self, shopper: Shopper, basket: Basket, placed_at: datetime) -> Quote | None:
        """Two of three customers who hold a good code use it, if the basket is large enough."""
        held = DiscountCode.objects.filter(customer__email=shopper.email, times_used=0)
        code = held.filter(expires_at__gt=placed_at).order_by("issued_at").first()
        if code is None or self.chance.random() > 0.66:
            return None
        try:
            return quote_code(code=code.code, basket=basket, now=placed_at)
        except RedemptionRefused:
            return None

    def status(self, placed_at: datetime) -> str:
        age = self.now - placed_at
        if age > timedelta(days=4):
            return Order.Status.SHIPPED
        return Order.Status.PAID if age > timedelta(days=1) else Order.Status.PLACED

    def look(self, order: Order) -> None:
        """Open the pages after the order as its buyer did, and do what buyers do there."""
        seen_at = order.placed_at + timedelta(seconds=4)
        placements = ["thank_you"]
        if self.chance.random() < 0.45:
            placements.append("order_status")
        with translation.override(order.language):
            for placement in placements:
                offers_for(order, placement=placement, limit=3, request=None, now=seen_at)
        rows = OfferPresentation.objects.filter(purchase__order_ref=str(order.number))
        for row in rows.select_related("offer"):
            if self.chance.random() < 0.88:
                self.respond(row)

    def respond(self, row: OfferPresentation) -> None:
        at = row.presented_at + timedelta(seconds=self.chance.randrange(2, 20))
        record(row, "impression", at)
        for name, likelihood in RESPONSES[row.offer.kind]:
            if self.chance.random() < likelihood:
                at += timedelta(seconds=self.chance.randrange(3, 60))
                record(row, name, at)
                break

    def take_back(self) -> None:
        """Cancel a few orders and refund a few others, as it happens."""
        sold = list(Order.objects.filter(status=Order.Status.SHIPPED).order_by("pk"))
        for order in sold[10::31]:
            order.status = Order.Status.CANCELLED
            order.save(update_fields=["status"])
            purchases.cancelled(order)
        for order in sold[17::43]:
            order.status = Order.Status.REFUNDED
            order.save(update_fields=["status"])
            purchases.refunded(order)


def address(shopper: Shopper) -> dict[str, str]:
    return {
        "email": shopper.email,
        "first_name": shopper.name.partition("-")[0],
        "last_name": "Customer",
        "phone": shopper.phone,
        "street": "Harbour Road 1",
        "postcode": shopper.postcode,
        "city": shopper.city,
        "country": shopper.country,
        "language": shopper.language,
        "currency": settings.SHOP_CURRENCY,
    }


def record(row: OfferPresentation, name: str, at: datetime) -> None:
    is_link = name == "click"
    record_event(
        name=name,
        subject=EventSubject(
            offer_id=row.offer_id,
            variant_id=row.variant_id,
            presentation_id=str(row.pk),
            customer_id=row.customer_id,
        ),
        source=OfferEvent.Source.LINK if is_link else OfferEvent.Source.BEACON,
        now=at,
    )
    if name == "dismiss":
        OfferPresentation.objects.filter(pk=row.pk).update(dismissed_at=at)
    elif name in ("click", "share"):
        OfferPresentation.objects.filter(pk=row.pk).update(done_at=at)


def place_fresh_order(products: list[Product]) -> Order:
    """Place one order a moment ago, by a guest who has never bought before."""
    chosen = [product for product in products if product.slug in ("tide-mug", "teapot")]
    order = Order.objects.create(
        total=sum((product.price for product in chosen), Decimal(0)), **address(FRESH)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=product,
            sku=product.sku,
            title=product.name,
            category=product.category.name,
            unit_price=product.price,
            unit_cost=product.cost,
        )
        for product in chosen
    )
    purchases.completed(order)
    return order
