"""What of a WebM is kept: pictures, sound and what a player needs to find them. All else becomes `Void`, zeroed.

RFC 8794 (EBML) and RFC 9559 (Matroska), as far as WebM uses them. An allow-list: an element that is not named here is
overwritten, and so are tracks that are neither picture nor sound. Blocks are passed over, never read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Final

from django_ppx.ugc.patches import Scrubbed, read_at
from django_ppx.ugc.refusals import FileRefused
from django_ppx.ugc.vorbis import comments

MAX_ELEMENTS: Final = 120_000
"""Half an hour at 60 frames a second, with sound."""
MAX_VOIDS: Final = 20_000
"""What is overwritten of a film that people send is far less; more only costs time and memory."""
MAX_PRIVATE_BYTES: Final = 64 * 1024
_Reason = FileRefused.Reason

_EBML: Final = 0x1A45DFA3
_SEGMENT: Final = 0x18538067
_CLUSTER: Final = 0x1F43B675
_INFO: Final = 0x1549A966
_TRACKS: Final = 0x1654AE6B
_CUES: Final = 0x1C53BB6B
_SEEK_HEAD: Final = 0x114D9B74
_SEEK: Final = 0x4DBB
_SEEK_ID: Final = 0x53AB
_TRACK: Final = 0xAE
_VIDEO: Final = 0xE0
_CODEC: Final = 0x86
_PRIVATE: Final = 0x63A2
_ENCODINGS: Final = 0x6D80
_GROUP: Final = 0xA0
_BLOCKS: Final = (0xA3, 0xA1)
_APPS: Final = (0x4D80, 0x5741)

Schema = Mapping[int, "Schema | int"]
"""Per element that is kept: the elements in it, or how many bytes it may have."""

_NUMBER: Final = 8
_WORD: Final = 32
_PLACE: Final[Schema] = dict.fromkeys((0xF7, 0xF1, 0xF0, 0xB2, 0x5378), _NUMBER)
_COLOURS: Final[Schema] = {
    **dict.fromkeys((0x55B1, 0x55B2, 0x55B3, 0x55B4, 0x55B5, 0x55B6, 0x55B7, 0x55B8), _NUMBER),
    **dict.fromkeys((0x55B9, 0x55BA, 0x55BB, 0x55BC, 0x55BD), _NUMBER),
    0x55D0: dict.fromkeys(range(0x55D1, 0x55DB), _NUMBER),
}
_PICTURE: Final[Schema] = {
    **dict.fromkeys((0xB0, 0xBA, 0x9A, 0x9D, 0x53B8, 0x53C0, 0x54B0, 0x54BA, 0x54B2), _NUMBER),
    **dict.fromkeys((0x54AA, 0x54BB, 0x54CC, 0x54DD), _NUMBER),
    0x55B0: _COLOURS,
}
_ENTRY: Final[Schema] = {
    **dict.fromkeys((0xD7, 0x73C5, 0x83, 0xB9, 0x88, 0x55AA, 0x9C, 0x23E383), _NUMBER),
    **dict.fromkeys((0x56AA, 0x56BB), _NUMBER),
    **dict.fromkeys((_CODEC, 0x22B59C), _WORD),
    _PRIVATE: MAX_PRIVATE_BYTES,
    _VIDEO: _PICTURE,
    0xE1: dict.fromkeys((0xB5, 0x78B5, 0x9F, 0x6264), _NUMBER),
}
_HEADER: Final[Schema] = dict.fromkeys(
    (0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4282, 0x4287, 0x4285), _NUMBER
)
_TOP: Final[Schema] = {
    _SEEK_HEAD: {_SEEK: dict.fromkeys((_SEEK_ID, 0x53AC), _NUMBER)},
    _INFO: dict.fromkeys((0x2AD7B1, 0x4489), _NUMBER),
    _TRACKS: {_TRACK: _ENTRY},
    _CUES: {0xBB: {0xB3: _NUMBER, 0xB7: _PLACE}},
    _CLUSTER: {},
}
_IN_CLUSTER: Final = dict.fromkeys((0xE7, 0xA7, 0xAB), _NUMBER)
_IN_GROUP: Final = dict.fromkeys((0x9B, 0xFB, 0xFA, 0x75A2), _NUMBER)
_CODECS: Final = {
    1: frozenset({b"V_VP8", b"V_VP9", b"V_AV1"}),
    2: frozenset({b"A_OPUS", b"A_VORBIS"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """Where an element begins, where its payload does, and where it ends; None: it does not say."""

    id: int
    start: int
    body: int
    end: int | None

    def within(self, end: int) -> int:
        """Return where it ends at the latest."""
        return end if self.end is None else self.end


def scrub_webm(stream: IO[bytes], size: int) -> Scrubbed:
    """Return what to overwrite in a WebM of `size` bytes.

    :raises FileRefused: when it is damaged, cut off, too complex or without a picture.
    """
    return _Webm(stream, size).scrub()


class _Webm:
    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.stream = stream
        self.size = size
        self.left = MAX_ELEMENTS
        self.found = Scrubbed(end=size)
        self.tracks: set[int] = set()
        self.has_picture = False
        self.has_block = False
        self.scale = 1_000_000
        self.length: float | None = None

    def scrub(self) -> Scrubbed:
        header = self._element(0, self.size)
        if header.id != _EBML or header.end is None:
            raise FileRefused(_Reason.BROKEN)
        self._keep(header, _HEADER)
        segment = self._element(header.end, self.size)
        if segment.id != _SEGMENT:
            raise FileRefused(_Reason.BROKEN)
        self.found.end = segment.within(self.size)
        self._segment(segment)
        if not self.has_picture:
            raise FileRefused(_Reason.NO_PICTURE)
        if not self.has_block:
            raise FileRefused(_Reason.BROKEN)
        if self.length:
            self.found.duration_seconds = round(self.length * self.scale / 1e9, 3)
        return self.found

    def _segment(self, segment: Element) -> None:
        end = self.found.end
        at = segment.body
        has_tracks = False
        while at < end:
            element = self._element(at, end)
            if element.id == _CLUSTER:
                at = self._cluster(element, end)
                continue
            if element.end is None:
                raise FileRefused(_Reason.BROKEN)
            at = element.end
            if element.id not in _TOP or (element.id == _TRACKS and has_tracks):
                self._void(element)
            elif element.id == _TRACKS:
                has_tracks = True
                self._tracks(element)
            else:
                self._keep(element, _TOP[element.id])

    def _tracks(self, tracks: Element) -> None:
        for entry in self._children(tracks):
            if entry.id != _TRACK or not self._is_kept(entry):
                self._void(entry)
            else:
                self._keep(entry, _ENTRY)

    def _is_kept(self, entry: Element) -> bool:
        """Return whether a track is picture or sound, and note its number."""
        parts = {part.id: part for part in self._children(entry)}
        if _ENCODINGS in parts:
            raise FileRefused(_Reason.TOO_COMPLEX)
        kind, number = (self._number(parts.get(key)) for key in (0x83, 0xD7))
        codec = parts.get(_CODEC)
        name = self._payload(codec).rstrip(b"\0") if codec else b""
        if name not in _CODECS.get(kind, frozenset()) or not number:
            return False
        self.tracks.add(number)
        if kind == 1 and not self.has_picture:
            self.has_picture = True
            self._picture(parts.get(_VIDEO))
        if name == b"A_VORBIS" and _PRIVATE in parts:
            self._comments(parts[_PRIVATE])
        return True

    def _picture(self, video: Element | None) -> None:
        sides = {part.id: part for part in self._children(video)} if video else {}
        self.found.width = self._number(sides.get(0xB0)) or None
        self.found.height = self._number(sides.get(0xBA)) or None

    def _comments(self, private: Element) -> None:
        for start, end in comments(self._payload(private)):
            self.found.zero(private.body + start, private.body + end)

    def _cluster(self, cluster: Element, end: int) -> int:
        """Go through a cluster's blocks and return where it ends: one of unknown size, at what can't be in it."""
        at, limit = cluster.body, cluster.within(end)
        while at < limit:
            element = self._element(at, limit)
            if cluster.end is None and element.id in _TOP:
                break
            if element.end is None:
                raise FileRefused(_Reason.BROKEN)
            at = element.end
            if element.id == _GROUP:
                for part in self._children(element):
                    self._in_cluster(part, _IN_GROUP)
            else:
                self._in_cluster(element, _IN_CLUSTER)
        return at

    def _in_cluster(self, element: Element, kept: Mapping[int, int]) -> None:
        if element.id in _BLOCKS:
            track, _length = _variable(read_at(self.stream, element.body, 8))
            if track in self.tracks:
                self.has_block = True
                return
        elif element.id in kept and element.within(0) - element.body <= kept[element.id]:
            return
        self._void(element)

    def _keep(self, parent: Element, schema: Schema | int) -> None:
        """Keep an element with those of its parts that the schema names."""
        if isinstance(schema, int):
            return
        for part in self._children(parent):
            inner = schema.get(part.id)
            if part.id in _APPS and parent.id == _INFO:
                self.found.zero(part.body, part.within(0))
            elif inner is None or _is_longer(part, inner) or self._is_seek_to_void(part):
                self._void(part)
            else:
                self._note(part)
                self._keep(part, inner)

    def _is_seek_to_void(self, part: Element) -> bool:
        if part.id != _SEEK:
            return False
        target = next((one for one in self._children(part) if one.id == _SEEK_ID), None)
        return target is None or int.from_bytes(self._payload(target)[:8], "big") not in _TOP

    def _note(self, part: Element) -> None:
        if part.id == 0x2AD7B1:
            self.scale = self._number(part)
        elif part.id == 0x4489:
            payload = self._payload(part)
            form = {4: ">f", 8: ">d"}.get(len(payload))
            length = struct.unpack(form, payload)[0] if form else 0.0
            self.length = length if 0 < length < 1e15 else None

    def _children(self, parent: Element) -> Iterator[Element]:
        at, end = parent.body, parent.within(self.found.end)
        while at < end:
            element = self._element(at, end)
            if element.end is None:
                raise FileRefused(_Reason.BROKEN)
            yield element
            at = element.end

    def _element(self, at: int, end: int) -> Element:
        """Return the element at an offset. :raises FileRefused: when it does not keep to the format."""
        self.left -= 1
        if self.left < 0:
            raise FileRefused(_Reason.TOO_COMPLEX)
        head = read_at(self.stream, at, 12)
        id_bytes = 9 - head[0].bit_length() if head else 9
        if id_bytes > 4 or len(head) <= id_bytes:
            raise FileRefused(_Reason.BROKEN)
        size, size_bytes = _variable(head[id_bytes:])
        body = at + id_bytes + size_bytes
        if size is not None and body + size > end:
            raise FileRefused(_Reason.BROKEN)
        return Element(
            id=int.from_bytes(head[:id_bytes], "big"),
            start=at,
            body=body,
            end=None if size is None else body + size,
        )

    def _payload(self, element: Element) -> bytes:
        length = min(element.within(element.body) - element.body, MAX_PRIVATE_BYTES)
        return read_at(self.stream, element.body, length)

    def _number(self, element: Element | None) -> int:
        if element is None or element.within(element.body) - element.body > _NUMBER:
            return 0
        return int.from_bytes(self._payload(element), "big")

    def _void(self, element: Element) -> None:
        """Make an element Void: the same length, nothing but zeroes in it."""
        if len(self.found.patches) >= MAX_VOIDS:
            raise FileRefused(_Reason.TOO_COMPLEX)
        end = element.within(element.start)
        length = end - element.start
        long = b"\xec" + (1 << 56 | max(length - 9, 0)).to_bytes(8, "big")
        head = bytes([0xEC, 0x80 | length - 2]) if length < 10 else long
        self.found.zero(element.start, end, head)


def _is_longer(part: Element, limit: Schema | int) -> bool:
    return isinstance(limit, int) and part.within(0) - part.body > limit


def _variable(data: bytes) -> tuple[int | None, int]:
    """Return a number of variable length and its bytes; None when all its bits are set: unknown (RFC 8794, 4)."""
    length = 9 - data[0].bit_length() if data else 9
    if length > 8 or len(data) < length:
        raise FileRefused(FileRefused.Reason.BROKEN)
    bits = (1 << 7 * length) - 1
    value = int.from_bytes(data[:length], "big") & bits
    return (None if value == bits else value), length
