"""A WebP reduced to its first frame. Pure: no Django, no Pillow.

RFC 9649: `RIFF size WEBP`, then chunks `type size data`, padded to even sizes.
"""

from __future__ import annotations

from typing import Final

from django_ppx.ugc.bare import MAX_ICC_BYTES, Bare, BrokenPicture, orientation_of

_ALPHA: Final = 0x10
_PIXELS: Final = (b"VP8 ", b"VP8L")
Chunk = tuple[bytes, bytes]


def bare_webp(data: bytes) -> Bare:
    """Return the first frame alone, as a still picture, and how many there were.

    The first frame of an animation stands for the whole, even where it does not fill the canvas.

    :raises BrokenPicture: when it is truncated or has no picture.
    """
    size = int.from_bytes(data[4:8], "little") + 8
    if size > len(data):
        raise BrokenPicture("it ends too early")
    chunks = _chunks(data[12:size])
    frames = [payload for kind, payload in chunks if kind == b"ANMF"]
    beside = {kind: payload for kind, payload in reversed(chunks) if kind not in {b"ANMF"}}
    still = _chunks(frames[0][16:]) if frames else chunks
    pixels = next(((kind, payload) for kind, payload in still if kind in _PIXELS), None)
    if pixels is None:
        raise BrokenPicture("no picture")
    width, height = _dimensions(*pixels)
    alpha = next((payload for kind, payload in still if kind == b"ALPH"), None)
    kept = [pixels]
    if alpha is not None and pixels[0] == b"VP8 ":
        kept = [(b"VP8X", _extended(width, height)), (b"ALPH", alpha), pixels]
    icc = beside.get(b"ICCP", b"")
    return Bare(
        content=_riff(kept),
        width=width,
        height=height,
        orientation=orientation_of(beside.get(b"EXIF", b"")),
        icc_profile=icc if len(icc) <= MAX_ICC_BYTES else b"",
        frames=max(len(frames), 1),
    )


def _chunks(data: bytes) -> list[Chunk]:
    found: list[Chunk] = []
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise BrokenPicture("a chunk is longer than the file")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def _dimensions(kind: bytes, payload: bytes) -> tuple[int, int]:
    """Return width and height of a frame: RFC 6386, 9.1, and RFC 9649, 3.4."""
    if kind == b"VP8 " and payload[3:6] == b"\x9d\x01\x2a" and len(payload) >= 10:
        width, height = (int.from_bytes(payload[at : at + 2], "little") for at in (6, 8))
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and payload[:1] == b"\x2f" and len(payload) >= 5:
        bits = int.from_bytes(payload[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise BrokenPicture("no frame header")


def _extended(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([_ALPHA, 0, 0, 0]) + sides


def _riff(chunks: list[Chunk]) -> bytes:
    body = b"WEBP"
    for kind, payload in chunks:
        body += kind + len(payload).to_bytes(4, "little") + payload + b"\0" * (len(payload) % 2)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
