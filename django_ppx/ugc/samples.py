"""Which bytes of an MP4 or MOV belong to a track: ISO/IEC 14496-12, 8.7 (stsc, stsz, stz2, stco, co64)."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Mapping
from itertools import accumulate
from typing import Final

from django_ppx.ugc.refusals import FileRefused

MAX_SAMPLES: Final = 2_000_000
"""An hour at 120 frames a second, with sound, has about 600,000."""
MAX_CHUNKS: Final = 500_000
_Reason = FileRefused.Reason
Range = tuple[int, int]


def sample_ranges(tables: Mapping[bytes, bytes], *, unit_bytes: int = 1) -> list[Range]:
    """Return the ranges of a track's chunks. `unit_bytes`: what a sample takes where the table says only 1.

    :raises FileRefused: when the tables contradict each other or are too long.
    """
    offsets = _offsets(tables)
    runs = _entries(tables.get(b"stsc", b""), "III")
    sizes = _Sizes(tables, unit_bytes)
    ranges: list[Range] = []
    sample, run = 0, -1
    for number, offset in enumerate(offsets, start=1):
        while run + 1 < len(runs) and runs[run + 1][0] <= number:
            run += 1
        if run < 0:
            raise FileRefused(_Reason.BROKEN)
        last = min(sample + runs[run][1], sizes.count)
        length = sizes.between(sample, last)
        if length:
            ranges.append((offset, offset + length))
        sample = last
    if sample < sizes.count:
        raise FileRefused(_Reason.BROKEN)
    return ranges


def merged(ranges: list[Range]) -> list[Range]:
    """Return the union, in order, each range apart from the next."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


class _Sizes:
    """The sizes of a track's samples, as sums."""

    def __init__(self, tables: Mapping[bytes, bytes], unit_bytes: int) -> None:
        table = tables.get(b"stsz", b"")
        if len(table) < 12:  # also the compact form, stz2, which nobody writes
            raise FileRefused(_Reason.BROKEN)
        self.each: int
        self.each, self.count = struct.unpack_from(">II", table, 4)
        self.sums: array[int] = array("Q")
        if self.each == 1:
            self.each = unit_bytes
        if self.each:
            return
        if self.count > MAX_SAMPLES:
            raise FileRefused(_Reason.TOO_COMPLEX)
        if 12 + 4 * self.count > len(table):
            raise FileRefused(_Reason.BROKEN)
        sizes = array("I", table[12 : 12 + 4 * self.count])
        if sys.byteorder == "little":
            sizes.byteswap()
        self.sums = array("Q", accumulate(sizes, initial=0))

    def between(self, first: int, last: int) -> int:
        if self.each:
            return (last - first) * self.each
        return int(self.sums[last] - self.sums[first])


def _offsets(tables: Mapping[bytes, bytes]) -> list[int]:
    if b"co64" in tables:
        return [entry[0] for entry in _entries(tables[b"co64"], "Q")]
    return [entry[0] for entry in _entries(tables.get(b"stco", b""), "I")]


def _entries(table: bytes, form: str) -> list[tuple[int, ...]]:
    """Return the rows of a table: version and flags, a count, then so many rows."""
    if len(table) < 8:
        raise FileRefused(_Reason.BROKEN)
    (count,) = struct.unpack_from(">I", table, 4)
    size = struct.calcsize(f">{form}")
    if count > MAX_CHUNKS:
        raise FileRefused(_Reason.TOO_COMPLEX)
    if 8 + count * size > len(table):
        raise FileRefused(_Reason.BROKEN)
    return list(struct.iter_unpack(f">{form}", table[8 : 8 + count * size]))
