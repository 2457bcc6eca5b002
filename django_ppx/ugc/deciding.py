"""Approving and rejecting. One decision, whoever else decides at the same moment; the reward and the mail with it."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.models import Reward
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.signals import submission_approved, submission_rejected
from django_ppx.ugc.mails import cancel_rejected, post_approved, post_rejected
from django_ppx.ugc.models import UGCLogEntry, UGCReason, UGCSubmission
from django_ppx.ugc.models.licences import Scope
from django_ppx.ugc.noting import note
from django_ppx.ugc.places import give_places_back, take_places
from django_ppx.ugc.refusals import DecisionRefused, SubmissionRefused
from django_ppx.ugc.telling import post_approved_webhook

Status: Final = UGCSubmission.Status
Kind: Final = UGCLogEntry.Kind


def approve(*, submission_id: int, by_id: int | None, now: datetime) -> UGCSubmission:
    """Approve what is waiting: published as far as the licence goes, rewarded once, the mail written with it.

    Approved before, it is returned as it stands.

    :raises DecisionRefused: when somebody decided otherwise, the licence is over, or there is no reward to give.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_approve, submission_id, by_id, now))


def reject(
    *, submission_id: int, reason_id: int, by_id: int | None, now: datetime, words: str = ""
) -> UGCSubmission:
    """Reject what is waiting, for a reason that the customer reads. Their place is free again.

    Rejected before, it is returned as it stands, with the reason it has.

    :raises DecisionRefused: when somebody decided otherwise, or there is no such reason.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(
        partial(_reject, submission_id, reason_id, clean_text(words, 1000), by_id, now)
    )


def reconsider(*, submission_id: int, by_id: int | None, now: datetime) -> UGCSubmission:
    """Put a rejected submission back into the queue. A mail that was not sent yet is not sent.

    :raises DecisionRefused: when it is not rejected, its files are gone, or its place is taken by now.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_reconsider, submission_id, by_id, now))


def _locked(submission_id: int) -> UGCSubmission:
    # The row alone is locked: a join would lock the offer and the order with it.
    return UGCSubmission.objects.select_for_update().get(pk=submission_id)


def _approve(submission_id: int, by_id: int | None, now: datetime) -> UGCSubmission:
    submission = _locked(submission_id)
    if submission.status == Status.APPROVED:
        return submission
    if submission.status != Status.WAITING:
        raise DecisionRefused(DecisionRefused.Reason.NOT_WAITING)
    licence = submission.licence_grant
    if licence.revoked_at is not None or (licence.ends_at and licence.ends_at <= now):
        raise DecisionRefused(DecisionRefused.Reason.LICENCE_OVER)
    reward = _reward(submission, by_id, now)
    submission.status = Status.APPROVED
    submission.decided_at, submission.decided_by_id = now, by_id
    submission.reward = reward
    if Scope.WEBSITE in licence.scopes:
        submission.published_at, submission.published_until = now, licence.ends_at
    submission.save()
    note(submission, Kind.APPROVED, now=now, by_id=by_id)
    note(submission, Kind.REWARDED, now=now, by_id=by_id, text=str(submission.ugc_offer.benefit))
    post_approved(submission, now=now)
    post_approved_webhook(submission, now=now)
    after_commit(
        partial(submission_approved.send_robust, sender=UGCSubmission, submission=submission)
    )
    return submission


def _reward(submission: UGCSubmission, by_id: int | None, now: datetime) -> Reward:
    benefit = submission.ugc_offer.benefit
    request = RewardRequest(
        reason_key=f"ugc:{submission.pk}",
        reason_type=Reward.ReasonType.UGC,
        benefit_id=benefit.pk,
        terms=FrozenTerms.of(benefit),
        customer_id=submission.customer_id,
        purchase_id=submission.purchase_id,
        reason=submission.ugc_offer.name,
        granted_by_id=by_id,
    )
    rewards = grant_rewards(requests=[request], now=now)
    if not rewards:
        raise DecisionRefused(DecisionRefused.Reason.NO_CODES_LEFT)
    return rewards[0]


def _reject(
    submission_id: int, reason_id: int, words: str, by_id: int | None, now: datetime
) -> UGCSubmission:
    submission = _locked(submission_id)
    if submission.status == Status.REJECTED:
        return submission
    if submission.status != Status.WAITING:
        raise DecisionRefused(DecisionRefused.Reason.NOT_WAITING)
    reason = UGCReason.objects.filter(pk=reason_id).first()
    if reason is None:
        raise DecisionRefused(DecisionRefused.Reason.NO_REASON)
    submission.status = Status.REJECTED
    submission.decided_at, submission.decided_by_id = now, by_id
    submission.reason, submission.note = reason, words
    submission.save()
    give_places_back(ugc_offer_id=submission.ugc_offer_id, limit_keys=submission.limit_keys)
    note(submission, Kind.REJECTED, now=now, by_id=by_id, text=reason.name)
    post_rejected(submission, now=now)
    after_commit(
        partial(submission_rejected.send_robust, sender=UGCSubmission, submission=submission)
    )
    return submission


def _reconsider(submission_id: int, by_id: int | None, now: datetime) -> UGCSubmission:
    submission = _locked(submission_id)
    if submission.status != Status.REJECTED:
        raise DecisionRefused(DecisionRefused.Reason.NOT_WAITING)
    if submission.media.filter(files_removed_at__isnull=False).exists():
        raise DecisionRefused(DecisionRefused.Reason.FILES_GONE)
    try:
        take_places(ugc_offer=submission.ugc_offer, limit_keys=submission.limit_keys)
    except SubmissionRefused as refusal:  # which speaks to the customer
        raise DecisionRefused(DecisionRefused.Reason.NO_PLACE) from refusal
    cancel_rejected(submission, now=now)
    submission.status = Status.WAITING
    submission.decided_at = submission.decided_by_id = submission.reason = None
    submission.note = ""
    submission.save()
    note(submission, Kind.RECONSIDERED, now=now, by_id=by_id)
    return submission
