"""Caps while an upload streams in: what is over them is not stored, and where nothing else follows, not even read.

`request.POST` must not be touched before: a view is exempt from CSRF outside, and protected inside (Django's docs,
"Modifying upload handlers on the fly").
"""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.refusals import FileRefused, UploadRefused, too_large
from django_ppx.ugc.sniffing import HEAD_BYTES, sniff
from django_ppx.ugc.uploading import MEGABYTE

FIELD: Final = "files"
_FORM_BYTES: Final = 1_000_000
"""Room for the other fields, and for what surrounds each file."""


def most_bytes(ugc_offer: UGCRewardOffer, *, is_one_file: bool) -> int:
    """Return how long the body of a request can be that carries what the offer allows."""
    photo = ugc_offer.max_photo_megabytes * MEGABYTE if ugc_offer.max_photos else 0
    video = ugc_offer.max_video_megabytes * MEGABYTE if ugc_offer.max_videos else 0
    if is_one_file:
        return max(photo, video) + _FORM_BYTES
    return photo * ugc_offer.max_photos + video * ugc_offer.max_videos + _FORM_BYTES


def is_too_long(request: HttpRequest, ugc_offer: UGCRewardOffer, *, is_one_file: bool) -> bool:
    """Return whether the request says that its body is longer than the offer allows. Nothing is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True
    return length > most_bytes(ugc_offer, is_one_file=is_one_file)


class CappedUploads(TemporaryFileUploadHandler):
    """Writes files to the disk until one is larger than the offer takes, or no file at all that it takes.

    In a form with several files the rest of that one is skipped and the next one goes on. Where it is the only one,
    reading stops.
    """

    def __init__(self, ugc_offer: UGCRewardOffer, *, is_one_file: bool, field: str = FIELD) -> None:
        super().__init__()
        self.field = field
        self.ugc_offer = ugc_offer
        self.is_one_file = is_one_file
        self.refused: list[tuple[str, Refusal]] = []
        """Name and reason of each file that was given up."""
        self._files = 0
        self._received = 0
        self._most: int | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._files += 1
        self._received, self._most = 0, None
        offer = self.ugc_offer
        most_files = 1 if self.is_one_file else offer.max_photos + offer.max_videos
        if self._files > most_files or self.field_name != self.field:
            self._give_up(UploadRefused(UploadRefused.Reason.ENOUGH))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)
        self._received += len(raw_data)
        if self._most is None and self._received >= HEAD_BYTES:
            self._most = self._look()
        if self._most is not None and self._received > self._most:
            self._give_up(too_large(self._most))

    def _look(self) -> int:
        """Return how large the file may be, by its first bytes."""
        found = sniff(self.file)
        self.file.seek(0, 2)
        if found is None:
            self._give_up(FileRefused(FileRefused.Reason.UNKNOWN_TYPE))
        offer = self.ugc_offer
        is_photo = found is not None and found.is_photo
        if not (offer.max_photos if is_photo else offer.max_videos):
            self._give_up(FileRefused(FileRefused.Reason.NOT_ACCEPTED))
        return MEGABYTE * (offer.max_photo_megabytes if is_photo else offer.max_video_megabytes)

    def _give_up(self, refusal: Refusal) -> None:
        self.refused.append((shown_name(self.file_name), refusal))
        if self.is_one_file:
            raise StopUpload(connection_reset=True)
        raise SkipFile


def receive(
    request: HttpRequest, ugc_offer: UGCRewardOffer, *, is_one_file: bool, field: str = FIELD
) -> CappedUploads:
    """Put the caps before the reading of the request, and return what will know which files were given up.

    Where the host has read it already, its own limits were in force, and each file is measured later.
    """
    handler = CappedUploads(ugc_offer, is_one_file=is_one_file, field=field)
    if not hasattr(request, "_files"):
        handler.request = request
        request.upload_handlers = [handler]
    return handler


def files_of(request: HttpRequest) -> list[UploadedFile[Any]]:
    """Return the files that were received, in order; a field that was left empty sends none."""
    return [file for file in request.FILES.getlist(FIELD) if file.name]


def shown_name(name: str | None) -> str:
    """Return what the customer calls the file, fit to be shown."""
    return clean_text((name or "").replace("\\", "/").rsplit("/", 1)[-1], 100)
