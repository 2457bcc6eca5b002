"""Taking one file into a draft: looked at, re-made, stored. What was sent up is not kept."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.core.files.base import File
from django.db import DatabaseError, IntegrityError, transaction

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.ugc.allowances import free_bytes, keep_bytes, take_upload
from django_ppx.ugc.models import UGCMedia, UGCRewardOffer, UGCSubmission, UGCUpload
from django_ppx.ugc.patches import CHUNK_BYTES
from django_ppx.ugc.pictures import Picture, prepare_picture
from django_ppx.ugc.refusals import FileRefused, SubmissionRefused, UploadRefused, too_large
from django_ppx.ugc.sniffing import sniff
from django_ppx.ugc.storage import FileUnavailable, new_key, remove, store
from django_ppx.ugc.videos import prepare_video

MEGABYTE: Final = 1_000_000
Type: Final = UGCMedia.Type
Status: Final = UGCSubmission.Status


@dataclass(kw_only=True, slots=True)
class _Stored:
    """A re-made file as it lies in the storage, before there is a row for it."""

    key: str
    type: str
    columns: dict[str, Any] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(int(file["bytes"]) for file in self.files.values())

    def put(self, name: str, content: bytes | File[bytes], **facts: Any) -> None:
        try:
            stored = store(key=self.key, name=name, content=content)
        except FileUnavailable as error:
            raise UploadRefused(UploadRefused.Reason.STORAGE_AWAY) from error
        size = len(content) if isinstance(content, bytes) else content.size
        self.files[name] = {"name": stored, "bytes": size, **facts}

    def discard(self) -> None:
        # A storage of the host may raise anything. What stays behind has no row, and is swept later.
        with suppress(Exception):
            remove(file["name"] for file in self.files.values())


def add_file(
    *,
    draft: UGCSubmission,
    upload: File[bytes],
    name: str,
    now: datetime,
    arrived: UGCUpload | None = None,
) -> UGCMedia:
    """Take `upload` into the draft and return its row. `name` is what the customer called it.

    The files are stored first, the row last: a crash between leaves files without a row, which nobody can reach. What
    has `arrived` in pieces was counted when it was begun; it is over with the row.

    :raises FileRefused: when it is not what it should be.
    :raises UploadRefused: when the draft takes no more, the person has uploaded too much, or the storage is away.
    :raises SubmissionRefused: when the draft is gone by now.
    :raises TransactionConflict: see `run_retrying`.
    """
    if arrived is None:
        take_upload(limit_keys=draft.limit_keys, now=now)
    stored = _Stored(key=new_key(), type=check_kind(draft=draft, upload=upload))
    try:
        _prepare(stored, upload, draft.ugc_offer)
        return run_retrying(partial(_attach, draft, stored, name, now, arrived))
    except DatabaseError:
        # Whether the row is there nobody knows: the commit may have been done and its answer lost.
        raise
    except BaseException:
        stored.discard()
        raise


def add_file_once(
    *, draft: UGCSubmission, upload: File[bytes], name: str, now: datetime
) -> tuple[UGCMedia, bool]:
    """Take `upload` into the draft as `add_file` does, and return its row and whether it is new.

    The same file again is the one that is there, and does not count: its answer was lost.

    :raises Refusal: as `add_file` does.
    :raises TransactionConflict: see `run_retrying`.
    """
    digest = _digest_of(upload)
    found = find_file(draft=draft, digest=digest)
    if found is not None:
        return found, False
    try:
        return add_file(draft=draft, upload=upload, name=name, now=now), True
    except UploadRefused:
        # Two at once: the other one may have been this very file.
        found = find_file(draft=draft, digest=digest)
        if found is None:
            raise
        return found, False


def find_file(*, draft: UGCSubmission, digest: str) -> UGCMedia | None:
    """Return the draft's file that was made of an upload with this SHA-256."""
    return draft.media.filter(digest=digest).first()


def check_kind(*, draft: UGCSubmission, upload: File[bytes] | IO[bytes], size: int = 0) -> str:
    """Return whether this is a photo or a video, by its first bytes; of `size` bytes once all are there.

    :raises FileRefused: when it is neither, is not asked for, or will be too large.
    :raises UploadRefused: when the draft has as many as it takes.
    """
    found = sniff(upload)
    if found is None:
        raise FileRefused(FileRefused.Reason.UNKNOWN_TYPE)
    media_type = Type.PHOTO if found.is_photo else Type.VIDEO
    _check_room(draft, media_type)
    most = largest_of(draft.ugc_offer, media_type)
    if size > most:
        raise too_large(most)
    return media_type


def remove_file(*, draft: UGCSubmission, media_id: int) -> bool:
    """Take a file out of the draft again, and return whether there was such a one.

    :raises TransactionConflict: see `run_retrying`.
    """
    media = run_retrying(partial(_detach, draft, media_id))
    if media is None:
        return False
    # Not before the row is gone for good. What stays behind is swept later.
    after_commit(partial(remove, [file["name"] for file in media.files.values()]))
    return True


def most_of(ugc_offer: UGCRewardOffer, media_type: str) -> int:
    """Return how many files of this type one submission takes."""
    return ugc_offer.max_photos if media_type == Type.PHOTO else ugc_offer.max_videos


def largest_of(ugc_offer: UGCRewardOffer, media_type: str) -> int:
    """Return how many bytes a file of this type may have; 0 where none is taken."""
    if not most_of(ugc_offer, media_type):
        return 0
    is_photo = media_type == Type.PHOTO
    megabytes = ugc_offer.max_photo_megabytes if is_photo else ugc_offer.max_video_megabytes
    return megabytes * MEGABYTE


def _check_room(draft: UGCSubmission, media_type: str) -> None:
    most = most_of(draft.ugc_offer, media_type)
    if not most:
        raise FileRefused(FileRefused.Reason.NOT_ACCEPTED)
    if draft.media.filter(type=media_type).count() >= most:
        raise UploadRefused(UploadRefused.Reason.ENOUGH)


def _prepare(stored: _Stored, upload: File[bytes], ugc_offer: UGCRewardOffer) -> None:
    if stored.type == Type.PHOTO:
        most = largest_of(ugc_offer, stored.type)
        picture = prepare_picture(upload, max_bytes=most)
        stored.columns = {
            "width": picture.width,
            "height": picture.height,
            "digest": picture.digest,
            "fingerprint": picture.fingerprint,
        }
        _put_picture(stored, picture)
        return
    with TemporaryFile() as made:
        most = largest_of(ugc_offer, stored.type)
        video = prepare_video(upload, max_bytes=most, into=made)
        stored.columns = {
            "width": video.width,
            "height": video.height,
            "duration_seconds": video.duration_seconds,
            "digest": video.digest,
            "fingerprint": video.poster.fingerprint if video.poster else None,
        }
        made.seek(0)
        content = File(made, name=f"video.{video.extension}")
        content.size = video.size
        stored.put(f"video.{video.extension}", content, type=video.content_type)
        if video.poster:
            _put_picture(stored, video.poster)


def _put_picture(stored: _Stored, picture: Picture) -> None:
    for file in picture.files:
        suffix = "jpg" if file.format == "jpeg" else file.format
        stored.put(
            f"{file.size}.{suffix}",
            file.content,
            type=f"image/{file.format}",
            width=file.width,
            height=file.height,
        )


def _attach(
    draft: UGCSubmission, stored: _Stored, name: str, now: datetime, arrived: UGCUpload | None
) -> UGCMedia:
    locked = UGCSubmission.objects.select_for_update().filter(pk=draft.pk).first()
    if locked is None:  # it was too old, and was removed this moment
        raise SubmissionRefused(SubmissionRefused.Reason.UNKNOWN_FORM)
    if locked.status != Status.DRAFT:
        raise UploadRefused(UploadRefused.Reason.SENT)
    mine = list(locked.media.select_for_update())
    if sum(media.type == stored.type for media in mine) >= most_of(draft.ugc_offer, stored.type):
        raise UploadRefused(UploadRefused.Reason.ENOUGH)
    if any(media.digest == stored.columns["digest"] for media in mine):
        raise UploadRefused(UploadRefused.Reason.TWICE)
    if arrived is not None:
        _let_go(arrived, locked)
    keep_bytes(limit_keys=locked.limit_keys, count=stored.size)
    media = UGCMedia(
        submission=draft,
        key=stored.key,
        type=stored.type,
        position=max((each.position for each in mine), default=0) + 1,
        files=stored.files,
        stored_bytes=stored.size,
        original_name=clean_text(name.replace("\\", "/").rsplit("/", 1)[-1], 100),
        created_at=now,
        **stored.columns,
    )
    try:
        with transaction.atomic():
            media.save(force_insert=True)
    except IntegrityError as error:
        raise UploadRefused(UploadRefused.Reason.TWICE) from error
    if arrived is not None:
        become(upload=arrived, media=media, now=now)
    return media


def become(*, upload: UGCUpload, media: UGCMedia, now: datetime) -> None:
    """Note what has become of an upload in pieces, in the transaction that frees its bytes; the pieces go after it."""
    UGCUpload.objects.filter(pk=upload.pk).update(media=media, parts=[], touched_at=now)
    after_commit(partial(remove, [part["name"] for part in upload.parts]))


def _digest_of(upload: File[bytes]) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    while chunk := upload.read(CHUNK_BYTES):
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _let_go(arrived: UGCUpload, submission: UGCSubmission) -> None:
    """Free the bytes that were set aside for an upload in pieces: what is made of it is counted instead."""
    mine = UGCUpload.objects.select_for_update().filter(pk=arrived.pk, media__isnull=True)
    if mine.first() is None:
        # Another request has put the same pieces together, or they were given up this moment.
        raise UploadRefused(UploadRefused.Reason.TWICE)
    free_bytes(limit_keys=submission.limit_keys, count=arrived.size)


def _detach(draft: UGCSubmission, media_id: int) -> UGCMedia | None:
    locked = UGCSubmission.objects.select_for_update().filter(pk=draft.pk).first()
    if locked is None or locked.status != Status.DRAFT:
        return None
    media = locked.media.select_for_update().filter(pk=media_id).first()
    if media is None:
        return None
    free_bytes(limit_keys=locked.limit_keys, count=media.stored_bytes)
    UGCUpload.objects.filter(media=media).delete()
    media.delete()
    return media
