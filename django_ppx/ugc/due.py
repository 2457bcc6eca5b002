"""What time alone makes happen to submissions: licences end, rewards are about to expire, files go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.models import Reward
from django_ppx.ugc.ending import end_licence
from django_ppx.ugc.files import remove_files
from django_ppx.ugc.mails import post_expiring
from django_ppx.ugc.models import UGCLogEntry, UGCSubmission, UGCUpload
from django_ppx.ugc.noting import note
from django_ppx.ugc.pieces import remove_upload
from django_ppx.ugc.sweeping import remove_draft

Status = UGCSubmission.Status


@dataclass(kw_only=True, slots=True)
class DueUGC:
    """What was done, counted. `failed` is logged on "django_ppx" and tried again at the next run."""

    licences_ended: int = 0
    reminders: int = 0
    files_removed: int = 0
    drafts_removed: int = 0
    uploads_removed: int = 0
    failed: int = 0


def run_due_ugc(*, now: datetime, limit: int = 1000) -> DueUGC:
    """Do what is due at `now`, at most `limit` of each kind. Safe to run twice, and at once."""
    work = DueUGC()
    for pk in _ended(now, limit):
        work.licences_ended += _guarded(work, partial(_end, pk, now))
    for pk in _expiring(now, limit):
        work.reminders += _guarded(work, partial(_remind, pk, now))
    for pk in _over(now, limit):
        work.files_removed += _guarded(work, partial(remove_files, submission_id=pk, now=now))
    for pk in _abandoned(now, limit):
        work.drafts_removed += _guarded(work, partial(remove_draft, submission_id=pk))
    for upload in _untouched(now, limit):
        work.uploads_removed += _guarded(work, partial(remove_upload, upload=upload))
    return work


def _ended(now: datetime, limit: int) -> Iterable[int]:
    rows = UGCSubmission.objects.filter(
        status__in=[Status.APPROVED, Status.WAITING],
        licence_grant__ends_at__lte=now,
        licence_grant__revoked_at__isnull=True,
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _end(submission_id: int, now: datetime) -> int:
    return int(end_licence(submission_id=submission_id, now=now).is_new)


def _expiring(now: datetime, limit: int) -> Iterable[int]:
    days = ppx_settings.PPX_UGC_REMINDER_DAYS
    if not days:
        return []
    rows = UGCSubmission.objects.filter(
        status=Status.APPROVED,
        reward__status=Reward.Status.ISSUED,
        reward__expires_at__gt=now,
        reward__expires_at__lte=now + timedelta(days=days),
        # One that was good for so few days was reminded of by the mail that brought it.
        reward__granted_at__lte=now - timedelta(days=days),
    ).exclude(log__kind=UGCLogEntry.Kind.REMINDED)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _remind(submission_id: int, now: datetime) -> int:
    return run_retrying(partial(_write_reminder, submission_id, now))


def _write_reminder(submission_id: int, now: datetime) -> int:
    submission = UGCSubmission.objects.select_for_update().get(pk=submission_id)
    if submission.log.filter(kind=UGCLogEntry.Kind.REMINDED).exists():
        return 0
    reward = submission.reward
    if submission.status != Status.APPROVED or reward is None:
        return 0  # over since it was looked for
    if reward.status != Reward.Status.ISSUED:
        return 0  # used since then
    note(submission, UGCLogEntry.Kind.REMINDED, now=now)
    post_expiring(submission, now=now)
    return 1


def _over(now: datetime, limit: int) -> Iterable[int]:
    """Return what is over and still has files: at once when it was withdrawn or taken down, later when rejected."""
    rejected_before = now - timedelta(days=ppx_settings.PPX_UGC_REJECTED_DAYS)
    with_files = UGCSubmission.objects.filter(media__files_removed_at__isnull=True).exclude(
        media__isnull=True
    )
    over = with_files.filter(status__in=[Status.WITHDRAWN, Status.TAKEN_DOWN])
    old = with_files.filter(status=Status.REJECTED, decided_at__lte=rejected_before)
    rows = (over | old).order_by("pk").values_list("pk", flat=True).distinct()
    return list(rows[:limit])


def _abandoned(now: datetime, limit: int) -> Iterable[int]:
    before = now - timedelta(days=ppx_settings.PPX_UGC_DRAFT_DAYS)
    rows = UGCSubmission.objects.filter(status=Status.DRAFT, created_at__lte=before)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _untouched(now: datetime, limit: int) -> Iterable[UGCUpload]:
    """Return uploads in pieces that nobody went on with, and those that became a photo or video long ago."""
    before = now - timedelta(days=ppx_settings.PPX_UGC_DRAFT_DAYS)
    rows = UGCUpload.objects.filter(touched_at__lte=before)
    return list(rows.order_by("touched_at", "pk")[:limit])


def _guarded(work: DueUGC, do: Callable[[], int]) -> int:
    done: list[int] = []
    with contain("Due work (submissions)") as containment:
        done.append(do())
    if containment.failed:
        work.failed += 1
        return 0
    return int(done[0])
