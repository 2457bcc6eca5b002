"""Taking content down: withdrawn by the customer, taken down by staff, the licence revoked or at its end.

It is gone from the shop with the commit: what is not published is not served. The files are removed right after, and
by `ppx_run_due` where that failed. What becomes of the reward is said in the log and in what is returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.rewards.models import Reward
from django_ppx.rewards.taking_back import take_rewards_back
from django_ppx.signals import submission_ended
from django_ppx.ugc.files import remove_files
from django_ppx.ugc.mails import cancel_unsent, post_ended
from django_ppx.ugc.models import UGCLicenceGrant, UGCLogEntry, UGCRewardOffer, UGCSubmission
from django_ppx.ugc.noting import note
from django_ppx.ugc.pieces import drop_uploads
from django_ppx.ugc.places import give_places_back
from django_ppx.ugc.refusals import DecisionRefused

Status: Final = UGCSubmission.Status
Kind: Final = UGCLogEntry.Kind
_OVER: Final = frozenset({Status.WITHDRAWN, Status.TAKEN_DOWN})
_LICENSED: Final = frozenset({Status.WAITING, Status.APPROVED})
"""Where the end of a licence ends something. What was rejected meanwhile stays rejected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """What is over now, and what became of its reward: "none", "kept", "taken_back" or "used"."""

    submission: UGCSubmission
    reward: str
    is_new: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ending:
    status: str
    kind: str
    takes_back: bool
    why: str
    by_id: int | None
    now: datetime


def withdraw(*, submission_id: int, now: datetime) -> Ended:
    """End a submission because its customer says so: at any moment, and the licence with it.

    The offer says what becomes of the reward. Withdrawn before, nothing changes.

    :raises TransactionConflict: see `run_retrying`.
    """
    offer = UGCRewardOffer._base_manager.get(submissions=submission_id)
    ending = _Ending(
        status=Status.WITHDRAWN,
        kind=Kind.WITHDRAWN,
        takes_back=offer.after_withdrawal == UGCRewardOffer.AfterWithdrawal.TAKE_BACK,
        why="",
        by_id=None,
        now=now,
    )
    return run_retrying(partial(_end, submission_id, ending))


def take_down(
    *, submission_id: int, takes_back: bool, why: str, by_id: int | None, now: datetime
) -> Ended:
    """End what was approved because staff say so. `why` is read by the customer.

    :raises DecisionRefused: when it is not approved.
    :raises TransactionConflict: see `run_retrying`.
    """
    ending = _Ending(
        status=Status.TAKEN_DOWN,
        kind=Kind.TAKEN_DOWN,
        takes_back=takes_back,
        why=clean_text(why, 1000),
        by_id=by_id,
        now=now,
    )
    return run_retrying(partial(_end, submission_id, ending))


def revoke_licence(*, submission_id: int, why: str, by_id: int | None, now: datetime) -> Ended:
    """End what a licence was for, as the customer asked the shop by another way. The reward goes as with `withdraw`.

    :raises TransactionConflict: see `run_retrying`.
    """
    offer = UGCRewardOffer._base_manager.get(submissions=submission_id)
    ending = _Ending(
        status=Status.WITHDRAWN,
        kind=Kind.LICENCE_REVOKED,
        takes_back=offer.after_withdrawal == UGCRewardOffer.AfterWithdrawal.TAKE_BACK,
        why=clean_text(why, 200),
        by_id=by_id,
        now=now,
    )
    return run_retrying(partial(_end, submission_id, ending))


def end_licence(*, submission_id: int, now: datetime) -> Ended:
    """End what was published, or waits, when its licence's term is over. The reward stays.

    :raises TransactionConflict: see `run_retrying`.
    """
    ending = _Ending(
        status=Status.TAKEN_DOWN,
        kind=Kind.LICENCE_ENDED,
        takes_back=False,
        why="",
        by_id=None,
        now=now,
    )
    return run_retrying(partial(_end, submission_id, ending))


def _end(submission_id: int, ending: _Ending) -> Ended:
    submission = UGCSubmission.objects.select_for_update().get(pk=submission_id)
    before = submission.status
    is_passed = ending.kind == Kind.LICENCE_ENDED and before not in _LICENSED
    if before in _OVER or is_passed:
        return Ended(submission=submission, reward=_standing(submission), is_new=False)
    if ending.kind == Kind.TAKEN_DOWN and before != Status.APPROVED:
        raise DecisionRefused(DecisionRefused.Reason.NOT_PUBLISHED)
    submission.status = ending.status
    submission.published_at = submission.published_until = None
    submission.ended_at = ending.now
    submission.save()
    if before == Status.WAITING:
        give_places_back(ugc_offer_id=submission.ugc_offer_id, limit_keys=submission.limit_keys)
    if before == Status.DRAFT:
        drop_uploads(submission)
    _revoke(submission, ending)
    note(submission, ending.kind, now=ending.now, by_id=ending.by_id, text=ending.why)
    reward = _settle_reward(submission, ending)
    if before != Status.DRAFT:
        cancel_unsent(submission, reward=reward, now=ending.now)
        post_ended(submission, kind=ending.kind, reward=reward, why=ending.why, now=ending.now)
    after_commit(partial(remove_files, submission_id=submission.pk, now=ending.now))
    if before != Status.DRAFT:
        after_commit(
            partial(
                submission_ended.send_robust,
                sender=UGCSubmission,
                submission=submission,
                reward=reward,
            )
        )
    return Ended(submission=submission, reward=reward, is_new=True)


def _revoke(submission: UGCSubmission, ending: _Ending) -> None:
    """Write into the register that the licence is over, unless its term is what ended it."""
    if ending.kind == Kind.LICENCE_ENDED:
        return
    UGCLicenceGrant.objects.filter(submission=submission, revoked_at__isnull=True).update(
        revoked_at=ending.now, revoked_by=ending.by_id, revoked_why=ending.why[:200]
    )


def _settle_reward(submission: UGCSubmission, ending: _Ending) -> str:
    if submission.reward_id is None:
        return "none"
    if not ending.takes_back:
        note(submission, Kind.REWARD_KEPT, now=ending.now, by_id=ending.by_id)
        return _standing(submission)
    taken = take_rewards_back(
        reward_ids=[submission.reward_id],
        by_id=ending.by_id,
        why=str(UGCLogEntry.Kind(ending.kind).label),
        now=ending.now,
    )
    kind = Kind.REWARD_TAKEN_BACK if taken else Kind.REWARD_KEPT
    note(submission, kind, now=ending.now, by_id=ending.by_id)
    return _standing(submission)


def _standing(submission: UGCSubmission) -> str:
    if submission.reward_id is None:
        return "none"
    status = Reward.objects.values_list("status", flat=True).get(pk=submission.reward_id)
    return {Reward.Status.REVERSED: "taken_back", Reward.Status.REDEEMED: "used"}.get(
        Reward.Status(status), "kept"
    )
