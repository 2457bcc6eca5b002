"""Large files that arrive in pieces: begun, continued where they stopped, given up.

The pieces lie in the private storage and are never served. What is not finished holds as many of its customer's bytes
as it announced, so nobody fills the disk with halves. Whoever changes an upload locks its submission first.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import IO, Any, Final

from django.core.files.base import File
from django.db import DatabaseError

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.ugc.allowances import free_bytes, keep_bytes, take_upload
from django_ppx.ugc.models import UGCMedia, UGCSubmission, UGCUpload
from django_ppx.ugc.receiving import shown_name
from django_ppx.ugc.refusals import (
    FileRefused,
    SubmissionRefused,
    UploadRefused,
    WrongOffset,
    too_large,
)
from django_ppx.ugc.sniffing import HEAD_BYTES
from django_ppx.ugc.storage import FileUnavailable, new_key, remove, store
from django_ppx.ugc.uploading import MEGABYTE, check_kind, largest_of

PIECE_BYTES: Final = 8 * MEGABYTE
"""How large one piece may be."""
MOST_PIECES: Final = 2000
MOST_OPEN: Final = 3
"""Uploads of one submission that are not finished."""
Reason: Final = UploadRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of a file as it arrived. `digest` is its SHA-256."""

    file: IO[bytes]
    size: int
    digest: str


def begin_upload(*, draft: UGCSubmission, name: str, size: int, now: datetime) -> UGCUpload:
    """Begin an upload of `size` bytes, and set them aside. It counts as one file in the running hour.

    :raises FileRefused: when the offer takes no file of that size.
    :raises UploadRefused: when too many are open, the person has uploaded too much, or it was sent already.
    :raises SubmissionRefused: when the draft is gone by now.
    :raises TransactionConflict: see `run_retrying`.
    """
    most = max(largest_of(draft.ugc_offer, kind) for kind in UGCMedia.Type.values)
    if not most:
        raise FileRefused(FileRefused.Reason.NOT_ACCEPTED)
    if not size:
        raise FileRefused(FileRefused.Reason.EMPTY)
    if size > most:
        raise too_large(most)
    take_upload(limit_keys=draft.limit_keys, now=now)
    upload = UGCUpload(
        submission=draft,
        key=new_key(),
        name=shown_name(name),
        size=size,
        created_at=now,
        touched_at=now,
    )
    run_retrying(partial(_begin, upload))
    return upload


def append_piece(
    *, upload: UGCUpload, offset: int, piece: Piece, now: datetime
) -> tuple[UGCUpload, bool]:
    """Add the piece that begins at `offset`, and return the upload as it stands then, and whether it has grown.

    The same piece again changes nothing, and neither does an empty one. Of two at once for the same place, one is
    taken. The piece is stored first and its name last: a crash between leaves a file without a row, which is swept.

    :raises WrongOffset: when it begins anywhere but where the last one ended.
    :raises FileRefused: when the first piece is not of a file that is taken; then the upload is given up.
    :raises UploadRefused: when it can't be taken.
    :raises SubmissionRefused: when the draft is gone by now.
    :raises TransactionConflict: see `run_retrying`.
    """
    if _is_known(upload, offset, piece):
        return upload, False
    _check(upload, offset, piece)
    if not piece.size:
        return upload, False
    is_telling = piece.size >= HEAD_BYTES or piece.size == upload.size
    if not offset and is_telling:
        _check_head(upload, piece)
    return _store(upload, offset, piece, now)


def give_up(*, upload: UGCUpload) -> bool:
    """Cancel an upload, and return whether it was still under way. A finished one stays.

    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_give_up, upload))


def remove_upload(*, upload: UGCUpload) -> int:
    """Cancel an upload that nobody goes on with, or forget a finished one, and return how many rows that were.

    :raises TransactionConflict: see `run_retrying`.
    """
    if give_up(upload=upload):
        return 1
    finished = UGCUpload.objects.filter(pk=upload.pk, media__isnull=False)
    return run_retrying(finished.delete)[0]


def drop_uploads(submission: UGCSubmission) -> None:
    """Cancel what is under way for a submission, in the transaction that has locked it; the pieces go after it."""
    rows = UGCUpload.objects.select_for_update().filter(
        submission=submission.pk, media__isnull=True
    )
    _drop(submission, list(rows.order_by("pk")))


def part_names(upload: UGCUpload) -> list[str]:
    """Return the names of the pieces in the storage, in order."""
    return [str(part["name"]) for part in upload.parts]


def _begin(upload: UGCUpload) -> None:
    submission = _locked_draft(upload)
    rows = UGCUpload.objects.select_for_update().filter(
        submission=submission.pk, media__isnull=True
    )
    if len(rows) >= MOST_OPEN:
        raise UploadRefused(Reason.TOO_MANY_OPEN)
    keep_bytes(limit_keys=submission.limit_keys, count=upload.size)
    upload.pk = None
    upload.save(force_insert=True)


def _is_known(upload: UGCUpload, offset: int, piece: Piece) -> bool:
    """Return whether this very piece has arrived before: its answer was lost."""
    if upload.media_id is not None:
        return offset + piece.size <= upload.size
    at = 0
    for part in upload.parts:
        if at == offset:
            return (part["bytes"], part["digest"]) == (piece.size, piece.digest)
        at += int(part["bytes"])
    return False


def _check(upload: UGCUpload, offset: int, piece: Piece) -> None:
    if offset != upload.received:
        raise WrongOffset(upload.received)
    if offset + piece.size > upload.size:
        raise UploadRefused(Reason.TOO_LONG)
    if len(upload.parts) >= MOST_PIECES:
        raise UploadRefused(Reason.TOO_MANY_PIECES)


def _check_head(upload: UGCUpload, piece: Piece) -> None:
    try:
        check_kind(draft=upload.submission, upload=piece.file, size=upload.size)
    except FileRefused:
        give_up(upload=upload)
        raise


def _store(upload: UGCUpload, offset: int, piece: Piece, now: datetime) -> tuple[UGCUpload, bool]:
    piece.file.seek(0)
    content: File[Any] = File(piece.file, name="piece")
    content.size = piece.size
    try:
        name = store(key=upload.key, name=f"{offset}.part", content=content)
    except FileUnavailable as error:
        raise UploadRefused(Reason.STORAGE_AWAY) from error
    try:
        found, is_taken = run_retrying(partial(_append, upload, offset, piece, name, now))
    except DatabaseError:
        # Whether its name is there nobody knows: the commit may have been done and its answer lost.
        raise
    except BaseException:
        _discard(name)
        raise
    if not is_taken:
        _discard(name)
    return found, is_taken


def _append(
    upload: UGCUpload, offset: int, piece: Piece, name: str, now: datetime
) -> tuple[UGCUpload, bool]:
    _locked_draft(upload)
    found = UGCUpload.objects.select_for_update().filter(pk=upload.pk).first()
    if found is None:
        raise UploadRefused(Reason.GONE)
    found.submission = upload.submission
    if _is_known(found, offset, piece):
        return found, False
    _check(found, offset, piece)
    found.parts = [
        *found.parts,
        {"name": name, "bytes": piece.size, "digest": piece.digest},
    ]
    found.received = offset + piece.size
    found.touched_at = now
    found.save(update_fields=["parts", "received", "touched_at"])
    return found, True


def _give_up(upload: UGCUpload) -> bool:
    submission = UGCSubmission.objects.select_for_update().filter(pk=upload.submission_id).first()
    rows = list(UGCUpload.objects.select_for_update().filter(pk=upload.pk, media__isnull=True))
    if submission is None or not rows:
        return False
    _drop(submission, rows)
    return True


def _drop(submission: UGCSubmission, rows: list[UGCUpload]) -> None:
    if not rows:
        return
    free_bytes(limit_keys=submission.limit_keys, count=sum(row.size for row in rows))
    UGCUpload.objects.filter(pk__in=[row.pk for row in rows]).delete()
    # Not before the rows are gone for good. What stays behind is swept later.
    after_commit(partial(remove, [name for row in rows for name in part_names(row)]))


def _locked_draft(upload: UGCUpload) -> UGCSubmission:
    locked = UGCSubmission.objects.select_for_update().filter(pk=upload.submission_id).first()
    if locked is None:  # it was too old, and was removed this moment
        raise SubmissionRefused(SubmissionRefused.Reason.UNKNOWN_FORM)
    if locked.status != UGCSubmission.Status.DRAFT:
        raise UploadRefused(Reason.SENT)
    return locked


def _discard(name: str) -> None:
    # A storage of the host may raise anything. What stays behind has no row, and is swept later.
    with suppress(Exception):
        remove([name])
