"""Removing the files of what is over. Their rows stay, as the record of what there was."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from django_ppx.core.retrying import run_retrying
from django_ppx.ugc.allowances import free_bytes
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.storage import remove

_OVER: Final = frozenset({"withdrawn", "taken_down", "rejected"})


def remove_files(*, submission_id: int, now: datetime) -> int:
    """Remove the files of a submission that is over, and return of how many photos and videos. Safe to run twice.

    What is waiting or approved keeps its files.

    :raises TransactionConflict: see `run_retrying`.
    """
    media = UGCMedia.objects.filter(submission=submission_id, files_removed_at__isnull=True)
    return sum(
        run_retrying(partial(_remove, submission_id, media_id, now))
        for media_id in media.order_by("pk").values_list("pk", flat=True)
    )


def _remove(submission_id: int, media_id: int, now: datetime) -> int:
    # Locked until the files are gone: what is put back into the queue this moment is told that they are.
    submission = UGCSubmission.objects.select_for_update().get(pk=submission_id)
    if submission.status not in _OVER:
        return 0
    media = UGCMedia.objects.select_for_update().filter(pk=media_id).first()
    if media is None or media.files_removed_at is not None:
        return 0
    # The files first: a crash between leaves a row that says they are there, and the next run looks again.
    remove(file["name"] for file in media.files.values())
    free_bytes(limit_keys=submission.limit_keys, count=media.stored_bytes)
    media.files_removed_at = now
    media.save(update_fields=["files_removed_at"])
    return 1
