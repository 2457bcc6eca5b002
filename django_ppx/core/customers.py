"""Who an order belongs to: customers found by their keys, created, and merged when they register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, models, transaction

from django_ppx.core.identity import customer_keys
from django_ppx.core.models import Customer, CustomerKey
from django_ppx.core.texts import clean_text
from django_ppx.shop import types

_TEXTS: Final[dict[str, int | None]] = {
    field.name: field.max_length
    for field in Customer._meta.concrete_fields
    if isinstance(field, models.CharField)
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedCustomer:
    """The customer of an order about to be recorded."""

    customer: Customer
    earlier_orders: int
    """Valid purchases so far."""
    is_new: bool


def resolve_customer(
    *, customer: types.Customer, placed_at: datetime, now: datetime
) -> ResolvedCustomer:
    """Return the stored customer that `customer` names, created or merged as its keys ask.

    Call it in a transaction.

    One query for a known customer, three for a new one. A newer order's details replace the stored
    ones; an older order's (a history import) only fill what is empty.
    """
    keys = customer_keys(customer)
    known = _known_customers(keys)
    if not known:
        try:
            with transaction.atomic():
                return ResolvedCustomer(
                    customer=_create(customer, keys, now), earlier_orders=0, is_new=True
                )
        except IntegrityError:  # another process has just created this person
            known = _known_customers(keys, for_update=True)
            if not known:
                raise
    return _settle(customer, keys, known, placed_at=placed_at, now=now)


def merge_customers(*, guest: Customer, into: Customer) -> None:
    """Move everything of `guest` to `into`; `guest` stays as a row that says where it went.

    Where both have what one person has once (a reward for the same reason), the guest's stays with the guest.
    Safe to run twice.
    """
    with transaction.atomic():
        list(Customer.objects.select_for_update().filter(pk__in=[guest.pk, into.pk]).order_by("pk"))
        for relation in Customer._meta.related_objects:
            name = relation.field.name
            rows = relation.related_model._default_manager.filter(**{name: guest})
            if not _moved(rows, {name: into}):
                for row_id in list(rows.values_list("pk", flat=True)):
                    _moved(rows.filter(pk=row_id), {name: into})
                _settle_left(relation.related_model._default_manager, guest, into)
        changed = _fill(
            into,
            {name: getattr(guest, name) for name in (*_TEXTS, "birthday", "interests")},
            replace=False,
        )
        if changed:
            into.save(update_fields=changed)
        guest.merged_into = into
        guest.save(update_fields=["merged_into"])


def _settle_left(manager: Any, guest: Customer, into: Customer) -> None:
    """Let a table whose rows do more than stay behind (the earliest exposure wins) say what becomes of them."""
    if hasattr(manager, "settle_merge"):
        manager.settle_merge(guest=guest, into=into)


def _moved(rows: models.QuerySet[Any], columns: dict[str, Customer]) -> bool:
    """Move the rows, unless a rule of their table forbids it; then none of them is moved."""
    try:
        with transaction.atomic():
            rows.update(**columns)
    except IntegrityError:
        return False
    return True


def _known_customers(keys: Iterable[str], *, for_update: bool = False) -> dict[str, CustomerKey]:
    keys = list(keys)
    if not keys:
        return {}
    stored = CustomerKey.objects.of(keys).with_customer_history()
    if for_update:  # the newest committed rows, also where the transaction reads from a snapshot
        list(CustomerKey.objects.select_for_update().filter(key__in=keys).order_by("pk"))
    return {key.key: key for key in stored}


def _settle(
    details: types.Customer,
    keys: tuple[str, ...],
    known: dict[str, CustomerKey],
    *,
    placed_at: datetime,
    now: datetime,
) -> ResolvedCustomer:
    """Return the customer among those that the keys name, after claiming and merging."""
    owner = known.get(keys[0])
    second = known.get(keys[1]) if len(keys) > 1 else None
    if owner is None and second is not None and not second.customer.is_guest:
        # The address belongs to another account: this one begins without it.
        created = _create(details, keys[:1], now)
        return ResolvedCustomer(customer=created, earlier_orders=0, is_new=True)
    main = owner or second
    if main is None:
        raise RuntimeError("No stored key among those asked for.")
    customer, orders = main.customer, main.orders  # type: ignore[attr-defined]
    if (
        owner is not None
        and second is not None
        and second.customer_id != customer.pk
        and second.customer.is_guest
    ):
        merge_customers(guest=second.customer, into=customer)
        orders += second.orders  # type: ignore[attr-defined]
    free = [key for key in keys if key not in known]
    if free:
        CustomerKey.objects.bulk_create(CustomerKey(key=key, customer=customer) for key in free)
    last_placed_at = main.last_placed_at  # type: ignore[attr-defined]
    is_newer = last_placed_at is None or placed_at >= last_placed_at
    changed = update_details(customer, details, replace=is_newer)
    if changed:
        customer.save(update_fields=changed)
    return ResolvedCustomer(customer=customer, earlier_orders=orders, is_new=False)


def _create(details: types.Customer, keys: Iterable[str], now: datetime) -> Customer:
    customer = new_customer(details, now=now)
    customer.save(force_insert=True)
    CustomerKey.objects.bulk_create(CustomerKey(key=key, customer=customer) for key in sorted(keys))
    return customer


def new_customer(details: types.Customer, *, now: datetime) -> Customer:
    """Return a customer of these details, not stored."""
    customer = Customer(created_at=now)
    _fill(customer, _columns(details), replace=True)
    return customer


def update_details(customer: Customer, details: types.Customer, *, replace: bool) -> list[str]:
    """Set what `details` knows and return the names of the columns that changed. Nothing is stored.

    An account's id is never replaced; the rest only where `replace` says so, or nothing is known yet.
    """
    columns = _columns(details)
    account_id = columns.pop("account_id")
    changed = _fill(customer, columns, replace=replace)
    return changed + _fill(customer, {"account_id": account_id}, replace=False)


def _columns(details: types.Customer) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: clean_text(getattr(details, name), max_length) for name, max_length in _TEXTS.items()
    }
    columns["birthday"] = details.birthday
    columns["interests"] = [clean_text(interest, 100) for interest in details.interests or ()]
    return columns


def _fill(customer: Customer, columns: dict[str, Any], *, replace: bool) -> list[str]:
    """Set what `columns` knows and return the names that changed; `replace` overwrites."""
    changed = []
    for name, value in columns.items():
        stored = getattr(customer, name)
        if value and value != stored and (replace or not stored):
            setattr(customer, name, value)
            changed.append(name)
    return changed
