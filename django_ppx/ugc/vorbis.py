"""The comments of a Vorbis track, which may say where and by whom it was recorded. Pure: no Django."""

from __future__ import annotations

from django_ppx.ugc.refusals import FileRefused

Range = tuple[int, int]


def comments(private: bytes) -> list[Range]:
    """Return where the words stand in a WebM track's Vorbis headers, without their lengths.

    Matroska, "A_VORBIS": the number of packets less one, their lengths in steps of 255, the packets. The second
    packet is, by the Vorbis I specification, 5.2.1: `3 "vorbis"`, a vendor, a count, comments; each after its length.

    :raises FileRefused: when they can't be read to their end.
    """
    if private[:1] != b"\2":
        raise FileRefused(FileRefused.Reason.BROKEN)
    first, at = _laced(private, 1)
    second, at = _laced(private, at)
    start = at + first
    end = start + second
    if end > len(private) or private[start : start + 7] != b"\3vorbis":
        raise FileRefused(FileRefused.Reason.BROKEN)
    vendor, at = _string(private, start + 7, end)
    count, at = int.from_bytes(private[at : at + 4], "little"), at + 4
    found = [vendor]
    for _number in range(count):
        words, at = _string(private, at, end)
        found.append(words)
    found.append((at + 1, end))  # after the framing bit there is nothing
    return found


def _laced(data: bytes, at: int) -> tuple[int, int]:
    length = 0
    while at < len(data):
        length, at = length + data[at], at + 1
        if data[at - 1] != 255:
            break
    return length, at


def _string(data: bytes, at: int, end: int) -> tuple[Range, int]:
    length = int.from_bytes(data[at : at + 4], "little")
    if at + 4 + length > end:
        raise FileRefused(FileRefused.Reason.BROKEN)
    return (at + 4, at + 4 + length), at + 4 + length
