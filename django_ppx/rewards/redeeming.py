"""Reserving a code while the customer pays, and using it up for the order. Exactly once, whoever else tries.

How a use is taken stands in `uses`; how it is given back in `releasing`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from django_ppx.core.money import to_minor
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.models import CodeRedemption
from django_ppx.rewards.order_refs import checked_ref
from django_ppx.rewards.planning import UseRequest
from django_ppx.rewards.uses import use_code
from django_ppx.shop.types import Basket, BasketLine, Order

_LARGEST_MINOR: Final = 2**63 - 1


def redeem_code(
    *, code: str, order: Order, now: datetime, discount: Decimal | None = None
) -> CodeRedemption:
    """Return the redemption of the typed code by `order`, made now unless the order has it already.

    A use that the order has reserved is made good, also when the reservation has run out, as long as nobody else took
    it. `discount` is what the shop really took off, in major units; without it the code is priced against the order.
    `code_redeemed` is sent after commit.

    :raises RedemptionRefused: when the code is not good for this order; then nothing has changed.
    :raises InvalidOrder: when the order has no usable number, or `discount` is no amount.
    :raises TransactionConflict: see `run_retrying`.
    """
    granted = _minor(discount, order.currency)
    return use_code(
        UseRequest(
            text=code,
            order_ref=checked_ref(order.number),
            basket=as_basket(order, discount=discount),
            now=now,
            granted_minor=granted,
        )
    )


def reserve_code(
    *,
    code: str,
    order_ref: str,
    basket: Basket,
    now: datetime,
    ttl_seconds: int,
    discount: Decimal | None = None,
) -> CodeRedemption:
    """Return the use of the typed code that is held for the order for `ttl_seconds`, taken now unless it has one.

    Asked again, the order holds it for longer. Nobody else gets the use meanwhile; when the time is over and the order
    has not redeemed it, whoever wants it next does. `code_reserved` is sent after commit.

    :raises RedemptionRefused: when the code is not good for this basket; then nothing has changed.
    :raises InvalidOrder: when the number is unusable, or `discount` is no amount.
    :raises TransactionConflict: see `run_retrying`.
    """
    return use_code(
        UseRequest(
            text=code,
            order_ref=checked_ref(order_ref),
            basket=basket,
            now=now,
            granted_minor=_minor(discount, basket.currency),
            reserve_until=now + timedelta(seconds=ttl_seconds),
        )
    )


def as_basket(order: Order, *, discount: Decimal | None = None) -> Basket:
    """Return the order as the basket that it was before any code took something off.

    The goods are the greater of what the lines come to and what was paid for them before the discount: an order is not
    refused for the very discount that the code gave it, whether or not the shop spreads it over the lines.
    """
    taken_off = order.discount_total if discount is None else discount
    lines = tuple(
        BasketLine(
            sku=line.sku,
            category_path=line.category_path,
            quantity=line.quantity,
            total=line.total,
        )
        for line in order.lines
    )
    paid = order.total - order.shipping + taken_off
    return Basket(
        currency=order.currency,
        total=max(paid, sum((line.total for line in lines), Decimal(0))),
        shipping=order.shipping,
        lines=lines,
        customer=order.customer,
        other_codes=order.discount_codes,
    )


def _minor(discount: Decimal | None, currency: str) -> int | None:
    if discount is None:
        return None
    try:
        minor = to_minor(discount, currency)
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise InvalidOrder("The discount is no amount.") from error
    if not 0 <= minor <= _LARGEST_MINOR:
        raise InvalidOrder("The discount is negative or too large.")
    return minor
