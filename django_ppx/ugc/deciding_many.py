"""One decision on many submissions: each for itself, so that one that can't be decided holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from django_ppx.core.retrying import TransactionConflict
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.refusals import DecisionRefused


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What became of one: `problem` is a sentence for staff, "" where it was decided now."""

    submission_id: int
    problem: str


def approve_many(
    *, submission_ids: Iterable[int], by_id: int | None, now: datetime
) -> tuple[Decided, ...]:
    """Approve each, and say of each what became of it, in their order. Call it outside a transaction."""

    def one(pk: int) -> UGCSubmission:
        return approve(submission_id=pk, by_id=by_id, now=now)

    return tuple(_decide(pk, one, by_id, now) for pk in dict.fromkeys(submission_ids))


def reject_many(
    *,
    submission_ids: Iterable[int],
    reason_id: int,
    by_id: int | None,
    now: datetime,
    words: str = "",
) -> tuple[Decided, ...]:
    """Reject each for the same reason, and say of each what became of it. Call it outside a transaction."""

    def one(pk: int) -> UGCSubmission:
        return reject(submission_id=pk, reason_id=reason_id, by_id=by_id, now=now, words=words)

    return tuple(_decide(pk, one, by_id, now) for pk in dict.fromkeys(submission_ids))


def _decide(
    pk: int, one: Callable[[int], UGCSubmission], by_id: int | None, now: datetime
) -> Decided:
    try:
        submission = one(pk)
    except DecisionRefused as refusal:
        return Decided(submission_id=pk, problem=str(refusal))
    except UGCSubmission.DoesNotExist:
        return Decided(submission_id=pk, problem=_("There is no such submission."))
    except TransactionConflict:
        return Decided(
            submission_id=pk, problem=_("The database was busy; it still waits. Please try again.")
        )
    return Decided(submission_id=pk, problem="" if is_ours(submission, by_id, now) else _already())


def is_ours(submission: UGCSubmission, by_id: int | None, now: datetime) -> bool:
    """Return whether what a service returned was decided by this call, and not before."""
    return (submission.decided_at, submission.decided_by_id) == (now, by_id)


def _already() -> str:
    return str(DecisionRefused.Reason.NOT_WAITING.label)
