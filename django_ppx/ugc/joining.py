"""What has arrived in pieces becomes a photo or a video, by the way of every other file."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Final

from django.core.files.base import File

from django_ppx.core.retrying import run_retrying
from django_ppx.exceptions import Refusal
from django_ppx.ugc.allowances import free_bytes, take_upload
from django_ppx.ugc.models import UGCMedia, UGCSubmission, UGCUpload
from django_ppx.ugc.patches import CHUNK_BYTES
from django_ppx.ugc.pieces import Piece, append_piece, give_up, part_names
from django_ppx.ugc.refusals import FileRefused, UploadRefused
from django_ppx.ugc.storage import FileUnavailable, open_stored
from django_ppx.ugc.uploading import add_file, become, find_file

logger: Final = logging.getLogger("django_ppx")

Reason: Final = UploadRefused.Reason


def receive_piece(*, upload: UGCUpload, offset: int, piece: Piece, now: datetime) -> UGCUpload:
    """Add a piece as `append_piece` does; with the last one the file is put together and added to the draft.

    What is refused then is given up, except where the storage was away: the same piece again, or an empty one, tries
    once more, and counts as one more file of the hour, since looking at it costs as much.

    :raises Refusal: as `append_piece` and `add_file` do.
    :raises TransactionConflict: see `run_retrying`.
    """
    upload, has_grown = append_piece(upload=upload, offset=offset, piece=piece, now=now)
    if upload.media_id is not None or upload.received < upload.size:
        return upload
    if not has_grown:
        take_upload(limit_keys=upload.submission.limit_keys, now=now)
    try:
        with TemporaryFile() as whole:
            upload.media = _media(upload, whole, _put_together(upload, whole), now)
    except Refusal as refused:
        # Another request may have been quicker: then the pieces are gone, under the hands of this one.
        upload.media = UGCMedia.objects.filter(upload=upload.pk).first()
        if upload.media is None:
            if refused.reason != Reason.STORAGE_AWAY:
                give_up(upload=upload)
            raise
    return upload


def _put_together(upload: UGCUpload, into: IO[bytes]) -> str:
    """Write the pieces into a file, and return its SHA-256."""
    digest = hashlib.sha256()
    try:
        for name in part_names(upload):
            with open_stored(name) as part:
                while chunk := part.read(CHUNK_BYTES):
                    digest.update(chunk)
                    into.write(chunk)
    except FileUnavailable as error:
        raise UploadRefused(Reason.STORAGE_AWAY) from error
    except Exception as error:  # a storage of the host may raise anything
        logger.error("The pieces of a customer's file can't be read.", exc_info=error)
        raise UploadRefused(Reason.STORAGE_AWAY) from error
    return digest.hexdigest()


def _media(upload: UGCUpload, whole: IO[bytes], digest: str, now: datetime) -> UGCMedia:
    draft = upload.submission
    found = find_file(draft=draft, digest=digest)
    if found is None:
        try:
            if whole.tell() != upload.size:
                raise FileRefused(FileRefused.Reason.BROKEN)
            file: File[bytes] = File(whole, name="whole")
            return add_file(draft=draft, upload=file, name=upload.name, now=now, arrived=upload)
        except UploadRefused:
            # Two requests may have put the same pieces together.
            found = find_file(draft=draft, digest=digest)
            if found is None:
                raise
    run_retrying(partial(_settle, upload, found, now))
    return found


def _settle(upload: UGCUpload, media: UGCMedia, now: datetime) -> None:
    """End an upload of a file that is there already."""
    submission = UGCSubmission.objects.select_for_update().filter(pk=upload.submission_id).first()
    mine = UGCUpload.objects.select_for_update().filter(pk=upload.pk, media__isnull=True).first()
    if submission is None or mine is None:
        return
    if UGCUpload.objects.filter(media=media).exists():
        give_up(upload=upload)
        return
    free_bytes(limit_keys=submission.limit_keys, count=upload.size)
    become(upload=upload, media=media, now=now)
