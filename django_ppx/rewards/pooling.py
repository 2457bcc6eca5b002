"""Codes from elsewhere: taking the next one of an imported pool, and how many are left."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from django_ppx.core.committing import after_commit
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.stocking import note_low_stock

_CANDIDATES: Final = 50
_TRIES: Final = 5


def stock(*, benefit_id: int, now: datetime) -> QuerySet[DiscountCode]:
    """Return the codes of the benefit's pool that can still be given out."""
    return DiscountCode.objects.in_stock(now=now).filter(benefit=benefit_id)


def take_from_pool(reward: Reward, *, now: datetime) -> DiscountCode | None:
    """Give the reward a code of its benefit's pool, and return it; None when there is none left.

    Which one is chance among the first, so that two at once seldom want the same; whoever is second takes another.
    Once the stock is low, it is logged after commit.
    """
    note = partial(note_low_stock, benefit_id=reward.benefit_id, now=now)
    after_commit(note)
    left = stock(benefit_id=reward.benefit_id, now=now)
    for attempt in range(_TRIES):
        candidates = list(left.order_by("pk").values_list("pk", flat=True)[:_CANDIDATES])
        if not candidates or attempt == _TRIES - 1:
            candidates = _certain(left)
        if not candidates:
            return None
        chosen = secrets.choice(candidates)
        taken = (
            DiscountCode.objects.pooled()
            .filter(pk=chosen)
            .update(
                status=DiscountCode.Status.ISSUED,
                reward=reward,
                customer=reward.customer_id,
                purchase=reward.purchase_id,
                reason=reward.reason,
                terms=reward.terms,
                issued_at=now,
            )
        )
        if taken:
            code = DiscountCode.objects.select_for_update().get(pk=chosen)
            _agree_on_expiry(code, reward)
            return code
    return None


def _certain(left: QuerySet[DiscountCode]) -> list[int]:
    """Return one that nobody else holds, as committed by now: the transaction may read from an old snapshot."""
    skips = connection.features.has_select_for_update_skip_locked
    rows = left.select_for_update(skip_locked=skips).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:1])


def _agree_on_expiry(code: DiscountCode, reward: Reward) -> None:
    """Let code and reward end together: at the earlier of what the code came with and what the benefit says."""
    ends = [instant for instant in (code.expires_at, reward.expires_at) if instant is not None]
    earliest = min(ends, default=None)
    if code.expires_at != earliest:
        DiscountCode.objects.filter(pk=code.pk).update(expires_at=earliest)
        code.expires_at = earliest
    if reward.expires_at != earliest:
        Reward.objects.filter(pk=reward.pk).update(expires_at=earliest, due_at=earliest)
        reward.expires_at = reward.due_at = earliest
