"""A picture without what is written beside its pixels, before any decoder sees it, and how large decoding gets.

What is left out here can neither survive nor be a bomb: text, thumbnails, further frames, whatever follows the end.
Pure: no Django, no Pillow.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

MAX_ICC_BYTES: Final = 2 * 1024 * 1024


class BrokenPicture(Exception):
    """The file does not keep to its format, or it ends too early."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bare:
    """What a decoder needs, and nothing else."""

    content: bytes
    width: int
    height: int
    orientation: int = 1
    """EXIF: 1 to 8."""
    icc_profile: bytes = b""
    frames: int = 1
    scans: int = 1
    buffered_bytes: int = 0
    """What a JPEG in several scans keeps in memory while it is decoded."""


def orientation_of(exif: bytes) -> int:
    """Return the orientation an EXIF block asks for, 1 when it says nothing readable.

    EXIF 2.32, 4.6: a TIFF header, then twelve bytes an entry; tag 0x0112 is one SHORT.
    """
    tiff = exif[6:] if exif.startswith(b"Exif\0\0") else exif
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 10:
        return 1
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for entry in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, _length, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == 0x0112:
            return value if kind == 3 and 1 <= value <= 8 else 1
    return 1
