"""Codes and rewards whose time is over. They are refused from that instant on; the mark keeps them so for good."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.advancing import NewEntry, advance, next_due
from django_ppx.rewards.ledger import StepNotPossible
from django_ppx.rewards.models import DiscountCode, Reward

_LOOK_AGAIN: Final = timedelta(hours=1)


def mark_expired(*, code_ids: Iterable[int], now: datetime) -> int:
    """Mark those of the codes that have expired at `now`, and return how many.

    Marked, a code stays expired should the clock be set back.
    """
    return DiscountCode.objects.filter(
        pk__in=list(code_ids), status=DiscountCode.Status.ISSUED, expires_at__lte=now
    ).update(status=DiscountCode.Status.EXPIRED)


def expire_codes(*, now: datetime, limit: int) -> int:
    """Mark at most `limit` codes that have expired, and return how many."""
    found = DiscountCode.objects.filter(status=DiscountCode.Status.ISSUED, expires_at__lte=now)
    code_ids = list(found.order_by("pk").values_list("pk", flat=True)[:limit])
    return run_retrying(partial(mark_expired, code_ids=code_ids, now=now))


def expire_reward(*, reward_id: int, now: datetime) -> bool:
    """Let a reward expire whose time is over and that nobody uses; return whether it did.

    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_expire, reward_id, now))


def _expire(reward_id: int, now: datetime) -> bool:
    code = DiscountCode.objects.select_for_update().filter(reward=reward_id).first()
    if code is not None:
        if code.times_used:  # used, or reserved by an order that is being paid
            Reward.objects.filter(pk=reward_id, status=Reward.Status.ISSUED).update(
                due_at=now + _LOOK_AGAIN
            )
            return False
        mark_expired(code_ids=[code.pk], now=now)
    reward = Reward.objects.select_for_update().get(pk=reward_id)
    if reward.expires_at is None or now < reward.expires_at:  # staff have moved its end
        Reward.objects.filter(pk=reward_id).update(due_at=next_due(reward, reward.status))
        return False
    try:
        advance(reward_id=reward_id, entries=[NewEntry(kind="expired")], now=now)
    except StepNotPossible:
        return False
    return True
