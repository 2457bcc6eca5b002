"""Oscar's basket as our `Basket`: what one of our codes takes off it, and taking that off.

Amounts are with or without tax as `OSCAR_OFFERS_INCL_TAX` says, like those of Oscar's own offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from oscar.core.loading import get_class, get_classes
from oscar.core.utils import get_default_currency

from django_ppx import codes
from django_ppx.contrib.oscar.products import category_path
from django_ppx.contrib.oscar.shoppers import order_ref_of, shopper_of
from django_ppx.core.money import Money
from django_ppx.exceptions import Refusal
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.shop.types import Basket, BasketLine

SOME_CHARGE: Final = Decimal(1)
"""Oscar knows the shipping charge later: this one says whether a code takes something off the shipping."""

ANY_CHARGE: Final = Decimal(1_000_000_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenLine:
    """A line of Oscar's basket that an offer may still discount, and what it costs before that."""

    line: Any
    quantity: int
    total: Decimal


def quote(basket: Any, offer: Any, *, code: str) -> codes.Quote:
    """Return what the code takes off Oscar's basket, through the offer that mirrors it.

    Of the shipping, whatever it costs, it is one unit.

    :raises RedemptionRefused: when it is not good for this basket.
    """
    return codes.quote(code, basket=as_basket(basket, offer, code=code))


def take_off(basket: Any, offer: Any) -> Any:
    """Take off Oscar's basket what the code of the offer's voucher comes to, and return Oscar's result.

    A refusal takes nothing off. Who wants to know why asks `quote`.
    """
    basket_discount, shipping_discount, nothing = get_classes(
        "offer.results", ["BasketDiscount", "SHIPPING_DISCOUNT", "ZERO_DISCOUNT"]
    )
    voucher = offer.get_voucher()
    if voucher is None:  # a member of the staff has made the offer one for everybody
        return nothing
    try:
        quoted = quote(basket, offer, code=voucher.code)
    except Refusal:
        return nothing
    if not quoted.discount.amount:
        # In memory alone: the offer is asked for the shipping within this request.
        offer.benefit.value = _most_off_shipping(quoted)
        return shipping_discount
    apply_discount = get_class("offer.benefits", "apply_discount")
    lines = list(_open_lines(basket, offer))
    for open_line, share in zip(lines, quoted.line_discounts, strict=True):
        if share.amount:
            apply_discount(open_line.line, share.amount, open_line.quantity, offer)
    return basket_discount(sum((share.amount for share in quoted.line_discounts), Decimal(0)))


def _most_off_shipping(quoted: codes.Quote) -> Decimal:
    """Return the code's limit for what it takes off a shipping charge; without one, more than any charge."""
    stored = DiscountCode.objects.values_list("terms", flat=True).get(code=quoted.value)
    currency = quoted.shipping_discount.currency
    money = FrozenTerms.from_json(stored).in_currency(currency)
    if money is None or money.maximum_discount is None:
        return ANY_CHARGE
    return Money.from_minor(money.maximum_discount, currency).amount


def as_basket(basket: Any, offer: Any, *, code: str) -> Basket:
    """Return Oscar's basket as the code finds it."""
    lines = tuple(
        BasketLine(
            sku=found.line.stockrecord.partner_sku,
            category_path=category_path(found.line.product),
            quantity=Decimal(found.quantity),
            total=found.total,
        )
        for found in _open_lines(basket, offer)
    )
    others = basket.vouchers.exclude(code=code).values_list("code", flat=True) if basket.pk else ()
    return Basket(
        currency=basket.currency or get_default_currency(),
        total=sum((line.total for line in lines), Decimal(0)),
        shipping=SOME_CHARGE,
        lines=lines,
        customer=shopper_of(basket),
        other_codes=tuple(others),
        order_ref=order_ref_of(basket),
    )


def _open_lines(basket: Any, offer: Any) -> Iterator[OpenLine]:
    """Yield the lines that Oscar's own rules leave to the offer, as the offer finds them."""
    for line in basket.all_lines():
        quantity = line.quantity_available_for_offer(offer)
        if not (quantity and line.stockrecord and line.product.is_discountable):
            continue
        # Not `unit_effective_price`: some of Oscar's strategies give the price with tax whatever the setting says.
        is_incl_tax = getattr(settings, "OSCAR_OFFERS_INCL_TAX", False)
        price = line.unit_price_incl_tax if is_incl_tax else line.unit_price_excl_tax
        if price:
            taken = sum(_taken_before(line, offer), Decimal(0))
            yield OpenLine(
                line=line, quantity=quantity, total=max(price * quantity - taken, Decimal(0))
            )


def _taken_before(line: Any, offer: Any) -> Iterator[Decimal]:
    for discount in line.discounts:
        if discount.offer == offer:
            return
        yield discount.amount
