"""The front door for orders: `completed`, `cancelled`, `refunded`; `charged_back`, `adjusted`, `complained`.

Each takes the host's own order, needs no request, and may be called any number of times. None
raises into the shop: a fault is logged on "django_ppx", the caller's transaction stays usable, and
the answer is None. Under `DEBUG` the exception is raised, so that a developer sees it. For
all but `completed` an order number will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from django_ppx.conf import ppx_settings
from django_ppx.core.committing import after_commit
from django_ppx.core.containment import contain, run_contained
from django_ppx.core.ledger import note_adjustment, note_chargeback, note_complaint
from django_ppx.core.models import Purchase
from django_ppx.core.order_tokens import make_order_token
from django_ppx.core.recording import PurchaseRecord, check_order, load_purchase, record_purchase
from django_ppx.core.retrying import TransactionConflict, run_retrying
from django_ppx.exceptions import InvalidOrder, Misconfigured
from django_ppx.rewards.settling import cancel_order, refund_order
from django_ppx.shop.adapter import HostOrder, ShopAdapter, get_shop
from django_ppx.shop.types import Order, OrderStatus
from django_ppx.shop.values import as_instant


def completed(order: HostOrder, request: HttpRequest | None = None) -> Purchase | None:
    """Record the order as a purchase and return it; for a recorded one, follow its status.

    The snapshot of amounts and lines stays as first recorded. An order that the adapter now reports
    as cancelled or refunded is treated as by `cancelled` and `refunded`.
    """

    def record() -> Purchase:
        now = timezone.now()
        read = get_shop().order(order, request)
        record = load_purchase(order_ref=str(read.number)) or record_purchase(order=read, now=now)
        # A new one too: an order that was undone before we saw it may have used a code.
        _follow(record.purchase, read.status)
        return record.purchase

    return _contained("purchases.completed", record)


def cancelled(order: HostOrder | str) -> Purchase | None:
    """Mark the order's purchase as cancelled and return it.

    An order that we have not seen is recorded first.
    """

    def cancel() -> Purchase:
        purchase = _find(order).purchase
        _follow(purchase, OrderStatus.CANCELLED)
        return purchase

    return _contained("purchases.cancelled", cancel)


def refunded(order: HostOrder | str, amount: Decimal | None = None) -> Purchase | None:
    """Note what was refunded of the order, and return its purchase.

    `amount` is the sum of all its refunds so far, in major units of the order's currency; None is
    everything.
    """

    def refund() -> Purchase:
        purchase = _find(order).purchase
        _refund(purchase, amount)
        return purchase

    return _contained("purchases.refunded", refund)


def charged_back(
    order: HostOrder | str, amount: Decimal | None = None, reference: str = ""
) -> Purchase | None:
    """Note that a payment was taken back by the customer's bank, and return the order's purchase.

    `amount` is what this chargeback took, in major units of the order's currency; None is all that is left.
    `reference` is your own name for it: one is noted once. Codes and rewards stay as they are.
    """

    def note(purchase: Purchase, now: datetime) -> None:
        note_chargeback(purchase=purchase, amount=amount, reference=reference, now=now)

    return _contained("purchases.charged_back", lambda: _note(order, note))


def adjusted(order: HostOrder | str, amount: Decimal, reference: str) -> Purchase | None:
    """Note that an order brought in more or less than it said, and return its purchase.

    `amount` is signed, with tax, in major units of the order's currency. `reference` is your own name for it: one is
    noted once.
    """

    def note(purchase: Purchase, now: datetime) -> None:
        note_adjustment(purchase=purchase, amount=amount, reference=reference, now=now)

    return _contained("purchases.adjusted", lambda: _note(order, note))


def complained(
    order: HostOrder | str, reference: str = "", at: datetime | None = None
) -> Purchase | None:
    """Note that the customer complained about an order, and return its purchase.

    `at` is when (None: now; naive: in `PPX_TIME_ZONE`). `reference` is your own name for it: one is noted once.
    """

    def note(purchase: Purchase, now: datetime) -> None:
        zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
        occurred_at = now if at is None else as_instant(at, "at", zone)
        note_complaint(purchase=purchase, reference=reference, at=occurred_at, now=now)

    return _contained("purchases.complained", lambda: _note(order, note))


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What became of an order that was sent to us: `recorded`, `updated` or `unchanged`."""

    purchase: Purchase
    is_new: bool
    has_changed: bool
    """Its status or its refunds were followed."""

    @property
    def result(self) -> str:
        if self.is_new:
            return "recorded"
        return "updated" if self.has_changed else "unchanged"


def received(order: Order, refunded: Decimal | None = None) -> Receipt:
    """Record an order that is ours already, or follow its status, and say what that changed: for orders from the API.

    `refunded` is the sum of all its refunds so far, in major units; None says nothing of them. Unlike the others this
    one raises.

    :raises InvalidOrder: when the order can't be stored, or `refunded` is negative or no number.
    :raises TransactionConflict: see `run_retrying`.
    """
    if refunded is not None and not (refunded.is_finite() and refunded >= 0):
        raise InvalidOrder("refunded is a number of zero or more.")
    check_order(order)
    now = timezone.now()

    def receive() -> Receipt:
        record = load_purchase(order_ref=order.number) or record_purchase(order=order, now=now)
        purchase, changes = record.purchase, []
        if order.status == OrderStatus.CANCELLED:
            changes.append(cancel_order(purchase=purchase, now=now))
        elif order.status == OrderStatus.REFUNDED:
            changes.append(refund_order(purchase=purchase, amount=None, now=now))
        if refunded:
            changes.append(refund_order(purchase=purchase, amount=refunded, now=now))
        return Receipt(purchase=purchase, is_new=record.is_new, has_changed=any(changes))

    return run_retrying(receive)


def order_token(order: HostOrder | str) -> str:
    """Return the token by which a front end asks the API for this order's offers. Put it on the customer's own page."""
    order_ref = order if isinstance(order, str) else get_shop().order_ref(order)
    return make_order_token(order_ref, now=timezone.now())


def connect_shop() -> None:
    """Connect the shop's own signals, as its adapter says.

    A wrong `PPX_SHOP` is left to the system checks.
    """
    try:
        shop = get_shop()
    except Misconfigured:
        return
    with contain(f"{type(shop).__name__}.connect", loud=settings.DEBUG):
        shop.connect(_complete_later, _complete_later)


def _contained(operation: str, work: Callable[[], Purchase]) -> Purchase | None:
    return run_contained(operation, work, otherwise=None, loud=settings.DEBUG)


def _complete_later(order: HostOrder) -> None:
    """Record the order, or follow its status, once the shop's own transaction is committed."""
    after_commit(lambda: completed(order))


def _find(order: HostOrder | str) -> PurchaseRecord:
    shop = get_shop()
    order_ref = order if isinstance(order, str) else shop.order_ref(order)
    return load_purchase(order_ref=order_ref) or _record_unseen(shop, order)


def _record_unseen(shop: ShopAdapter, order: HostOrder | str) -> PurchaseRecord:
    found = shop.find_order(order) if isinstance(order, str) else order
    if found is None:
        raise InvalidOrder("There is no order of this number.")
    return record_purchase(order=shop.order(found), now=timezone.now())


def _follow(purchase: Purchase, status: OrderStatus) -> None:
    """Bring the purchase to a status of the shop that ends it.

    No status of the shop revives a purchase.
    """
    if status == OrderStatus.CANCELLED:
        _cancel(purchase)
    elif status == OrderStatus.REFUNDED:
        _refund(purchase, None)


def _cancel(purchase: Purchase) -> None:
    now = timezone.now()
    _now_or_after_commit(
        lambda: cancel_order(purchase=purchase, now=now),
        again=lambda: cancelled(purchase.order_ref),
    )


def _refund(purchase: Purchase, amount: Decimal | None) -> None:
    now = timezone.now()
    _now_or_after_commit(
        lambda: refund_order(purchase=purchase, amount=amount, now=now),
        again=lambda: refunded(purchase.order_ref, amount),
    )


def _note(order: HostOrder | str, note: Callable[[Purchase, datetime], None]) -> Purchase:
    """Let `note` write about the order's purchase, which is recorded first if we have not seen it."""
    purchase, now = _find(order).purchase, timezone.now()
    _now_or_after_commit(
        lambda: note(purchase, now),
        again=lambda: run_contained(
            "purchases", lambda: note(purchase, now), otherwise=None, loud=settings.DEBUG
        ),
    )
    return purchase


def _now_or_after_commit(follow: Callable[[], object], *, again: Callable[[], object]) -> None:
    """Follow the shop now; where a concurrent transaction is in the way of the caller's, once that is committed.

    The shop tells us once, and does not look at our answer: what gave way to somebody else must not be lost.
    """
    try:
        run_retrying(follow)
    except TransactionConflict:
        if not transaction.get_connection().in_atomic_block:
            raise
        after_commit(again)
