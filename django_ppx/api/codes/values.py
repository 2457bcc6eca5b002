"""What was read of a body, as a basket or an order; a redemption as an answer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django_ppx.api.orders.values import as_customer, as_order
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.showing import amount, instant
from django_ppx.core.orders import order_of
from django_ppx.core.recording import check_order, load_purchase
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.baskets import check_basket
from django_ppx.rewards.models import CodeRedemption
from django_ppx.rewards.quoting import Quote
from django_ppx.rewards.redeeming import as_basket
from django_ppx.shop.types import Basket, BasketLine, Order


def read_basket(values: Mapping[str, Any]) -> Basket:
    """Return the basket that was sent. :raises InvalidOrder: when one of its amounts is out of range."""
    basket = Basket(
        **{
            **values,
            "customer": as_customer(values.get("customer")),
            "lines": tuple(BasketLine(**line) for line in values.get("lines", ())),
            "other_codes": tuple(values.get("other_codes", ())),
        }
    )
    check_basket(basket)
    return basket


def read_order(body: Mapping[str, Any], *, discount: Decimal | None) -> Order:
    """Return the order that was sent, or the recorded one that is named.

    :raises InvalidOrder: when it can't be used.
    :raises Problem: when none is recorded under that number.
    """
    if "order" in body:
        order = as_order(body["order"])
        check_order(order)
    else:
        record = load_purchase(order_ref=body["order_ref"])
        if record is None:
            raise Problem(Reason.NOT_FOUND)
        order = order_of(record)
    check_basket(as_basket(order, discount=discount))
    return order


def quote_json(quote: Quote) -> dict[str, Any]:
    return {
        "code": quote.code,
        "currency": quote.discount.currency,
        "discount": f"{quote.discount.amount:f}",
        "shipping_discount": f"{quote.shipping_discount.amount:f}",
        "total_discount": f"{quote.total_discount.amount:f}",
        "line_discounts": [f"{each.amount:f}" for each in quote.line_discounts],
        "text": quote.summary,
    }


def redemption_json(redemption: CodeRedemption) -> dict[str, Any]:
    code = redemption.code
    is_held = redemption.status == CodeRedemption.Status.RESERVED
    return {
        "code": grouped_as(code.code, code.terms),
        "order_ref": redemption.order_ref,
        "status": redemption.status,
        "currency": redemption.currency,
        "discount": amount(redemption.discount_minor, redemption.currency),
        "reserved_until": instant(redemption.reserved_until) if is_held else None,
        "redeemed_at": instant(redemption.redeemed_at),
        "released_at": instant(redemption.released_at),
    }
