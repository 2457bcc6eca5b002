"""Finding and reading the files that are served: to everybody while they are published, to their sender, to staff.

A file is looked up anew each time it is asked for, so what is taken down is gone with the commit, behind a cache too.
The answer is made in `file_responses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.files.base import File

from django_ppx.exceptions import PpxError
from django_ppx.ugc.models import UGCMedia
from django_ppx.ugc.querysets import UGCMediaQuerySet
from django_ppx.ugc.storage import KEY_LENGTH, FileUnavailable, open_stored

SERVED_TYPES: Final = frozenset(
    {"image/jpeg", "image/webp", "video/mp4", "video/quicktime", "video/webm"}
)
"""What we store ourselves. A row that says anything else is not served."""
CHUNK_BYTES: Final = 64 * 1024

_KEY: Final = re.compile(rf"[a-z0-9]{{{KEY_LENGTH}}}")
_RANGE: Final = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)


class NotShown(PpxError):
    """There is no such file, or whoever asks may not see it now. It does not say which."""


class RangeUnsatisfiable(PpxError):
    """The bytes asked for lie beyond the end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedFile:
    """One file as it goes out: nothing in it comes from the upload's own headers or name."""

    name: str
    stored_name: str
    content_type: str
    size: int
    etag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ByteRange:
    """The bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def published_media(key: str, *, now: datetime) -> UGCMediaQuerySet:
    """Return the photo or video of this key while it is published; none for every other string."""
    media: UGCMediaQuerySet = UGCMedia.objects.published(now=now)
    return media.filter(key=key) if _KEY.fullmatch(key) else media.none()


def find_file(*, key: str, name: str, now: datetime) -> ServedFile:
    """Return what is needed to serve a file. One query; the storage is not asked.

    :raises NotShown: for everything that is not published at `now`.
    """
    files = published_media(key, now=now).values_list("files", flat=True).first()
    return file_of(files or {}, key=key, name=name)


def file_of(files: Mapping[str, Any], *, key: str, name: str) -> ServedFile:
    """Return what is needed to serve one of the `files` of a photo or video.

    :raises NotShown: when it has none of this name, or of a type that we do not make.
    """
    file = files.get(name)
    if file is None or file["type"] not in SERVED_TYPES:
        raise NotShown
    return ServedFile(
        name=name,
        stored_name=str(file["name"]),
        content_type=str(file["type"]),
        size=int(file["bytes"]),
        # A file is never changed under its key.
        etag=f'"{key}-{name}"',
    )


def open_file(served: ServedFile) -> File[Any]:
    """Return the open file.

    :raises NotShown: when the storage does not give it, which is logged.
    """
    try:
        return open_stored(served.stored_name)
    except FileUnavailable as error:
        raise NotShown from error


def range_of(header: str, *, size: int) -> ByteRange | None:
    """Return the one range that a `Range` header asks for; None where all is sent. RFC 9110, section 14.

    "bytes=0-99" are the first 100 bytes, "bytes=-100" the last. Several at once are ignored, as is what is malformed.

    :raises RangeUnsatisfiable: when there is no such byte.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    begin, end = match.groups()
    if not begin:
        length = min(int(end), size)
        if not length:
            raise RangeUnsatisfiable
        return ByteRange(first=size - length, last=size - 1)
    if end and int(end) < int(begin):
        return None
    if int(begin) >= size:
        raise RangeUnsatisfiable
    return ByteRange(first=int(begin), last=min(int(end), size - 1) if end else size - 1)


class Chunks:
    """The bytes of an open file, in chunks. Closes the file, also where nobody reads it to the end."""

    def __init__(self, file: File[Any], wanted: ByteRange) -> None:
        self._file = file
        self._wanted = wanted

    def __iter__(self) -> Iterator[bytes]:
        left = self._wanted.length
        self._file.seek(self._wanted.first)
        while left > 0 and (chunk := self._file.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()
