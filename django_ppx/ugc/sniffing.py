"""What a file is, by its first bytes. Neither its name nor the type that the browser claims is asked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import IO, Any, Final

from django.core.files import File
from PIL import Image


class Type(StrEnum):
    """The kinds of files that are ever taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"
    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"

    @property
    def is_photo(self) -> bool:
        return not self.is_video

    @property
    def is_video(self) -> bool:
        return self in {Type.MP4, Type.MOV, Type.WEBM}


HEAD_BYTES: Final = 4096

_PHOTO_BRANDS: Final = {
    Type.HEIC: frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}),
    Type.AVIF: frozenset({b"avif", b"avis"}),
}
_PILLOW_NAMES: Final = {Type.HEIC: "HEIF", Type.AVIF: "AVIF"}
QUICKTIME: Final = b"qt  "
MP4_BRANDS: Final = frozenset(
    {
        *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9"),
        *(b"mp41", b"mp42", b"mp71", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"XAVC"),
        *(b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a", b"f4v ", b"hvc1", b"av01"),
    }
)
"""Brands of video files, from the registry at mp4ra.org. Audio ("M4A ") is not among them."""


def sniff(upload: File[Any] | IO[bytes]) -> Type | None:
    """Return what the file is by content, None when it is nothing we take. The file is left at its beginning.

    HEIC and AVIF are known only where the installed Pillow opens them.
    """
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return Type.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Type.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Type.WEBP
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return Type.WEBM if b"\x42\x82\x84webm" in head[:256] else None
    return _by_brand(head) if head[4:8] == b"ftyp" else None


def can_open(kind: Type) -> bool:
    """Return whether this Pillow opens HEIC or AVIF."""
    Image.init()
    return _PILLOW_NAMES[kind] in Image.OPEN


def _by_brand(head: bytes) -> Type | None:
    length = int.from_bytes(head[:4], "big")
    if not 16 <= length <= HEAD_BYTES or length > len(head):
        return None
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, length - 3, 4))}
    is_image = major in {b"mif1", b"msf1"}
    for kind, known in _PHOTO_BRANDS.items():
        if major in known or (is_image and brands & known):
            return kind if can_open(kind) else None
    if major == QUICKTIME:
        return Type.MOV
    return Type.MP4 if major in MP4_BRANDS else None


PILLOW_FORMATS: Final[Mapping[Type, str]] = {
    Type.JPEG: "JPEG",
    Type.PNG: "PNG",
    Type.WEBP: "WEBP",
    **_PILLOW_NAMES,
}
