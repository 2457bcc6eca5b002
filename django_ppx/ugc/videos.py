"""A customer's video: checked by its boxes or elements and copied without what is not picture or sound (GUARD 4).

It is not decoded and not encoded anew; what a player does not need is overwritten in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from django.core.files import File

from django_ppx.ugc.ebml import scrub_webm
from django_ppx.ugc.movies import scrub_movie
from django_ppx.ugc.patches import copy
from django_ppx.ugc.pictures import Picture
from django_ppx.ugc.posters import poster_of
from django_ppx.ugc.refusals import FileRefused, too_large
from django_ppx.ugc.sniffing import Type, sniff

CONTENT_TYPES: Final[Mapping[Type, str]] = {
    Type.MP4: "video/mp4",
    Type.MOV: "video/quicktime",
    Type.WEBM: "video/webm",
}
_END: Final = 2
_Reason = FileRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """A video as it is kept.

    `digest` is the SHA-256 of the upload, `size` the bytes that were written. Length and sides are what the file says
    of itself; None when it does not.
    """

    content_type: str
    extension: str
    duration_seconds: float | None
    width: int | None
    height: int | None
    digest: str
    size: int
    poster: Picture | None


def prepare_video(upload: File[Any], *, max_bytes: int, into: BinaryIO) -> Video:
    """Write the video into `into`, at its beginning, and return what it is. Memory stays within a few chunks.

    Nothing is written when it is refused. A poster is made only of an `into` that can be read again.

    :raises FileRefused: when it is no video, too large, damaged, cut off, in pieces or without a picture.
    """
    size = upload.seek(0, _END)
    if not size:
        raise FileRefused(_Reason.EMPTY)
    if size > max_bytes:
        raise too_large(max_bytes)
    kind = sniff(upload)
    if kind is None:
        raise FileRefused(_Reason.UNKNOWN_TYPE)
    if not kind.is_video:
        raise FileRefused(_Reason.NOT_ACCEPTED)
    scrub = scrub_webm if kind is Type.WEBM else scrub_movie
    scrubbed = scrub(upload, size)
    digest = copy(upload, into, scrubbed)
    return Video(
        content_type=CONTENT_TYPES[kind],
        extension=str(kind),
        duration_seconds=scrubbed.duration_seconds,
        width=scrubbed.width,
        height=scrubbed.height,
        digest=digest,
        size=scrubbed.end,
        poster=poster_of(into, kind=kind, digest=digest),
    )
