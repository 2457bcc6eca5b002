"""Removing the files of what is over. Their rows stay, as the record of what there was."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django_ppx.core.retrying import run_retrying
from django_ppx.ugc.allowances import free_bytes
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.storage import remove


def remove_files(*, submission_id: int, now: datetime) -> int:
    """Remove the files of a submission that is over, and return of how many photos and videos. Safe to run twice.

    What is waiting or approved keeps its files.

    :raises TransactionConflict: see `run_retrying`.
    """
    removed = 0
    for media in UGCMedia.objects.filter(
        submission=submission_id,
        submission__status__in=["withdrawn", "taken_down", "rejected"],
        files_removed_at__isnull=True,
    ):
        # The files first: a crash between leaves a row that says they are there, and the next run looks again.
        remove(file["name"] for file in media.files.values())
        removed += run_retrying(partial(_note_removed, media.pk, now))
    return removed


def _note_removed(media_id: int, now: datetime) -> int:
    media = UGCMedia.objects.select_for_update().get(pk=media_id)
    if media.files_removed_at is not None:
        return 0
    keys = UGCSubmission.objects.values_list("limit_keys", flat=True).get(pk=media.submission_id)
    free_bytes(limit_keys=keys, count=media.stored_bytes)
    media.files_removed_at = now
    media.save(update_fields=["files_removed_at"])
    return 1
