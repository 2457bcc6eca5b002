"""Ending an order together with what it used and earned: both, or neither. Whoever calls hears of conflicts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.models import Purchase
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.undoing import settle_order


def cancel_order(*, purchase: Purchase, now: datetime) -> bool:
    """Cancel the purchase, settle its codes and rewards, and return whether it was not cancelled before.

    :raises TransactionConflict: see `run_retrying`.
    """

    def cancel() -> bool:
        is_new = cancel_purchase(purchase=purchase, now=now)
        settle_order(purchase=purchase, now=now)
        return is_new

    return run_retrying(cancel)


def refund_order(*, purchase: Purchase, amount: Decimal | None, now: datetime) -> bool:
    """Raise what was refunded so far to `amount` (None: all), settle the rest, and return whether it rose.

    :raises ValueError: for a negative amount, or one that is no number.
    :raises TransactionConflict: see `run_retrying`.
    """

    def refund() -> bool:
        is_new = refund_purchase(purchase=purchase, amount=amount, now=now)
        settle_order(purchase=purchase, now=now)
        return is_new

    return run_retrying(refund)
