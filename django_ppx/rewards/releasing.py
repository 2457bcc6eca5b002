"""Giving the use of a code back: because the shop says so, because time ran out, because the order was undone."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from django.db.models import F, QuerySet

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.advancing import NewEntry, advance
from django_ppx.rewards.ledger import WHOLE
from django_ppx.rewards.limiting import give_budget_back, give_customer_uses_back
from django_ppx.rewards.models import CodeRedemption, DiscountCode, Reward
from django_ppx.rewards.order_refs import checked_ref
from django_ppx.rewards.terms import FrozenTerms, scaled
from django_ppx.signals import code_released

Reason: Final = CodeRedemption.ReleaseReason


def release_code(
    *,
    code: str,
    order_ref: str,
    now: datetime,
    reason: str = Reason.SHOP,
    is_held_only: bool = False,
) -> CodeRedemption | None:
    """Give the order's use of the typed code back, and return its redemption; None when it had none.

    With `is_held_only` a use that was redeemed stays. Safe to run twice. An expired or revoked code stays what it is.
    `code_released` is sent after commit.

    :raises TransactionConflict: see `run_retrying`.
    """
    release = partial(_release_typed, code, checked_ref(order_ref), reason, now)
    return run_retrying(partial(release, is_held_only=is_held_only))


def release_lapsed(*, now: datetime, limit: int = 100) -> int:
    """Give back at most `limit` uses whose reservation ran out, and return how many. Each in a transaction of its own.

    :raises TransactionConflict: see `run_retrying`.
    """
    return _release_each(CodeRedemption.objects.lapsed(now=now), now, limit)[1]


def clear_lapsed(
    *, now: datetime, code_id: int | None = None, benefit_id: int | None = None, limit: int = 100
) -> bool:
    """Give back what stands in the way of one who wants this code, or its benefit, and return whether something did.

    True also where somebody else has just given it back.

    :raises TransactionConflict: see `run_retrying`.
    """
    rows = CodeRedemption.objects.lapsed(now=now)
    if code_id is not None:
        rows = rows.filter(code=code_id)
    if benefit_id is not None:
        rows = rows.filter(code__benefit=benefit_id)
    return _release_each(rows, now, limit)[0] > 0


def _release_each(lapsed: QuerySet[CodeRedemption], now: datetime, limit: int) -> tuple[int, int]:
    """Return how many were found, and how many of them were given back here."""
    rows = lapsed.order_by("code_id", "pk").values_list("pk", "code_id")[:limit]
    found = run_retrying(lambda: list(rows), is_one_statement=True)
    released = [run_retrying(partial(_release_one_lapsed, *each, now)) for each in found]
    return len(found), sum(released)


def give_use_back(
    *, code: DiscountCode, redemption: CodeRedemption, reason: str, now: datetime
) -> bool:
    """Give one standing use back, with what it took from the limits. Whoever calls holds the code's row.

    Returns False when it was given back before.
    """
    was_redeemed = redemption.status == CodeRedemption.Status.REDEEMED
    standing = CodeRedemption.objects.standing().filter(pk=redemption.pk, status=redemption.status)
    if reason == Reason.TIME:
        standing = standing.filter(reserved_until__lte=now)
    if not standing.update(
        status=CodeRedemption.Status.RELEASED, released_at=now, release_reason=reason
    ):
        return False
    DiscountCode.objects.filter(pk=code.pk, times_used__gt=0).update(times_used=F("times_used") - 1)
    give_budget_back(
        benefit_id=code.benefit_id,
        currency=redemption.currency,
        amount_minor=redemption.budget_minor,
    )
    give_customer_uses_back(benefit_id=code.benefit_id, limit_keys=redemption.limit_keys)
    if code.reward_id is not None:
        if was_redeemed:
            _return_to_reward(code, redemption, now)
        _shrink_to_reward(code)
    redemption.status = CodeRedemption.Status.RELEASED
    redemption.released_at, redemption.release_reason = now, reason
    after_commit(partial(code_released.send_robust, sender=CodeRedemption, redemption=redemption))
    return True


def _return_to_reward(code: DiscountCode, redemption: CodeRedemption, now: datetime) -> None:
    """Say in the reward's ledger that it is unused again, once the last of its uses is given back."""
    # A locking read, since a transaction of the host may read from an old snapshot.
    others = CodeRedemption.objects.select_for_update().redeemed().filter(code=code)
    if others.exclude(pk=redemption.pk).exists():
        return
    reward_id = int(code.reward_id or 0)
    given_back = NewEntry(kind="released", order_ref=redemption.order_ref)
    reward = advance(reward_id=reward_id, entries=[given_back], now=now)
    if reward.status == "issued" and code.status == DiscountCode.Status.REVOKED:
        # It was withdrawn while it was in use, and staff have looked at it: nothing is owed.
        reversed_now = NewEntry(kind="reversed", by_id=code.revoked_by_id, why=code.revoke_reason)
        advance(reward_id=reward_id, entries=[reversed_now], now=now)


def _shrink_to_reward(code: DiscountCode) -> None:
    """Let a code whose reward shrank while it was in use be good for what is left, once no use stands."""
    reward = Reward.objects.select_for_update().get(code=code)
    if reward.kept_ppm < WHOLE:
        left = scaled(FrozenTerms.from_json(reward.terms), kept_ppm=reward.kept_ppm)
        DiscountCode.objects.filter(pk=code.pk, times_used=0).update(terms=left.as_json())


def _release_typed(
    text: str, order_ref: str, reason: str, now: datetime, *, is_held_only: bool
) -> CodeRedemption | None:
    # The code's row first, as in redeeming, so that the two never wait for each other.
    code = DiscountCode.objects.select_for_update().typed(text).first()
    if code is None:
        return None
    found = CodeRedemption.objects.select_for_update().filter(code=code, order_ref=order_ref)
    redemption = next((row for row in found if row.order_ref == order_ref), None)
    if redemption is None or (is_held_only and redemption.status != CodeRedemption.Status.RESERVED):
        return redemption
    if redemption.released_at is None:
        give_use_back(code=code, redemption=redemption, reason=reason, now=now)
    return redemption


def _release_one_lapsed(redemption_id: int, code_id: int, now: datetime) -> bool:
    code = DiscountCode.objects.select_for_update().get(pk=code_id)
    lapsed = CodeRedemption.objects.select_for_update().lapsed(now=now)
    redemption = lapsed.filter(pk=redemption_id).first()
    return redemption is not None and give_use_back(
        code=code, redemption=redemption, reason=Reason.TIME, now=now
    )
