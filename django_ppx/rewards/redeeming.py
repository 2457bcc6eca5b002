"""Using a code up for an order, and giving the use back. Exactly once, whoever else tries at the same moment.

One conditional `UPDATE` takes a use from the code, and the unique row (code, order) says which order has it. Both stand
in one transaction; the update comes first, so that all who want the code queue at its row and nobody deadlocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F

from django_ppx.core.identity import customer_keys
from django_ppx.core.models import CustomerKey
from django_ppx.core.money import to_minor
from django_ppx.core.retrying import TransactionConflict, run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.weighing import Claim, check_usable, find_code, refusal, weigh
from django_ppx.shop.types import Basket, BasketLine, Order
from django_ppx.signals import code_redeemed, code_released

_LARGEST_MINOR: Final = 2**63 - 1
_ATTEMPTS: Final = 5


class _UsedBySameOrder(Exception):
    """The order's other attempt, running at the same moment, was faster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Use:
    text: str
    order: Order
    order_ref: str
    granted: Decimal | None
    now: datetime

    @property
    def basket(self) -> Basket:
        return as_basket(self.order, discount=self.granted)


def redeem_code(
    *, code: str, order: Order, now: datetime, discount: Decimal | None = None
) -> CodeRedemption:
    """Return the redemption of the typed code by `order`, made now unless the order has it already.

    `discount` is what the shop really took off, in major units; without it the code is priced against the order.
    `code_redeemed` is sent after commit.

    :raises RedemptionRefused: when the code is not good for this order; then nothing has changed.
    :raises InvalidOrder: when the order has no usable number, or `discount` is no amount.
    :raises TransactionConflict: see `run_retrying`.
    """
    _check_amount(discount, order.currency)
    use = _Use(
        text=code, order=order, order_ref=_order_ref(order.number), granted=discount, now=now
    )
    return run_retrying(partial(_redeem_once, use))


def release_code(*, code: str, order_ref: str, now: datetime) -> CodeRedemption | None:
    """Give the order's use of the typed code back, and return its redemption; None when it had none.

    Safe to run twice. An expired or revoked code stays what it is. `code_released` is sent after commit.

    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_release_once, code, _order_ref(order_ref), now))


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


def _redeem_once(use: _Use) -> CodeRedemption:
    for _attempt in range(_ATTEMPTS):
        redemption = _try_to_redeem(use)
        if redemption is not None:
            return redemption
    raise TransactionConflict("The same order redeems and releases this code all the time.")


def _try_to_redeem(use: _Use) -> CodeRedemption | None:
    """Return the order's redemption; None when its other attempt came first and was released meanwhile."""
    code = find_code(use.text)
    known = [
        row
        for row in CodeRedemption.objects.filter(order_ref=use.order_ref)
        if row.order_ref == use.order_ref
    ]
    mine = next((row for row in known if row.code_id == code.pk), None)
    if mine is not None and mine.released_at is None:
        return mine
    others = any(row.released_at is None for row in known if row.code_id != code.pk)
    pricing = weigh(
        Claim(
            code=code,
            basket=use.basket,
            now=use.now,
            order_ref=use.order_ref,
            has_other_code=others,
        )
    )
    granted = pricing.total_discount.amount if use.granted is None else use.granted
    redemption = CodeRedemption(
        pk=None if mine is None else mine.pk,
        code=code,
        order_ref=use.order_ref,
        customer_id=_customer_id(use.order),
        currency=use.order.currency,
        discount_minor=to_minor(granted, use.order.currency),
        redeemed_at=use.now,
    )
    try:
        with transaction.atomic():
            _take_use(code, use)
            _write(redemption)
    except (IntegrityError, _UsedBySameOrder):
        return _standing(code, use)
    transaction.on_commit(
        partial(code_redeemed.send_robust, sender=CodeRedemption, redemption=redemption),
        robust=True,
    )
    return redemption


def _take_use(code: DiscountCode, use: _Use) -> None:
    """Count one more use of the code, if it still has one: this statement decides between two orders."""
    taken = (
        DiscountCode.objects.filter(pk=code.pk)
        .redeemable(now=use.now)
        .update(times_used=F("times_used") + 1)
    )
    if taken:
        return
    if _locked(code, use.order_ref) is not None:
        raise _UsedBySameOrder
    customer = use.order.customer
    check_usable(DiscountCode.objects.get(pk=code.pk), customer=customer, now=use.now)
    raise refusal(RedemptionRefused.Reason.USED_UP, code=code, customer=customer)


def _write(redemption: CodeRedemption) -> None:
    """Store who has the use; a row that was released before is taken up again."""
    if not redemption.pk:
        redemption.save(force_insert=True)
        return
    revived = CodeRedemption.objects.filter(pk=redemption.pk, released_at__isnull=False).update(
        customer=redemption.customer_id,
        currency=redemption.currency,
        discount_minor=redemption.discount_minor,
        redeemed_at=redemption.redeemed_at,
        released_at=None,
    )
    if not revived:
        raise _UsedBySameOrder
    redemption._state.adding = False


def _standing(code: DiscountCode, use: _Use) -> CodeRedemption | None:
    redemption = _locked(code, use.order_ref)
    if redemption is None:
        stored = CodeRedemption.objects.filter(code=code, order_ref=use.order_ref)
        if any(row.order_ref != use.order_ref for row in stored):
            raise InvalidOrder("An order whose number differs only in case has used this code.")
    return redemption


def _locked(code: DiscountCode, order_ref: str) -> CodeRedemption | None:
    """Return the order's standing redemption as committed by now, also where the transaction reads from a snapshot."""
    rows = CodeRedemption.objects.select_for_update().standing()
    found = rows.filter(code=code, order_ref=order_ref)
    return next((row for row in found if row.order_ref == order_ref), None)


def _release_once(text: str, order_ref: str, now: datetime) -> CodeRedemption | None:
    # The code's row first, as in redeeming, so that the two never wait for each other.
    code = DiscountCode.objects.select_for_update().typed(text).first()
    if code is None:
        return None
    redemption = CodeRedemption.objects.filter(code=code, order_ref=order_ref).first()
    if redemption is None or redemption.order_ref != order_ref:
        return None
    released = CodeRedemption.objects.standing().filter(pk=redemption.pk).update(released_at=now)
    if released:
        DiscountCode.objects.filter(pk=code.pk, times_used__gt=0).update(
            times_used=F("times_used") - 1
        )
        redemption.released_at = now
        transaction.on_commit(
            partial(code_released.send_robust, sender=CodeRedemption, redemption=redemption),
            robust=True,
        )
    return redemption


def _customer_id(order: Order) -> int | None:
    """Return our customer of the order, if we know one yet. The strongest key decides."""
    keys = customer_keys(order.customer)
    stored = dict(CustomerKey.objects.filter(key__in=keys).values_list("key", "customer"))
    return next((stored[key] for key in keys if key in stored), None)


def _order_ref(number: str) -> str:
    order_ref = clean_text(number)
    if not order_ref or len(order_ref) > 100:
        raise InvalidOrder("An order needs a number of 1 to 100 characters.")
    return order_ref


def _check_amount(discount: Decimal | None, currency: str) -> None:
    if discount is None:
        return
    try:
        minor = to_minor(discount, currency)
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise InvalidOrder("The discount is no amount.") from error
    if not 0 <= minor <= _LARGEST_MINOR:
        raise InvalidOrder("The discount is negative or too large.")
