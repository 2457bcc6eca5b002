"""Writing the purchases ledger: what an order brought in, and what of it went back.

What is left of an order is the sum of its entries, never below zero. Net goes back in proportion to gross: of an order
whose gross is G and net is N, N · left / G (rounded half even) is left, whatever the parts that it went back in. So
parts never lose a cent, and their order does not matter. The purchase's row is the lock under which entries are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number, day_of_number, month_number
from django_ppx.core.columns import OrderMoney, entry_amounts
from django_ppx.core.models import Purchase, PurchaseComplaint, PurchaseEntry
from django_ppx.core.money import to_minor
from django_ppx.core.prepared import PreparedInsert
from django_ppx.core.texts import clean_text

_LONGEST_REFERENCE: Final = 100
_Type = PurchaseEntry.Type
_insert: Final = PreparedInsert(PurchaseEntry)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The entries of one purchase, whose row is locked."""

    purchase: Purchase
    opening: PurchaseEntry
    entries: tuple[PurchaseEntry, ...]
    """The opening one included."""

    @property
    def gross_left(self) -> int:
        return sum(entry.gross_minor for entry in self.entries)

    def has(self, key: str) -> bool:
        return any(entry.key == key for entry in self.entries)


def store_first_entries(*, purchase: Purchase, money: OrderMoney, now: datetime) -> None:
    """Write the entries of a purchase that has none: one statement, one more where it has ended already."""
    using = str(purchase._state.db)
    for entry in first_entries(purchase=purchase, money=money, now=now):
        _insert.store(entry, using=using)


def first_entries(*, purchase: Purchase, money: OrderMoney, now: datetime) -> list[PurchaseEntry]:
    """Return the entries, not stored, of a purchase as it stands: none for a test order.

    What ended it before we first saw it is dated with the order, since nobody told us when that was.
    """
    if purchase.is_test:
        return []
    amounts = entry_amounts(
        total_minor=purchase.total_minor,
        shipping_minor=purchase.shipping_minor,
        currency=purchase.currency,
        money=money,
    )
    opening = PurchaseEntry(
        **_head(purchase, _Type.PURCHASE, "purchase"),
        **_days(purchase.placed_at, now),
        order_day_no=day_number(purchase.placed_at, _zone()),
        gross_minor=amounts.gross_minor,
        net_minor=amounts.net_minor,
        base_currency=amounts.base_currency,
        base_net_minor=amounts.base_net_minor,
        base_cost_minor=amounts.base_cost_minor,
    )
    ledger = Ledger(purchase=purchase, opening=opening, entries=(opening,))
    found = [opening]
    if purchase.refunded_minor:
        key = f"refund:{purchase.refunded_minor}"
        change = -purchase.refunded_minor
        found.append(
            _entry(ledger, _Type.REFUND, key, change=change, at=purchase.placed_at, now=now)
        )
    if purchase.status == Purchase.Status.CANCELLED:
        ledger = Ledger(purchase=purchase, opening=opening, entries=tuple(found))
        ended_at = purchase.cancelled_at
        is_told = ended_at is not None and ended_at > purchase.recorded_at
        at = ended_at if is_told and ended_at is not None else purchase.placed_at
        found.append(_cancellation(ledger, at=at, now=now))
    return found


def open_ledger(*, purchase: Purchase, now: datetime) -> Ledger | None:
    """Return the purchase's ledger with its row locked, in the caller's transaction; None for a test order.

    A purchase from before there was a ledger gets its first entries.
    """
    # Locking reads see what is committed, also where the transaction reads from an older snapshot.
    locked = Purchase.objects.select_for_update().get(pk=purchase.pk)
    if locked.is_test:
        return None
    entries = _locked_entries(locked)
    opening = next((entry for entry in entries if entry.type == _Type.PURCHASE), None)
    if opening is None:
        store_first_entries(purchase=locked, money=OrderMoney(), now=now)
        entries = _locked_entries(locked)
        opening = next(entry for entry in entries if entry.type == _Type.PURCHASE)
    return Ledger(purchase=locked, opening=opening, entries=entries)


def complete_ledger(*, purchase: Purchase, money: OrderMoney | None, now: datetime) -> None:
    """Write the first entries of a purchase from before there was a ledger, unless another process just did."""
    with transaction.atomic():
        locked = Purchase.objects.select_for_update().get(pk=purchase.pk)
        if not _locked_entries(locked):
            store_first_entries(purchase=locked, money=money or OrderMoney(), now=now)


def note_refund(*, ledger: Ledger, refunded_minor: int, now: datetime) -> None:
    """Take back what the sum of refunds has risen by. The cost stays: the goods may not come back."""
    change = -min(refunded_minor - ledger.purchase.refunded_minor, ledger.gross_left)
    if change < 0:
        key = f"refund:{refunded_minor}"
        _entry(ledger, _Type.REFUND, key, change=change, at=now, now=now).save(force_insert=True)


def note_cancellation(*, ledger: Ledger, now: datetime) -> None:
    """Take back all that is left, and the cost: the goods did not go out."""
    if not ledger.has("cancellation"):
        _cancellation(ledger, at=now, now=now).save(force_insert=True)


def note_chargeback(
    *, purchase: Purchase, amount: Decimal | None, reference: str, now: datetime
) -> bool:
    """Take back `amount` (None: all that is left) and return whether this chargeback is new.

    One `reference` is one chargeback. No more goes back than is left.

    :raises ValueError: for a negative amount, or one that is no number.
    """
    if amount is not None and (not amount.is_finite() or amount < 0):
        raise ValueError("A chargeback is a number of zero or more.")
    return _note(
        purchase=purchase, type_=_Type.CHARGEBACK, amount=amount, reference=reference, now=now
    )


def note_adjustment(*, purchase: Purchase, amount: Decimal, reference: str, now: datetime) -> bool:
    """Add `amount`, which may be negative, and return whether this adjustment is new.

    One `reference` is one adjustment. What is left never falls below zero.

    :raises ValueError: without a reference, or for an amount that is no number.
    """
    if not amount.is_finite():
        raise ValueError("An adjustment is a finite number.")
    if not clean_text(reference):
        raise ValueError("An adjustment needs a reference: told twice, it is recorded once.")
    return _note(
        purchase=purchase, type_=_Type.ADJUSTMENT, amount=amount, reference=reference, now=now
    )


def note_complaint(*, purchase: Purchase, reference: str, at: datetime, now: datetime) -> bool:
    """Record a complaint and return whether it is new. One `reference` is one complaint; test orders have none."""
    if purchase.is_test:
        return False
    zone = _zone()
    with transaction.atomic():
        # The lock also keeps the customer from being merged away in between.
        locked = Purchase.objects.select_for_update().get(pk=purchase.pk)
        _complaint, is_new = PurchaseComplaint.objects.get_or_create(
            purchase=locked,
            reference=clean_text(reference, _LONGEST_REFERENCE),
            defaults={
                "customer_id": locked.customer_id,
                "occurred_at": at,
                "recorded_at": now,
                "day_no": day_number(at, zone),
                "recorded_day_no": day_number(now, zone),
            },
        )
    return is_new


def _note(
    *,
    purchase: Purchase,
    type_: PurchaseEntry.Type,
    amount: Decimal | None,
    reference: str,
    now: datetime,
) -> bool:
    reference = clean_text(reference, _LONGEST_REFERENCE)
    key = f"{type_.value}:{reference}" if reference else type_.value
    with transaction.atomic():
        ledger = open_ledger(purchase=purchase, now=now)
        if ledger is None or ledger.has(key):
            return False
        left = ledger.gross_left
        change = -left if amount is None else to_minor(amount, purchase.currency)
        if type_ == _Type.CHARGEBACK and amount is not None:
            change = -change
        change = max(change, -left)
        _entry(ledger, type_, key, change=change, at=now, now=now).save(force_insert=True)
    return True


def _cancellation(ledger: Ledger, *, at: datetime, now: datetime) -> PurchaseEntry:
    entry = _entry(
        ledger, _Type.CANCELLATION, "cancellation", change=-ledger.gross_left, at=at, now=now
    )
    cost = ledger.opening.base_cost_minor
    entry.base_cost_minor = None if cost is None else -cost
    return entry


def _entry(
    ledger: Ledger, type_: PurchaseEntry.Type, key: str, *, change: int, at: datetime, now: datetime
) -> PurchaseEntry:
    """Return the entry that changes what is left of gross by `change`, with the same part of net."""
    opening, before = ledger.opening, ledger.gross_left
    base_net = opening.base_net_minor
    if not opening.gross_minor and opening.base_currency != opening.currency and change:
        base_net = None  # a free order has no part to go by
    return PurchaseEntry(
        **_head(ledger.purchase, type_, key),
        **_days(at, now),
        order_day_no=opening.order_day_no,
        gross_minor=change,
        net_minor=_part_of(opening.net_minor, opening, before, change),
        base_currency=opening.base_currency,
        base_net_minor=None if base_net is None else _part_of(base_net, opening, before, change),
        base_cost_minor=None if opening.base_cost_minor is None else 0,
    )


def _part_of(amount: int, opening: PurchaseEntry, before: int, change: int) -> int:
    """Return by how much `amount` of the opening changes as gross goes from `before` by `change`."""
    gross = opening.gross_minor
    if not gross:
        return change
    return round(Fraction(amount * (before + change), gross)) - round(
        Fraction(amount * before, gross)
    )


def _head(purchase: Purchase, type_: PurchaseEntry.Type, key: str) -> dict[str, Any]:
    # The customer of an import has no id yet: all its rows are stored together.
    is_stored = purchase.customer_id is not None
    customer = (
        {"customer_id": purchase.customer_id} if is_stored else {"customer": purchase.customer}
    )
    return {
        **customer,
        "purchase": purchase,
        "currency": purchase.currency,
        "type": type_,
        "key": key,
    }


def _days(occurred_at: datetime, recorded_at: datetime) -> dict[str, Any]:
    zone = _zone()
    day_no = day_number(occurred_at, zone)
    local_date = day_of_number(day_no)
    return {
        "occurred_at": occurred_at,
        "recorded_at": recorded_at,
        "local_date": local_date,
        "day_no": day_no,
        "month_no": month_number(local_date),
        "recorded_day_no": day_number(recorded_at, zone),
    }


def _locked_entries(purchase: Purchase) -> tuple[PurchaseEntry, ...]:
    return tuple(PurchaseEntry.objects.select_for_update().filter(purchase=purchase))


def _zone() -> ZoneInfo:
    return ZoneInfo(ppx_settings.PPX_TIME_ZONE)
