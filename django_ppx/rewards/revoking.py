"""Withdrawing codes. What was redeemed before stays redeemed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.rewards.advancing import NewEntry
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.undoing import take_back

_CHUNK: Final = 500


def revoke_codes(
    *, code_ids: Iterable[int], by: AbstractBaseUser | None, reason: str, now: datetime
) -> int:
    """Withdraw the codes, and the rewards they carry, and return how many were not withdrawn before.

    Those withdrawn before keep their first date and reason. Many are withdrawn in several transactions.

    :raises TransactionConflict: see `run_retrying`.
    """
    by_id = None if by is None else int(by.pk)
    why = clean_text(reason, 200)
    ids = list(code_ids)
    chunks = [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
    return sum(run_retrying(partial(_revoke, chunk, by_id, why, now)) for chunk in chunks)


def _is_used(reward_id: int) -> bool:
    return Reward.objects.filter(pk=reward_id, status=Reward.Status.REDEEMED).exists()


def _revoke(code_ids: list[int], by_id: int | None, why: str, now: datetime) -> int:
    standing = DiscountCode.objects.exclude(status=DiscountCode.Status.REVOKED)
    codes = list(standing.select_for_update().filter(pk__in=code_ids).order_by("pk"))
    revoked = standing.filter(pk__in=[code.pk for code in codes]).update(
        status=DiscountCode.Status.REVOKED, revoked_at=now, revoked_by=by_id, revoke_reason=why
    )
    for code in codes:
        # What is used stays used, and nobody has to be told that it does; given back, it is withdrawn all the same.
        if code.reward_id is not None and not _is_used(code.reward_id):
            entry = NewEntry(kind="reversed", by_id=by_id, why=why)
            take_back(reward_id=code.reward_id, code=code, entry=entry, now=now)
    return revoked
