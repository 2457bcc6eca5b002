"""The boxes of ISO/IEC 14496-12 (MP4, MOV, HEIC), read from a file without reading what is in them.

4.2: a size of four bytes that counts itself, a type of four; size 1 is followed by one of eight bytes, size 0
reaches to the end of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Final

from django_ppx.ugc.refusals import FileRefused

MAX_BOXES: Final = 4_000
"""Ten times what a phone writes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """Where a box begins, where what is in it begins, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


class Budget:
    """How many boxes may still be read of one file."""

    def __init__(self, left: int = MAX_BOXES) -> None:
        self.left = left

    def spend(self) -> None:
        """Count one. :raises FileRefused: when there are too many."""
        self.left -= 1
        if self.left < 0:
            raise FileRefused(FileRefused.Reason.TOO_COMPLEX)


def read_box(stream: IO[bytes], at: int, end: int) -> Box | None:
    """Return the box at an offset; None when there is none that keeps to the format and ends by `end`."""
    stream.seek(at)
    header = stream.read(16)
    if len(header) < 8:
        return None
    size, body = int.from_bytes(header[:4], "big"), at + 8
    if size == 1 and len(header) == 16:
        size, body = int.from_bytes(header[8:16], "big"), at + 16
    elif size == 0:
        size = end - at
    if size < body - at or at + size > end:
        return None
    return Box(kind=header[4:8], start=at, body=body, end=at + size)


def children(stream: IO[bytes], parent: Box, budget: Budget, *, skip: int = 0) -> list[Box]:
    """Return the boxes in a box, after `skip` bytes of its own. Fewer than eight bytes at the end are no box.

    :raises FileRefused: when one does not keep to the format, or there are too many.
    """
    found: list[Box] = []
    at = parent.body + skip
    while at + 8 <= parent.end:
        budget.spend()
        box = read_box(stream, at, parent.end)
        if box is None:
            raise FileRefused(FileRefused.Reason.BROKEN)
        found.append(box)
        at = box.end
    return found


def find(boxes: Sequence[Box], kind: bytes) -> Box | None:
    """Return the first box of a kind."""
    return next((box for box in boxes if box.kind == kind), None)
