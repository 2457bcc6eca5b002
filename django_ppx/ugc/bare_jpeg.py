"""A JPEG reduced to its tables and scans. Pure: no Django, no Pillow.

ITU-T T.81, annex B: a file is a row of segments `FF marker length payload`; coded data follows a SOS, and in it FF is
followed by 00 or a restart marker.
"""

from __future__ import annotations

import re
from typing import Final

from django_ppx.ugc.bare import MAX_ICC_BYTES, Bare, BrokenPicture, orientation_of

_SOS: Final = 0xDA
_EOI: Final = 0xD9
_APP1: Final = 0xE1
_APP2: Final = 0xE2
_KEPT: Final = {0xDB, 0xC4, 0xDD, 0xEE}
"""DQT, DHT, DRI, and APP14, by which Adobe says how colours are written."""
_FRAMES: Final = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive, as browsers show them; arithmetic and lossless ones are not taken."""
_PROGRESSIVE: Final = 0xC2
_ICC: Final = b"ICC_PROFILE\0"
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.kept: list[bytes | memoryview] = [b"\xff\xd8"]
        self.orientation = 1
        self.icc: dict[int, bytes] = {}
        self.frame = b""
        self.is_progressive = False
        self.scans = 0

    def segment(self, at: int) -> tuple[int, int]:
        """Return the marker at an offset and where its segment ends."""
        data = self.data
        while (
            data[at : at + 2] == b"\xff\xff"
        ):  # any number of fill bytes may stand before a marker
            at += 1
        if at + 4 > len(data) or data[at] != 0xFF:
            raise BrokenPicture("no marker")
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data):
            raise BrokenPicture("a segment is longer than the file")
        self.payload = data[at + 4 : end]
        self.whole = memoryview(data)[at:end]
        return data[at + 1], end

    def take(self, marker: int, end: int) -> int:
        """Keep a segment if the decoder needs it; return where the next one begins."""
        if marker in _FRAMES:
            if self.frame:
                raise BrokenPicture("two frames")
            self.frame = self.payload
            self.is_progressive = marker == _PROGRESSIVE
        elif 0xC0 <= marker <= 0xCF and marker != 0xC4:
            raise BrokenPicture("not a frame that browsers show")
        elif marker == _APP1 and self.payload.startswith(b"Exif\0\0") and self.orientation == 1:
            self.orientation = orientation_of(self.payload)
        elif marker == _APP2 and self.payload.startswith(_ICC) and len(self.payload) > 14:
            self.icc.setdefault(self.payload[12], self.payload[14:])
        if marker in _KEPT or marker in _FRAMES or marker == _SOS:
            self.kept.append(self.whole)
        if marker != _SOS:
            return end
        if not self.frame:
            raise BrokenPicture("a scan without a frame")
        self.scans += 1
        found = _MARKER.search(self.data, end)
        if found is None:
            raise BrokenPicture("it ends within a scan")
        self.kept.append(memoryview(self.data)[end : found.start()])
        return found.start()


def bare_jpeg(data: bytes) -> Bare:
    """Return the first picture of the file alone; further ones, as in an MPO, are left out.

    :raises BrokenPicture: when it is truncated or no ordinary JPEG.
    """
    reader = _Reader(data)
    at = 2
    while data[at : at + 2] != b"\xff\xd9":
        marker, end = reader.segment(at)
        if marker == _EOI:
            break
        at = reader.take(marker, end)
    frame = reader.frame
    if not reader.scans or len(frame) < 6 or len(frame) < 6 + 3 * frame[5]:
        raise BrokenPicture("no scan")
    reader.kept.append(b"\xff\xd9")
    icc = b"".join(reader.icc[number] for number in sorted(reader.icc))
    width, height = int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
    is_buffered = reader.is_progressive or reader.scans > 1
    return Bare(
        content=b"".join(reader.kept),
        width=width,
        height=height,
        orientation=reader.orientation,
        icc_profile=icc if len(icc) <= MAX_ICC_BYTES else b"",
        scans=reader.scans,
        buffered_bytes=_coefficient_bytes(frame, width * height) if is_buffered else 0,
    )


def _coefficient_bytes(frame: bytes, pixels: int) -> int:
    """Return what the coefficients of all scans take: two bytes a sample. 4:2:0 has 1.5 samples a pixel."""
    factors = [frame[at] for at in range(7, 6 + 3 * frame[5], 3)]
    across, down = [factor >> 4 for factor in factors], [factor & 15 for factor in factors]
    if not factors or not all(across) or not all(down):
        raise BrokenPicture("a component without samples")
    samples = sum(x * y for x, y in zip(across, down, strict=True))
    return 2 * pixels * samples // (max(across) * max(down))
