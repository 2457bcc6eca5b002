"""MP4, MOV and WebM files, built box by box, valid unless a test wants otherwise."""

from __future__ import annotations

import struct
from collections.abc import Callable

VIDEO = b"VIDEO-SAMPLES-" * 4
POSITIONS = b"POSITION-48.1371-11.5754"
FTYP = (b"isom", b"iso2", b"mp41")


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", flags), *parts)


def ftyp(*brands: bytes) -> bytes:
    return box(b"ftyp", brands[0], struct.pack(">I", 512), *brands)


def handler(kind: bytes, name: bytes = b"") -> bytes:
    return full(b"hdlr", bytes(4), kind, bytes(12), name + b"\0")


def mvhd() -> bytes:
    return full(b"mvhd", struct.pack(">IIII", 3_000_000_000, 3_000_000_000, 1000, 2500), bytes(80))


def tkhd(number: int) -> bytes:
    matrix = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    sides = struct.pack(">II", 64 << 16, 48 << 16)
    times = struct.pack(">IIIII", 3_000_000_000, 3_000_000_000, number, 0, 2500)
    return full(b"tkhd", times, bytes(16), matrix, sides, flags=3)


def sample_table(codec: bytes, offset: int, sizes: list[int], beside: bytes = b"") -> bytes:
    entry = box(codec, bytes(6), b"\0\1", bytes(70 if codec != b"mebx" else 0))
    return box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), entry),
        full(b"stts", struct.pack(">III", 1, len(sizes), 100)),
        full(b"stsc", struct.pack(">IIII", 1, 1, len(sizes), 1)),
        full(b"stsz", struct.pack(">II", 0, len(sizes)), struct.pack(f">{len(sizes)}I", *sizes)),
        full(b"stco", struct.pack(">II", 1, offset)),
        beside,
    )


def track(number: int, kind: bytes, table: bytes, beside: bytes = b"", name: bytes = b"") -> bytes:
    mdhd = full(b"mdhd", struct.pack(">IIII", 3_000_000_000, 3_000_000_000, 1000, 2500), bytes(4))
    dref = full(b"dref", struct.pack(">I", 1), full(b"url ", flags=1))
    head = full(b"vmhd", bytes(8), flags=1)
    minf = box(b"minf", head, box(b"dinf", dref), table)
    return box(b"trak", tkhd(number), box(b"mdia", mdhd, handler(kind, name), minf), beside)


def movie(
    *,
    brands: tuple[bytes, ...] = FTYP,
    in_moov: bytes = b"",
    in_trak: bytes = b"",
    in_stbl: bytes = b"",
    before: bytes = b"",
    after: bytes = b"",
    codec: bytes = b"avc1",
    name: bytes = b"",
    size: int = len(VIDEO),
    shift: int = 0,
    other: bytes = b"mebx",
) -> bytes:
    """Return a film of one picture track and one of positions, with `mdat` before `moov`."""
    head = ftyp(*brands) + before
    at = len(head) + 8
    picture = track(1, b"vide", sample_table(codec, at + shift, [size], in_stbl), in_trak, name)
    places = track(2, b"meta", sample_table(other, at + len(VIDEO), [len(POSITIONS)]))
    mdat = box(b"mdat", VIDEO, POSITIONS)
    return head + mdat + box(b"moov", mvhd(), picture, places, in_moov) + after


def element(id_: int, *parts: bytes, unknown: bool = False, size: bytes = b"") -> bytes:
    body = b"".join(parts)
    name = id_.to_bytes((id_.bit_length() + 7) // 8, "big")
    length = b"\x01" + b"\xff" * 7 if unknown else struct.pack(">Q", 1 << 56 | len(body))
    return name + (size or length) + body


def webm(
    *,
    in_segment: bytes = b"",
    in_info: bytes = b"",
    in_track: bytes = b"",
    in_cluster: bytes = b"",
    in_tracks: bytes = b"",
    is_live: bool = False,
    after: bytes = b"",
    codec: bytes = b"V_VP9",
    wrap: Callable[[bytes], bytes] = lambda body: body,
) -> bytes:
    head = element(0x1A45DFA3, b"\x42\x86\x81\x01\x42\x82\x84webm")
    info = element(
        0x1549A966,
        element(0x2AD7B1, b"\x0f\x42\x40"),
        element(0x4489, struct.pack(">d", 2500.0)),
        element(0x4D80, b"an app"),
        in_info,
    )
    sides = element(0xE0, element(0xB0, b"\x40"), element(0xBA, b"\x30"))
    entry = element(
        0xAE, element(0xD7, b"\1"), element(0x83, b"\1"), element(0x86, codec), sides, in_track
    )
    tracks = element(0x1654AE6B, entry, in_tracks)
    block = element(0xA3, b"\x81\0\0\x80", VIDEO)
    cluster = element(0x1F43B675, element(0xE7, b"\0"), block, in_cluster, unknown=is_live)
    body = wrap(info + tracks + in_segment + cluster)
    return head + element(0x18538067, body, unknown=is_live) + after
