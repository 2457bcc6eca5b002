"""What becomes of codes and rewards when an order is cancelled or refunded, by the policy of each benefit.

Two sides of one order: the codes that were used *in* it, and the rewards that were earned *by* it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from django_ppx.core.models import Purchase
from django_ppx.rewards.advancing import NewEntry, advance
from django_ppx.rewards.ledger import WHOLE, StepNotPossible
from django_ppx.rewards.models import Benefit, CodeRedemption, DiscountCode, Reward, RewardEntry
from django_ppx.rewards.releasing import give_use_back
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms, scaled

ReleaseReason: Final = CodeRedemption.ReleaseReason

EARNED_BY_ORDER: Final = frozenset({Reward.ReasonType.OFFER})
"""Reasons that fall away with the order. An apology for a cancelled order, or a photo, does not."""


def settle_order(*, purchase: Purchase, now: datetime) -> None:
    """Give back and take back what the order's state asks for. Safe to run twice; call it in a transaction.

    A purchase that is neither cancelled nor refunded, not even in part, changes nothing.
    """
    what = _what_happened(purchase)
    if what is None:
        return
    earned = _earned(purchase)
    by_id = _locked_codes(purchase, earned)
    for redemption in _used(purchase, by_id):
        code = by_id[redemption.code_id]
        if _gives_back(redemption, code, what):
            give_use_back(code=code, redemption=redemption, reason=what, now=now)
    by_reward = {code.reward_id: code for code in by_id.values() if code.reward_id is not None}
    for reward in earned:
        if what == ReleaseReason.PARTLY_REFUNDED:
            _reduce(reward, by_reward.get(reward.pk), purchase, now)
        else:
            take_back(
                reward_id=reward.pk,
                code=by_reward.get(reward.pk),
                entry=NewEntry(kind="reversed", why=str(what.label), order_ref=purchase.order_ref),
                now=now,
            )


def take_back(*, reward_id: int, code: DiscountCode | None, entry: NewEntry, now: datetime) -> bool:
    """Take a reward back, with its code, and return whether there was anything to take.

    Whoever calls holds the code's row. What was used already stays used, and is flagged.
    """
    if code is not None:
        DiscountCode.objects.filter(pk=code.pk).exclude(status=DiscountCode.Status.REVOKED).update(
            status=DiscountCode.Status.REVOKED,
            revoked_at=now,
            revoked_by=entry.by_id,
            revoke_reason=entry.why[:200],
        )
    try:
        advance(reward_id=reward_id, entries=[entry], now=now)
    except StepNotPossible:
        return False
    return True


def _what_happened(purchase: Purchase) -> CodeRedemption.ReleaseReason | None:
    if purchase.status == Purchase.Status.CANCELLED:
        return ReleaseReason.CANCELLED
    if purchase.status == Purchase.Status.REFUNDED:
        return ReleaseReason.REFUNDED
    return ReleaseReason.PARTLY_REFUNDED if purchase.refunded_minor else None


def _earned(purchase: Purchase) -> list[Reward]:
    """Return what there is to take back; what was used and told to staff once is not told again."""
    told = RewardEntry.objects.filter(reward=OuterRef("pk"), kind=RewardEntry.Kind.REVERSED)
    return list(
        Reward.objects.filter(purchase=purchase, reason_type__in=EARNED_BY_ORDER)
        .exclude(status__in=[Reward.Status.REVERSED, Reward.Status.EXPIRED])
        .exclude(Q(status=Reward.Status.REDEEMED), Exists(told))
        .order_by("pk")
    )


def _locked_codes(purchase: Purchase, earned: Iterable[Reward]) -> dict[int, DiscountCode]:
    """Return the codes concerned, their rows locked in one order, so that two orders never wait for each other."""
    used = CodeRedemption.objects.standing().filter(order_ref=purchase.order_ref)
    carrying = DiscountCode.objects.filter(reward__in=[reward.pk for reward in earned])
    ids = {*used.values_list("code_id", flat=True), *carrying.values_list("pk", flat=True)}
    codes = DiscountCode.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {code.pk: code for code in codes}


def _used(purchase: Purchase, codes: Collection[int]) -> list[CodeRedemption]:
    rows = CodeRedemption.objects.select_for_update().standing().filter(code__in=codes)
    found = rows.filter(order_ref=purchase.order_ref).order_by("code_id")
    return [row for row in found if row.order_ref == purchase.order_ref]


def _gives_back(
    redemption: CodeRedemption, code: DiscountCode, what: CodeRedemption.ReleaseReason
) -> bool:
    if redemption.status == CodeRedemption.Status.RESERVED:
        return what != ReleaseReason.PARTLY_REFUNDED
    try:
        terms = FrozenTerms.from_json(code.terms)
    except UnreadableTerms:  # the cancellation counts all the same
        return False
    policy = {
        ReleaseReason.CANCELLED: terms.code_after_cancellation,
        ReleaseReason.REFUNDED: terms.code_after_refund,
        ReleaseReason.PARTLY_REFUNDED: terms.code_after_partial_refund,
    }[what]
    return policy == Benefit.AfterUndo.RELEASE


def _reduce(reward: Reward, code: DiscountCode | None, purchase: Purchase, now: datetime) -> None:
    """Leave the share of the reward that the order kept of its total, where the benefit wants that."""
    try:
        terms = FrozenTerms.from_json(reward.terms)
    except UnreadableTerms:
        return
    if terms.reward_after_partial_refund != Benefit.AfterPartialRefund.PROPORTIONAL:
        return
    left = purchase.total_minor - purchase.refunded_minor
    kept_ppm = left * WHOLE // purchase.total_minor
    why = str(ReleaseReason.PARTLY_REFUNDED.label)
    after = scaled(terms, kept_ppm=kept_ppm)
    if not after.points and not any(money.amount for money in after.amounts):
        entry = NewEntry(kind="reversed", why=why, order_ref=purchase.order_ref)
        take_back(reward_id=reward.pk, code=code, entry=entry, now=now)
        return
    entry = NewEntry(kind="reduced", why=why, order_ref=purchase.order_ref, kept_ppm=kept_ppm)
    try:
        advance(reward_id=reward.pk, entries=[entry], now=now)
    except StepNotPossible:
        return
    if code is not None:
        # A code in use keeps its terms until the use is given back.
        DiscountCode.objects.filter(pk=code.pk, times_used=0).update(terms=after.as_json())
