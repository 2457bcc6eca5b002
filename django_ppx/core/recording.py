"""Taking an order into our tables, once, and reading it back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.db import IntegrityError, router, transaction
from django.db.models import QuerySet

from django_ppx.core.columns import (
    OrderMoney,
    entry_amounts,
    line_columns,
    order_money,
    purchase_columns,
)
from django_ppx.core.committing import after_commit
from django_ppx.core.customers import resolve_customer
from django_ppx.core.ledger import store_first_entries
from django_ppx.core.models import Customer, Purchase, PurchaseLine
from django_ppx.core.prepared import PreparedQuery
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop import types
from django_ppx.signals import purchase_recorded


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


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderColumns:
    """An order that can be stored, as columns."""

    order: types.Order
    purchase: dict[str, Any]
    lines: tuple[dict[str, Any], ...]
    money: OrderMoney


def record_purchase(
    *, order: types.Order, now: datetime, is_history: bool = False
) -> PurchaseRecord:
    """Return the purchase of `order`, recorded now unless it was before. Two at once record one.

    The snapshot stays as first recorded, and the ledger's first entries are written with it. `purchase_recorded` is
    sent once, after commit, unless the order is a piece of history. Six statements for a new customer, four for a
    known one.

    :raises InvalidOrder: when the order can't be stored: no number, no such currency, an amount out
        of range.
    :raises TransactionConflict: see `run_retrying`.
    """
    columns = order_columns(order)
    return run_retrying(partial(_record_once, columns, now, is_history=is_history))


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
    order_columns(order)


def order_columns(order: types.Order) -> OrderColumns:
    """Return the order as columns.

    :raises InvalidOrder: when the order can't be stored.
    """
    columns = OrderColumns(
        order=order,
        purchase=purchase_columns(order),
        lines=tuple(line_columns(line, order.currency) for line in order.lines or ()),
        money=order_money(order),
    )
    entry_amounts(
        total_minor=columns.purchase["total_minor"],
        shipping_minor=columns.purchase["shipping_minor"],
        currency=order.currency,
        money=columns.money,
    )
    return columns


def new_purchase(columns: OrderColumns, *, customer: Customer, now: datetime) -> Purchase:
    """Return the purchase, not stored."""
    purchase = Purchase(customer=customer, recorded_at=now, **columns.purchase)
    if purchase.status == Purchase.Status.CANCELLED:
        purchase.cancelled_at = now
    return purchase


def new_lines(columns: OrderColumns, purchase: Purchase) -> list[PurchaseLine]:
    """Return the purchase's lines, not stored."""
    return [
        PurchaseLine(purchase=purchase, position=position, **line)
        for position, line in enumerate(columns.lines)
    ]


def _record_once(columns: OrderColumns, now: datetime, *, is_history: bool) -> PurchaseRecord:
    try:
        with transaction.atomic():
            return _insert(columns, now, is_history=is_history)
    except IntegrityError:
        # Another process has just recorded this order, or this customer with another order.
        order_ref = columns.purchase["order_ref"]
        if Purchase.objects.filter(order_ref=order_ref).exists():
            return _recorded(order_ref)
    with transaction.atomic():
        return _insert(columns, now, is_history=is_history)


def _recorded(order_ref: str) -> PurchaseRecord:
    record = load_purchase(order_ref=order_ref)
    if record is None:
        raise InvalidOrder("An order whose number differs only in case is recorded already.")
    return record


def _insert(columns: OrderColumns, now: datetime, *, is_history: bool) -> PurchaseRecord:
    order = columns.order
    resolved = resolve_customer(customer=order.customer, placed_at=order.placed_at, now=now)
    purchase = new_purchase(columns, customer=resolved.customer, now=now)
    purchase.save(force_insert=True)
    PurchaseLine.objects.bulk_create(new_lines(columns, purchase))
    store_first_entries(purchase=purchase, money=columns.money, now=now)
    if not is_history:
        after_commit(partial(purchase_recorded.send_robust, sender=Purchase, purchase=purchase))
    counts = purchase.status == Purchase.Status.PLACED and not purchase.is_test
    return PurchaseRecord(
        purchase=purchase,
        lines=tuple(LineRecord(**line) for line in columns.lines),
        customer_orders=resolved.earlier_orders + counts,
        is_new=True,
        is_new_customer=resolved.is_new,
    )
