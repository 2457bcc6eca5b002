"""Taking an order into our tables, once, and reading it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

from babel.core import get_global
from django.db import IntegrityError, router, transaction
from django.db.models import QuerySet

from django_ppx.core.committing import after_commit
from django_ppx.core.customers import resolve_customer
from django_ppx.core.models import Customer, Purchase, PurchaseLine
from django_ppx.core.money import to_minor
from django_ppx.core.prepared import PreparedQuery
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop import types
from django_ppx.signals import purchase_recorded

_LARGEST_MINOR: Final = 2**63 - 1
_LARGEST_QUANTITY: Final = Decimal(10) ** 10


@dataclass(frozen=True, kw_only=True, slots=True)
class LineRecord:
    """One recorded line. Amounts are minor units of the purchase's currency."""

    sku: str
    title: str
    category_path: str
    quantity: Decimal
    unit_price_minor: int
    total_minor: int
    product_url: str
    image_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseRecord:
    """A purchase with its customer and lines, all loaded."""

    purchase: Purchase
    lines: tuple[LineRecord, ...]
    customer_orders: int
    """The customer's valid purchases, this one included if it is valid."""
    is_new: bool = False
    """Recorded just now."""
    is_new_customer: bool = False
    """The customer was created with this purchase, so there is no history to look for."""


def record_purchase(*, order: types.Order, now: datetime) -> PurchaseRecord:
    """Return the purchase of `order`, recorded now unless it was before. Two at once record one.

    The snapshot stays as first recorded. `purchase_recorded` is sent once, after commit. Five
    statements for a new customer, three for a known one.

    :raises InvalidOrder: when the order can't be stored: no number, no such currency, an amount out
        of range.
    :raises TransactionConflict: see `run_retrying`.
    """
    columns = _purchase_columns(order)
    lines = [_line_columns(line, order.currency) for line in order.lines or ()]
    return run_retrying(partial(_record_once, order, columns, lines, now))


def load_purchase(*, order_ref: str) -> PurchaseRecord | None:
    """Return the recorded purchase of this order number, or None. One query."""
    order_ref = clean_text(order_ref)
    using = router.db_for_read(Purchase)
    rows = _by_ref.rows(using=using, order_ref=order_ref)
    # A column that compares without case ("AB1" = "ab1") must not hand out another order.
    rows = [row for row in rows if row[_REF_AT] == order_ref]
    if not rows:
        return None
    first = rows[0]
    purchase = Purchase.from_db(using, _PURCHASE_COLUMNS, first[: len(_PURCHASE_COLUMNS)])
    purchase.customer = Customer.from_db(using, _CUSTOMER_COLUMNS, first[_CUSTOMER_AT:_ORDERS_AT])
    lines = (row[_ORDERS_AT + 1 :] for row in rows)
    return PurchaseRecord(
        purchase=purchase,
        lines=tuple(
            LineRecord(**dict(zip(LINE_COLUMNS, line, strict=True)))
            for line in lines
            if line[_TITLE_AT] is not None
        ),
        customer_orders=first[_ORDERS_AT],
    )


def _purchases_by_ref(order_ref: str) -> QuerySet[Any, Any]:
    return (
        Purchase.objects.filter(order_ref=order_ref)
        .with_customer_orders()
        .with_lines()
        .values_list(
            *_PURCHASE_COLUMNS,
            *(f"customer__{name}" for name in _CUSTOMER_COLUMNS),
            "customer_orders",
            *(f"line_{name}" for name in LINE_COLUMNS),
        )
    )


_PURCHASE_COLUMNS: Final = [field.attname for field in Purchase._meta.concrete_fields]
_CUSTOMER_COLUMNS: Final = [field.attname for field in Customer._meta.concrete_fields]
LINE_COLUMNS: Final = tuple(field.name for field in fields(LineRecord))
_REF_AT: Final = _PURCHASE_COLUMNS.index("order_ref")
_CUSTOMER_AT: Final = len(_PURCHASE_COLUMNS)
_ORDERS_AT: Final = _CUSTOMER_AT + len(_CUSTOMER_COLUMNS)
_TITLE_AT: Final = LINE_COLUMNS.index("title")
_by_ref: Final = PreparedQuery(_purchases_by_ref, marks={"order_ref": "<order_ref>"})


def check_order(order: types.Order) -> None:
    """Say whether `record_purchase` would take the order. Nothing is stored.

    :raises InvalidOrder: when it would not.
    """
    _purchase_columns(order)
    for line in order.lines or ():
        _line_columns(line, order.currency)


def _record_once(
    order: types.Order, columns: dict[str, Any], lines: Sequence[dict[str, Any]], now: datetime
) -> PurchaseRecord:
    try:
        with transaction.atomic():
            return _insert(order, columns, lines, now)
    except IntegrityError:
        # Another process has just recorded this order, or this customer with another order.
        if Purchase.objects.filter(order_ref=columns["order_ref"]).exists():
            return _recorded(columns["order_ref"])
    with transaction.atomic():
        return _insert(order, columns, lines, now)


def _recorded(order_ref: str) -> PurchaseRecord:
    record = load_purchase(order_ref=order_ref)
    if record is None:
        raise InvalidOrder("An order whose number differs only in case is recorded already.")
    return record


def _insert(
    order: types.Order, columns: dict[str, Any], lines: Sequence[dict[str, Any]], now: datetime
) -> PurchaseRecord:
    resolved = resolve_customer(customer=order.customer, placed_at=order.placed_at, now=now)
    purchase = Purchase(customer=resolved.customer, recorded_at=now, **columns)
    if purchase.status == Purchase.Status.CANCELLED:
        purchase.cancelled_at = now
    purchase.save(force_insert=True)
    PurchaseLine.objects.bulk_create(
        PurchaseLine(purchase=purchase, position=position, **line)
        for position, line in enumerate(lines)
    )
    after_commit(partial(purchase_recorded.send_robust, sender=Purchase, purchase=purchase))
    counts = purchase.status == Purchase.Status.PLACED and not purchase.is_test
    return PurchaseRecord(
        purchase=purchase,
        lines=tuple(LineRecord(**line) for line in lines),
        customer_orders=resolved.earlier_orders + counts,
        is_new=True,
        is_new_customer=resolved.is_new,
    )


def _purchase_columns(order: types.Order) -> dict[str, Any]:
    number = clean_text(order.number)
    if not number or len(number) > 100:
        raise InvalidOrder("An order needs a number of 1 to 100 characters.")
    placed_at: Any = order.placed_at
    if not isinstance(placed_at, datetime) or placed_at.tzinfo is None:
        raise InvalidOrder("The time an order was placed at is an aware datetime.")
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


def _line_columns(line: types.OrderLine, currency: str) -> dict[str, Any]:
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
