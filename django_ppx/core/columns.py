"""An order of the shop as columns of our tables: checked, cleaned, in minor units. No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.core import get_global

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number
from django_ppx.core.models import Purchase
from django_ppx.core.money import convert_minor, exponent, to_minor
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop import types

_LARGEST_MINOR: Final = 2**63 - 1
_LARGEST_QUANTITY: Final = Decimal(10) ** 10


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderMoney:
    """What the ledger needs of an order's amounts and the purchase does not keep."""

    tax_minor: int = 0
    base_rate: Decimal | None = None
    cost_minor: Decimal | None = None
    """Of all lines, in minor units of the order's currency, not rounded. None: not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryAmounts:
    """The amounts of the ledger's first line. Minor units; `base_…` in the base currency, None where not known."""

    gross_minor: int
    net_minor: int
    base_currency: str
    base_net_minor: int | None
    base_cost_minor: int | None


def purchase_columns(order: types.Order) -> dict[str, Any]:
    """Return the columns of the order's purchase.

    :raises InvalidOrder: when the order can't be stored.
    """
    number = clean_text(order.number)
    if not number or len(number) > 100:
        raise InvalidOrder("An order needs a number of 1 to 100 characters.")
    _check_instant(order.placed_at)
    if order.currency not in get_global("all_currencies"):
        raise InvalidOrder(f"{order.currency!r} is no ISO 4217 currency.")
    total = _minor(order.total, order.currency)
    if total < 0:
        raise InvalidOrder("An order's total can't be negative.")
    status = _status(order.status)
    campaign = order.campaign
    return {
        "order_ref": number,
        "status": status,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "total_minor": total,
        "discount_minor": _minor(order.discount_total, order.currency),
        "shipping_minor": _minor(order.shipping, order.currency),
        "refunded_minor": total if status == Purchase.Status.REFUNDED else 0,
        "discount_codes": [clean_text(code, 100) for code in order.discount_codes or ()],
        "language": clean_text(order.customer.language, 15),
        "country": clean_text(order.customer.country, 2),
        "utm_source": clean_text(campaign.source, 150),
        "utm_medium": clean_text(campaign.medium, 150),
        "utm_campaign": clean_text(campaign.name, 150),
        "utm_term": clean_text(campaign.term, 150),
        "utm_content": clean_text(campaign.content, 150),
        "is_test": bool(order.is_test),
    }


def line_columns(line: types.OrderLine, currency: str) -> dict[str, Any]:
    """Return the columns of one line.

    :raises InvalidOrder: when a number is out of range.
    """
    quantity = _number(line.quantity)
    if abs(quantity) >= _LARGEST_QUANTITY:
        raise InvalidOrder("A line's quantity is out of range.")
    return {
        "sku": clean_text(line.sku, 150),
        "title": clean_text(line.title, 300),
        "category_path": clean_text(line.category_path, 500),
        "quantity": quantity.quantize(Decimal("0.0001")),
        "unit_price_minor": _minor(line.unit_price, currency),
        "total_minor": _minor(line.total, currency),
        "product_url": clean_text(line.product_url, 1000),
        "image_url": clean_text(line.image_url, 1000),
    }


def order_money(order: types.Order) -> OrderMoney:
    """Return what the order says of tax, rate and cost.

    :raises InvalidOrder: when one of them is no number, or out of range.
    """
    rate = None if order.base_rate is None else _number(order.base_rate)
    if rate is not None and rate <= 0:
        raise InvalidOrder("A rate of exchange is more than zero.")
    return OrderMoney(
        tax_minor=_minor(order.tax or Decimal(0), order.currency),
        base_rate=rate,
        cost_minor=_cost(order),
    )


def entry_amounts(
    *, total_minor: int, shipping_minor: int, currency: str, money: OrderMoney
) -> EntryAmounts:
    """Return what an order brought in. Net is never below zero nor above gross.

    50.00 with 4.90 for shipping and 7.20 of tax is 37.90.

    :raises InvalidOrder: when an amount in the base currency is out of range.
    """
    included = ppx_settings.PPX_REVENUE_INCLUDES
    net = total_minor
    net -= 0 if "shipping" in included else shipping_minor
    net -= 0 if "tax" in included else money.tax_minor
    net = min(max(net, 0), total_minor)
    base = base_currency(currency)
    return EntryAmounts(
        gross_minor=total_minor,
        net_minor=net,
        base_currency=base,
        base_net_minor=_in_base(net, currency, base, money.base_rate),
        base_cost_minor=(
            None
            if money.cost_minor is None
            else _in_base(money.cost_minor, currency, base, money.base_rate)
        ),
    )


def base_currency(currency: str) -> str:
    """Return the currency that an order of `currency` is reported in."""
    return ppx_settings.PPX_BASE_CURRENCY or ppx_settings.PPX_CURRENCY or currency


def _in_base(minor: int | Decimal, currency: str, base: str, rate: Decimal | None) -> int | None:
    rate = Decimal(1) if currency == base else rate
    if rate is None:
        return None
    try:
        converted = convert_minor(minor, currency, base, rate)
    except InvalidOperation as error:
        raise InvalidOrder("An amount in the base currency is out of range.") from error
    if abs(converted) > _LARGEST_MINOR:
        raise InvalidOrder("An amount in the base currency is out of range.")
    return converted


def _cost(order: types.Order) -> Decimal | None:
    """Return what the goods cost the shop; None unless every line that has goods says it."""
    lines = order.lines or ()
    costs = [line.cost for line in lines if line.cost is not None]
    scale = exponent(order.currency)
    known = sum((_number(cost) for cost in costs), Decimal(0))
    if abs(known) > _LARGEST_MINOR:
        raise InvalidOrder("A cost of the order is out of range.")
    if not lines or any(line.cost is None and _number(line.quantity) > 0 for line in lines):
        return None
    return known.scaleb(scale)


def _check_instant(placed_at: Any) -> None:
    if not isinstance(placed_at, datetime) or placed_at.tzinfo is None:
        raise InvalidOrder("The time an order was placed at is an aware datetime.")
    try:
        day_number(placed_at, ZoneInfo(ppx_settings.PPX_TIME_ZONE))
    except OverflowError as error:
        raise InvalidOrder("The time an order was placed at is out of range.") from error


def _minor(amount: Decimal, currency: str) -> int:
    try:
        minor = to_minor(_number(amount), currency)
    except InvalidOperation as error:
        raise InvalidOrder("An amount of the order is out of range.") from error
    if abs(minor) > _LARGEST_MINOR:
        raise InvalidOrder("An amount of the order is out of range.")
    return minor


def _number(value: Any) -> Decimal:
    """Return a finite number; adapters also give whole numbers, text, and floats (as they print)."""
    try:
        number = Decimal(str(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise InvalidOrder(f"A number of the order is none: a {type(value).__name__}.") from error
    if not number.is_finite():
        raise InvalidOrder("A number of the order is not finite.")
    return number


def _status(status: types.OrderStatus) -> Purchase.Status:
    if status == types.OrderStatus.CANCELLED:
        return Purchase.Status.CANCELLED
    if status == types.OrderStatus.REFUNDED:
        return Purchase.Status.REFUNDED
    return Purchase.Status.PLACED
