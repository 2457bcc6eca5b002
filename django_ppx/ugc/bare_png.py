"""A PNG reduced to its header, palette and pixels. Pure: no Django, no Pillow.

PNG (third edition), 5: a signature, then chunks `length type data crc`, IHDR first and IEND last.
"""

from __future__ import annotations

import zlib
from typing import Final

from django_ppx.ugc.bare import MAX_ICC_BYTES, Bare, BrokenPicture, orientation_of

_KEPT: Final = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


def bare_png(data: bytes) -> Bare:
    """Return the still picture alone; the other frames of an animation are left out, and counted.

    :raises BrokenPicture: when it is truncated, has two headers, or a chunk is damaged.
    """
    kept: list[bytes | memoryview] = [data[:8]]
    chunks: dict[bytes, bytes] = {}
    at, kind, has_pixels = 8, b"", False
    while kind != b"IEND":
        kind, payload, end = _chunk(data, at)
        if (at == 8) != (kind == b"IHDR"):
            raise BrokenPicture("the header is not the first chunk, or not the only one")
        if kind in _KEPT:
            kept.append(memoryview(data)[at:end])
        else:
            chunks.setdefault(kind, payload)
        if kind == b"IHDR":
            chunks[kind] = payload
        has_pixels = has_pixels or kind == b"IDAT"
        at = end
    header = chunks[b"IHDR"]
    if len(header) != 13 or not has_pixels:
        raise BrokenPicture("no pixels")
    return Bare(
        content=b"".join(kept),
        width=int.from_bytes(header[:4], "big"),
        height=int.from_bytes(header[4:8], "big"),
        orientation=orientation_of(chunks.get(b"eXIf", b"")),
        icc_profile=_inflated(chunks.get(b"iCCP", b"")),
        frames=int.from_bytes(chunks.get(b"acTL", b"\0\0\0\1")[:4], "big"),
    )


def _chunk(data: bytes, at: int) -> tuple[bytes, bytes, int]:
    """Return a chunk's type, its data (none of a chunk of pixels) and where it ends."""
    length = int.from_bytes(data[at : at + 4], "big")
    end = at + 12 + length
    if at + 12 > len(data) or end > len(data):
        raise BrokenPicture("a chunk is longer than the file")
    body = memoryview(data)[at + 4 : end - 4]
    if zlib.crc32(body) != int.from_bytes(data[end - 4 : end], "big"):
        raise BrokenPicture("a chunk is damaged")
    kind = bytes(body[:4])
    return kind, b"" if kind == b"IDAT" else bytes(body[4:]), end


def _inflated(chunk: bytes) -> bytes:
    """Return the profile of an iCCP chunk; nothing when it is damaged or inflates to too much."""
    _name, _zero, rest = chunk.partition(b"\0")
    inflate = zlib.decompressobj()
    try:
        profile = inflate.decompress(rest[1:], MAX_ICC_BYTES)
    except zlib.error:
        return b""
    return profile if inflate.eof else b""
