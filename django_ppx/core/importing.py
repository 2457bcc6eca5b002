"""Taking many orders of the shop's history into our tables at once, with what `record_purchase` would make of each.

A batch is planned in memory and stored with a statement per table. An order that makes a guest and an account one
customer is left to `record_purchase`; so is a whole batch that another process got in the way of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import DataError, IntegrityError, connections, models, router

from django_ppx.core.customers import new_customer, update_details
from django_ppx.core.identity import customer_keys
from django_ppx.core.ledger import complete_ledger, first_entries
from django_ppx.core.models import Customer, CustomerKey, Purchase, PurchaseEntry, PurchaseLine
from django_ppx.core.recording import (
    OrderColumns,
    new_lines,
    new_purchase,
    order_columns,
    record_purchase,
)
from django_ppx.core.retrying import run_retrying
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop.adapter import HostOrder, ShopAdapter


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadOrder:
    """An order that was not imported, and why."""

    number: str
    """As far as it could be read."""
    reason: str


@dataclass(kw_only=True, slots=True)
class BatchResult:
    """What became of a batch."""

    recorded: int = 0
    known: int = 0
    unread: list[UnreadOrder] = field(default_factory=list)
    placed_at: list[datetime] = field(default_factory=list)
    """Of the orders that could be read, in the order of the batch."""


def import_batch(*, orders: Sequence[HostOrder], shop: ShopAdapter, now: datetime) -> BatchResult:
    """Record those of `orders` that are not, and return what became of each. Safe to run twice.

    No signal is sent and nothing is given. A purchase that exists is left as it is, and gets the first entries of the
    ledger if it has none.

    :raises TransactionConflict: see `run_retrying`.
    """
    result = BatchResult()
    read = _read(orders, shop, result)
    known = {
        purchase.order_ref: purchase
        for purchase in Purchase.objects.filter(order_ref__in=list(read))
    }
    _complete(read, known, now)
    fresh = [columns for order_ref, columns in read.items() if order_ref not in known]
    result.known += len(read) - len(fresh)
    if not fresh:
        return result
    try:
        run_retrying(partial(_store, fresh, now))
        result.recorded += len(fresh)
    except (IntegrityError, DataError, InvalidOrder):  # one of them is in the way: which?
        _record_each(fresh, now, result)
    return result


def _read(
    orders: Iterable[HostOrder], shop: ShopAdapter, result: BatchResult
) -> dict[str, OrderColumns]:
    """Return what could be read, by order number; the rest is noted in `result`."""
    read: dict[str, OrderColumns] = {}
    for order in orders:
        try:
            columns = order_columns(shop.order(order))
        except Exception as error:  # whatever the shop's adapter raises
            unread = UnreadOrder(number=_number(order, shop), reason=_words(error))
            result.unread.append(unread)
            continue
        result.placed_at.append(columns.order.placed_at)
        if columns.purchase["order_ref"] in read:
            result.known += 1
        else:
            read[columns.purchase["order_ref"]] = columns
    return read


def _complete(read: dict[str, OrderColumns], known: dict[str, Purchase], now: datetime) -> None:
    """Give the known purchases that have no entries their first ones."""
    purchases = {purchase.pk: purchase for purchase in known.values() if not purchase.is_test}
    opened = PurchaseEntry.objects.filter(purchase__in=list(purchases), type="purchase")
    for purchase_id in set(purchases) - set(opened.values_list("purchase_id", flat=True)):
        purchase = purchases[purchase_id]
        columns = read.get(purchase.order_ref)
        if columns is not None:
            money = columns.money if purchase.currency == columns.order.currency else None
            run_retrying(partial(complete_ledger, purchase=purchase, money=money, now=now))


def _store(batch: Sequence[OrderColumns], now: datetime) -> None:
    at = 0
    keys = {
        columns.purchase["order_ref"]: customer_keys(columns.order.customer) for columns in batch
    }
    while at < len(batch):
        plan = _Plan(batch[at:], keys, now)
        while at < len(batch) and plan.add(batch[at]):
            at += 1
        plan.store()
        if at < len(batch):
            record_purchase(order=batch[at].order, now=now, is_history=True)
            at += 1


def _record_each(batch: Iterable[OrderColumns], now: datetime, result: BatchResult) -> None:
    for columns in batch:
        try:
            record = record_purchase(order=columns.order, now=now, is_history=True)
        except (IntegrityError, DataError, InvalidOrder) as error:
            unread = UnreadOrder(number=columns.purchase["order_ref"], reason=_words(error))
            result.unread.append(unread)
        else:
            result.recorded += record.is_new
            result.known += not record.is_new


@dataclass(slots=True, eq=False)
class _Person:
    """A customer as the orders planned so far leave them."""

    customer: Customer
    last_placed_at: datetime | None
    changed: set[str] = field(default_factory=set)


class _Plan:
    """The rows of orders that need no merging of customers, to be stored together."""

    def __init__(
        self, batch: Iterable[OrderColumns], keys: Mapping[str, tuple[str, ...]], now: datetime
    ) -> None:
        """Plan for orders of `batch`; `keys` are those of each one's customer, by order number."""
        self.now = now
        self.keys_of = keys
        self.people = _known_people(
            {key for columns in batch for key in keys[columns.purchase["order_ref"]]}
        )
        self.customers: list[Customer] = []
        self.keys: list[CustomerKey] = []
        self.purchases: list[Purchase] = []
        self.lines: list[PurchaseLine] = []
        self.entries: list[PurchaseEntry] = []

    def add(self, columns: OrderColumns) -> bool:
        """Plan the order's rows, unless it makes two customers one: then return False."""
        person = self._person(columns)
        if person is None:
            return False
        purchase = new_purchase(columns, customer=person.customer, now=self.now)
        self.purchases.append(purchase)
        self.lines += new_lines(columns, purchase)
        self.entries += first_entries(purchase=purchase, money=columns.money, now=self.now)
        if purchase.status == Purchase.Status.PLACED and not purchase.is_test:
            last = person.last_placed_at
            person.last_placed_at = max(last, purchase.placed_at) if last else purchase.placed_at
        return True

    def store(self) -> None:
        changed = {id(person): person for person in self.people.values() if person.changed}
        for person in changed.values():
            if person.customer.pk is not None:  # else it is stored whole, below
                person.customer.save(update_fields=sorted(person.changed))
        _insert_with_keys(Customer, self.customers)
        CustomerKey.objects.bulk_create(self.keys)
        _insert_with_keys(Purchase, self.purchases)
        PurchaseLine.objects.bulk_create(self.lines)
        PurchaseEntry.objects.bulk_create(self.entries)

    def _person(self, columns: OrderColumns) -> _Person | None:
        """Return who bought, as `resolve_customer` would; None where a guest has to be merged."""
        keys = self.keys_of[columns.purchase["order_ref"]]
        owner = self.people.get(keys[0]) if keys else None
        second = self.people.get(keys[1]) if len(keys) > 1 else None
        if owner is None and second is not None and not second.customer.is_guest:
            return self._newcomer(columns, keys[:1])
        main = owner or second
        if main is None:
            return self._newcomer(columns, keys)
        if main is not second and second is not None and second.customer.is_guest:
            return None
        self._claim(main, (key for key in keys if key not in self.people))
        last = main.last_placed_at
        is_newer = last is None or columns.order.placed_at >= last
        main.changed.update(update_details(main.customer, columns.order.customer, replace=is_newer))
        return main

    def _newcomer(self, columns: OrderColumns, keys: Iterable[str]) -> _Person:
        person = _Person(new_customer(columns.order.customer, now=self.now), None)
        self.customers.append(person.customer)
        self._claim(person, keys)
        return person

    def _claim(self, person: _Person, keys: Iterable[str]) -> None:
        for key in list(keys):
            self.people[key] = person
            self.keys.append(CustomerKey(key=key, customer=person.customer))


def _known_people(keys: Iterable[str]) -> dict[str, _Person]:
    """Return the stored customers that have one of the keys, by their keys. One query."""
    people: dict[int, _Person] = {}
    found: dict[str, _Person] = {}
    for stored in CustomerKey.objects.of(keys).with_customer_history():
        last: datetime | None = stored.last_placed_at  # type: ignore[attr-defined]
        found[stored.key] = people.setdefault(stored.customer_id, _Person(stored.customer, last))
    return found


def _insert_with_keys(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Store the rows and give each its primary key."""
    if connections[router.db_for_write(model)].features.can_return_rows_from_bulk_insert:
        model._default_manager.bulk_create(rows)
        return
    for row in rows:  # MySQL
        row.save(force_insert=True)


def _number(order: HostOrder, shop: ShopAdapter) -> str:
    try:
        return shop.order_ref(order)
    except Exception:  # then the number is what can't be read
        return "?"


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, InvalidOrder) else f"{type(error).__name__}: {error}"
