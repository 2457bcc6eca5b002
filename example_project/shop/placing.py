"""Placing an order: one transaction, in which the code is used up or nothing happens at all."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language

from django_ppx import codes, purchases
from django_ppx.shop import types

from .basket import Basket
from .models import Order, OrderLine
from .pricing import Price, price


@transaction.atomic
def place_order(*, request: HttpRequest, basket: Basket, details: dict[str, Any]) -> Order:
    """Create the order of this basket and use its code up.

    :raises django_ppx.exceptions.Refusal: when the code is no longer good. Then there is no order.
    """
    user = request.user if request.user.is_authenticated else None
    sums = price(request, basket, buyer(request, details))
    order = Order.objects.create(
        **details,
        **request.session.get("campaign", {}),
        user=user,
        language=get_language() or "en",
        **amounts(sums),
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=line.product,
            sku=line.product.sku,
            title=line.product.title,
            category=line.product.category.name,
            quantity=line.quantity,
            unit_price=line.product.price,
            unit_cost=line.product.cost,
        )
        for line in basket
    )
    if sums.code:
        # Between the price that was shown and this line another order may have used the code:
        # `redeem` is what decides, and it answers one order only.
        codes.redeem(sums.code, order=order, request=request, discount=sums.discount)
    transaction.on_commit(lambda: purchases.completed(order, request=request), robust=True)
    return order


def buyer(request: HttpRequest, details: dict[str, Any]) -> types.Customer:
    """Return who is about to buy, as far as a code cares."""
    return types.Customer(
        account_id=str(request.user.pk) if request.user.is_authenticated else "",
        email=details["email"],
        phone=details["phone"],
        country=details["country"],
    )


def amounts(sums: Price) -> dict[str, Any]:
    return {
        "currency": settings.SHOP_CURRENCY,
        "shipping": sums.shipping,
        "discount_code": sums.code,
        "discount_amount": sums.discount,
        "total": sums.total,
    }
