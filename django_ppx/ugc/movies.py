"""What of an MP4 or MOV is kept: pictures, sound and what a player needs to find them. All else becomes zeroes.

An allow-list, at every level: a box that is not named here becomes `free`, and so do whole tracks that are neither
picture nor sound (positions, sensors, chapters). Of the media data only what belongs to a kept track is left.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Final

from django_ppx.ugc.boxes import Box, Budget, children, find, read_box
from django_ppx.ugc.patches import Scrubbed, read_at
from django_ppx.ugc.refusals import FileRefused
from django_ppx.ugc.samples import Range, merged, sample_ranges
from django_ppx.ugc.sniffing import MP4_BRANDS, QUICKTIME

MAX_MOOV_BYTES: Final = 16 * 1024 * 1024
MAX_TRACKS: Final = 32
_Reason = FileRefused.Reason

_IN_PIECES: Final = frozenset({b"moof", b"styp", b"sidx"})
_KEPT: Final[Mapping[bytes, frozenset[bytes]]] = {
    b"moov": frozenset({b"mvhd", b"trak"}),
    b"trak": frozenset({b"tkhd", b"mdia", b"edts", b"tapt"}),
    b"edts": frozenset({b"elst"}),
    b"tapt": frozenset({b"clef", b"prof", b"enof"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"hdlr", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset(
        {
            *(b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stps", b"sdtp"),
            *(b"stsc", b"stsz", b"stco", b"co64"),
        }
    ),
}
_CODECS: Final = {
    b"vide": frozenset(
        {
            *(b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"av01", b"vp08", b"vp09"),
            *(b"mp4v", b"s263", b"jpeg", b"mjpa", b"apch", b"apcn", b"apcs", b"apco", b"ap4h"),
        }
    ),
    b"soun": frozenset(
        {
            *(b"mp4a", b"alac", b"ac-3", b"ec-3", b"Opus", b"fLaC", b".mp3", b"samr", b"sawb"),
            *(b"sowt", b"twos", b"lpcm", b"in24", b"in32", b"fl32", b"fl64", b"ulaw", b"alaw"),
        }
    ),
}
_ENTRY_BYTES: Final = {b"vide": 78, b"soun": 28}
_ENTRY_KEPT: Final = frozenset(
    {
        *(b"avcC", b"hvcC", b"av1C", b"vpcC", b"dvcC", b"dvvC", b"d263", b"colr", b"pasp"),
        *(b"btrt", b"clap", b"fiel", b"mdcv", b"clli", b"SmDm", b"CoLL", b"esds", b"dOps"),
        *(b"dac3", b"dec3", b"dfLa", b"damr", b"chan", b"alac", b"wave"),
    }
)
_ROWS: Final = {
    kind: size
    for size, kinds in {
        4: (b"stss", b"stps", b"stco"),
        8: (b"stts", b"ctts", b"co64"),
        12: (b"stsc",),
    }.items()
    for kind in kinds
}
"""Bytes of a row, after version, flags and a count."""
_LENGTHS: Final = {
    b"mvhd": (100, 112),
    b"tkhd": (84, 96),
    b"mdhd": (24, 36),
    b"cslg": (24, 44),
    **dict.fromkeys((b"vmhd", b"clef", b"prof", b"enof"), (12, 12)),
    b"smhd": (8, 8),
}
"""Bytes of a box in its version 0 and 1. What follows them has no meaning."""
_UNKNOWN_DURATION: Final = {0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}


def scrub_movie(stream: IO[bytes], size: int) -> Scrubbed:
    """Return what to overwrite in an MP4 or MOV of `size` bytes.

    :raises FileRefused: when it is damaged, cut off, in pieces, too complex or without a picture.
    """
    budget = Budget()
    top, end = _top_level(stream, size, budget)
    found = Scrubbed(end=end)
    moovs = [box for box in top if box.kind == b"moov"]
    media = [box for box in top if box.kind == b"mdat"]
    if len(moovs) != 1 or not media or top[0].kind != b"ftyp":
        raise FileRefused(_Reason.BROKEN)
    if moovs[0].end - moovs[0].start > MAX_MOOV_BYTES:
        raise FileRefused(_Reason.TOO_COMPLEX)
    _scrub_brands(stream, top[0], found)
    for box in top[1:]:
        if box.kind not in {b"moov", b"mdat"}:
            _free(box, found)
    ranges = _Movie(stream, moovs[0], budget, found).scrub()
    _scrub_media(media, merged(ranges), found)
    return found


def _top_level(stream: IO[bytes], size: int, budget: Budget) -> tuple[list[Box], int]:
    """Return the boxes of the file and where the last one ends. What follows it and is no box is left out."""
    top: list[Box] = []
    at = 0
    while at < size:
        budget.spend()
        box = read_box(stream, at, size)
        if box is None or not _is_kind(box.kind):
            kinds = {one.kind for one in top}
            is_cut = read_at(stream, at + 4, 4) in {b"mdat", b"moov"}
            if is_cut or not {b"moov", b"mdat"} <= kinds:
                raise FileRefused(_Reason.BROKEN)
            break
        if box.kind in _IN_PIECES:
            raise FileRefused(_Reason.IN_PIECES)
        top.append(box)
        at = box.end
    return top, at


def _is_kind(kind: bytes) -> bool:
    return all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind)


def _free(box: Box, found: Scrubbed) -> None:
    """Make a box `free`: its size stays, all that is in it goes."""
    found.zero(box.start + 4, box.start + 8, b"free")
    found.zero(box.body, box.end)


def _scrub_brands(stream: IO[bytes], ftyp: Box, found: Scrubbed) -> None:
    """Leave the brands we know; any other becomes the file's own first one."""
    content = read_at(stream, ftyp.body, ftyp.end - ftyp.body)
    known = MP4_BRANDS | {QUICKTIME}
    own = content[:4]
    rest = [content[at : at + 4] for at in range(8, len(content) - 3, 4)]
    brands = b"".join(brand if brand in known else own for brand in rest)
    found.zero(ftyp.body, ftyp.end, own + bytes(4) + brands)


def _scrub_media(media: list[Box], kept: list[Range], found: Scrubbed) -> None:
    """Overwrite what no kept track points at. :raises FileRefused: when one points outside the media data."""
    waiting = iter(kept)
    current = next(waiting, None)
    for box in media:
        at = box.body
        while current is not None and current[0] < box.end:
            if current[0] < at or current[1] > box.end:
                raise FileRefused(_Reason.BROKEN)
            found.zero(at, current[0])
            at = current[1]
            current = next(waiting, None)
        found.zero(at, box.end)
    if current is not None:
        raise FileRefused(_Reason.BROKEN)


class _Movie:
    """The walk through one `moov`. Only it is held in memory."""

    def __init__(self, stream: IO[bytes], moov: Box, budget: Budget, found: Scrubbed) -> None:
        self.base = moov.start
        self.data = read_at(stream, moov.start, moov.end - moov.start)
        self.stream = BytesIO(self.data)
        self.moov = Box(kind=b"moov", start=0, body=moov.body - moov.start, end=len(self.data))
        self.budget = budget
        self.found = found

    def scrub(self) -> list[Range]:
        """Return the ranges of the media data that kept tracks point at."""
        ranges: list[Range] = []
        tracks = [box for box in self._children(self.moov) if box.kind == b"trak"]
        if len(tracks) > MAX_TRACKS:
            raise FileRefused(_Reason.TOO_COMPLEX)
        for box in self._children(self.moov):
            if box.kind == b"mvhd":
                self._leaf(box)
                self.found.duration_seconds = _duration(self._content(box))
            elif box.kind == b"trak":
                ranges += self._track(box)
            else:
                self._free(box)
        if self.found.width is None:
            raise FileRefused(_Reason.NO_PICTURE)
        return ranges

    def _track(self, trak: Box) -> list[Range]:
        handler, entry = self._kind_of(trak)
        if entry not in _CODECS.get(handler, frozenset()):
            self._free(trak)
            return []
        tables: dict[bytes, bytes] = {}
        self._walk(trak, handler, tables)
        ranges = sample_ranges(tables, unit_bytes=_unit_bytes(handler, tables[b"stsd"]))
        header = tables.get(b"tkhd", b"")
        if handler == b"vide" and ranges and self.found.width is None:
            self.found.width, self.found.height = _sides(header)
        return ranges

    def _kind_of(self, trak: Box) -> tuple[bytes, bytes]:
        """Return a track's handler and the kind of its samples; when it has several kinds, the first odd one."""
        mdia = self._only(trak, b"mdia")
        handler = self._content(self._only(mdia, b"hdlr"))[8:12]
        if handler not in _CODECS:
            return handler, b""
        stbl = self._only(self._only(mdia, b"minf"), b"stbl")
        entries = self._children(self._only(stbl, b"stsd"), skip=8)
        kinds = [entry.kind for entry in entries]
        return handler, next(
            (kind for kind in kinds if kind not in _CODECS[handler]), (kinds or [b""])[0]
        )

    def _walk(self, parent: Box, handler: bytes, tables: dict[bytes, bytes]) -> None:
        for box in self._children(parent):
            if box.kind not in _KEPT[parent.kind] or box.kind in tables:
                self._free(box)
            elif box.kind in _KEPT:
                self._walk(box, handler, tables)
            else:
                self._leaf(box, handler)
                if box.kind != b"hdlr":  # QuickTime has two of them
                    tables[box.kind] = self._content(box)

    def _leaf(self, box: Box, handler: bytes = b"") -> None:
        content = self._content(box)
        is_long = content[:1] == b"\1"
        if box.kind in {b"mvhd", b"tkhd", b"mdhd"}:
            self._zero(
                box.body + 4, box.body + (20 if is_long else 12)
            )  # when it was made and changed
        if box.kind in _LENGTHS:
            self._zero(box.body + _LENGTHS[box.kind][is_long], box.end)
        elif box.kind in _ROWS or box.kind == b"elst":
            row = _ROWS.get(box.kind) or (20 if is_long else 12)
            count = int.from_bytes(content[4:8], "big")
            self._zero(box.body + 8 + row * count, box.end)
        elif box.kind == b"stsz":
            uniform, count = (
                int.from_bytes(content[4:8], "big"),
                int.from_bytes(content[8:12], "big"),
            )
            self._zero(box.body + 12 + (0 if uniform else 4 * count), box.end)
        elif box.kind == b"hdlr":
            self._zero(box.body + 12, box.end)  # a name
        elif box.kind == b"dref":
            self._references(box)
        elif box.kind == b"stsd":
            for entry in self._children(box, skip=8):
                self._entry(entry, handler)

    def _references(self, dref: Box) -> None:
        """Refuse data in other files; overwrite what a reference to this one says."""
        for box in self._children(dref, skip=8):
            if self._content(box)[:4] != b"\0\0\0\1":
                raise FileRefused(_Reason.TOO_COMPLEX)
            self._zero(box.body + 4, box.end)

    def _entry(self, entry: Box, handler: bytes) -> None:
        """Keep of a sample's description what a decoder needs."""
        skip = _ENTRY_BYTES[handler]
        if handler == b"vide":
            self._zero(entry.body + 42, entry.body + 74)  # the name of the encoder
        else:
            version = int.from_bytes(self._content(entry)[8:10], "big")
            skip += {1: 16, 2: 36}.get(version, 0)
        for box in self._children(entry, skip=skip):
            if box.kind not in _ENTRY_KEPT:
                self._free(box)

    def _only(self, parent: Box, kind: bytes) -> Box:
        box = find(self._children(parent), kind)
        if box is None:
            raise FileRefused(_Reason.BROKEN)
        return box

    def _children(self, parent: Box, *, skip: int = 0) -> list[Box]:
        return children(self.stream, parent, self.budget, skip=skip)

    def _content(self, box: Box) -> bytes:
        return self.data[box.body : box.end]

    def _zero(self, start: int, end: int, content: bytes = b"") -> None:
        self.found.zero(self.base + start, self.base + end, content)

    def _free(self, box: Box) -> None:
        self._zero(box.start + 4, box.start + 8, b"free")
        self._zero(box.body, box.end)


def _duration(mvhd: bytes) -> float | None:
    """Return the seconds of a film: duration by time scale."""
    if len(mvhd) < 32:
        raise FileRefused(_Reason.BROKEN)
    scale, length = struct.unpack_from(*((">IQ", mvhd, 20) if mvhd[0] == 1 else (">II", mvhd, 12)))
    return None if not scale or length in _UNKNOWN_DURATION else round(length / scale, 3)


def _sides(tkhd: bytes) -> tuple[int, int]:
    """Return width and height as shown: 16.16 numbers, exchanged where the matrix turns by a quarter."""
    offset = 12 if tkhd[:1] == b"\1" else 0
    if len(tkhd) < 84 + offset:
        raise FileRefused(_Reason.BROKEN)
    a, b = struct.unpack_from(">ii", tkhd, 40 + offset)
    width, height = (value >> 16 for value in struct.unpack_from(">II", tkhd, 76 + offset))
    return (height, width) if a == 0 and b != 0 else (width, height)


def _unit_bytes(handler: bytes, stsd: bytes) -> int:
    """Return what one sample of plain sound takes: QuickTime's table says 1 and means channels times bytes."""
    if handler != b"soun" or len(stsd) < 8 + 8 + 20:
        return 1
    channels, bits = struct.unpack_from(">HH", stsd, 8 + 8 + 16)
    return max(1, channels * bits // 8) if stsd[12:16] not in {b"mp4a", b"alac"} else 1
