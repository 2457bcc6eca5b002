"""The front door for discount codes: `quote`, `reserve`, `redeem`, `release`, and the code a shopper typed.

A code that is not good is a `RedemptionRefused` (a `django_ppx.exceptions.Refusal`): `str(error)` is a sentence that
may be shown to whoever asked, `error.reason` the truth for the shop's own records. A fault of ours is logged on
"django_ppx", leaves the caller's transaction usable and arrives as a refusal with the reason `unavailable`; under
`DEBUG` the exception itself is raised.

Where a request is given, whoever asks for codes that are none too often is refused with the reason `throttled`; see
`rewards.guessing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain
from django_ppx.core.retrying import TransactionConflict
from django_ppx.exceptions import InvalidOrder, Misconfigured, PpxError, Refusal
from django_ppx.rewards.guessing import ask_guarded
from django_ppx.rewards.links import apply_path, apply_url
from django_ppx.rewards.models import CodeRedemption
from django_ppx.rewards.quoting import Quote, quote_code
from django_ppx.rewards.redeeming import redeem_code, reserve_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.visitors import customer_of, forget, remember, remembered
from django_ppx.shop.adapter import HostOrder, get_shop
from django_ppx.shop.types import Basket, Customer

__all__ = [
    "Busy",
    "Quote",
    "RedemptionRefused",
    "apply_path",
    "apply_url",
    "forget",
    "quote",
    "redeem",
    "release",
    "remember",
    "remembered",
    "reserve",
]

Busy: Final = TransactionConflict
"""Another transaction got in the way of ours, inside a transaction of the caller: begin that one again."""

_FOR_THE_CALLER: Final = (Refusal, InvalidOrder, Misconfigured, TransactionConflict)

Answer = TypeVar("Answer")


def quote(code: str, *, basket: Basket, request: HttpRequest | None = None) -> Quote:
    """Return what the code, however typed, takes off `basket`. Nothing is reserved or used up.

    Where the basket names no customer, the account logged in at `request` is taken.

    :raises RedemptionRefused: when the code is not good for this basket.
    """
    if basket.customer == Customer():
        basket = replace(basket, customer=customer_of(request))
    ask = partial(quote_code, code=code, basket=basket, now=timezone.now())
    return _answer("codes.quote", _guarded(code, request, ask))


def reserve(
    code: str,
    *,
    order_ref: str,
    basket: Basket,
    request: HttpRequest | None = None,
    discount: Decimal | None = None,
    minutes: int | None = None,
) -> CodeRedemption:
    """Hold one use of the code for the order that is about to be paid, and return it. Nobody else gets it meanwhile.

    `order_ref` is the number that the order will have; `redeem` for the order of that number makes the use good,
    `release` gives it back, and after `minutes` (default: `PPX_RESERVATION_MINUTES`) whoever wants it next gets it.
    The same order asking again holds it for longer. `discount` is as for `redeem`.

    :raises RedemptionRefused: when the code is not good for this basket: take the discount off, before the payment.
    :raises Busy: inside a transaction of the caller that has to begin again.
    :raises InvalidOrder: when `order_ref` is no number of an order.
    """
    if basket.customer == Customer():
        basket = replace(basket, customer=customer_of(request))
    held = ppx_settings.PPX_RESERVATION_MINUTES if minutes is None else minutes

    def hold() -> CodeRedemption:
        return reserve_code(
            code=code,
            order_ref=order_ref,
            basket=basket,
            now=timezone.now(),
            ttl_seconds=held * 60,
            discount=discount,
        )

    return _answer("codes.reserve", _guarded(code, request, hold))


def redeem(
    code: str,
    *,
    order: HostOrder,
    request: HttpRequest | None = None,
    discount: Decimal | None = None,
) -> CodeRedemption:
    """Use the code up for the shop's order, in the transaction that places it, and return the redemption.

    The same order asking again gets the same redemption. Of two orders that want one use, one gets it.

    The conditions are checked against the order once more. What is booked is `discount`, the amount that the shop took
    off (goods and shipping, in major units); without it, what the code comes to for the order as the adapter reads it.

    :raises RedemptionRefused: when the code is not good for this order: place no order, or one without the discount.
    :raises Busy: inside a transaction of the caller that has to begin again.
    :raises InvalidOrder: when the adapter can't read the order.
    """

    def use() -> CodeRedemption:
        read = get_shop().order(order, request)
        return redeem_code(code=code, order=read, discount=discount, now=timezone.now())

    return _answer("codes.redeem", _guarded(code, request, use))


def release(
    code: str, *, order: HostOrder | str, is_held_only: bool = False
) -> CodeRedemption | None:
    """Give the use of an order that will not be, back to the code. Safe to run twice.

    Returns the redemption, or None when the order never had one. `order` may be its number. With `is_held_only` a use
    is given back that is reserved, and none that was redeemed: for one who can't know whether the order was placed.

    :raises Busy: inside a transaction of the caller that has to begin again.
    :raises RedemptionRefused: with the reason `unavailable`, when a fault of ours was in the way; nothing has changed.
    """

    def give_back() -> CodeRedemption | None:
        order_ref = order if isinstance(order, str) else get_shop().order_ref(order)
        return release_code(
            code=code, order_ref=order_ref, now=timezone.now(), is_held_only=is_held_only
        )

    return _answer("codes.release", give_back)


def _guarded(
    code: str, request: HttpRequest | None, ask: Callable[[], Answer]
) -> Callable[[], Answer]:
    """Return `ask` behind the guard against guessing. Without a request nothing is limited."""
    return partial(ask_guarded, code, request=request, ask=ask, now=timezone.now())


def _answer(operation: str, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns; let its refusals out, and turn a fault of ours into one."""
    declined: PpxError | None = None
    answers: list[Answer] = []
    with contain(operation, loud=settings.DEBUG) as containment:
        try:
            answers.append(ask())
        except _FOR_THE_CALLER as error:
            declined = error
    if declined is not None:
        raise declined
    if containment.failed or not answers:
        raise RedemptionRefused(RedemptionRefused.Reason.UNAVAILABLE)
    return answers[0]
