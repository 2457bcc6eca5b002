"""Films that mean harm, as data (see `hostile`)."""

from __future__ import annotations

import struct

from tests.ugc.hostile import MARK, TAKEN, Hostile, cut
from tests.ugc.movie_files import box, element, ftyp, full, handler, movie, webm


def _nested(depth: int) -> bytes:
    inner = b""
    for _level in range(depth):
        inner = box(b"trak", inner)
    return movie(in_moov=inner)


_UDTA = box(b"udta", box(b"\xa9xyz", MARK), box(b"loci", MARK))
_META = full(b"meta", handler(b"mdta"), box(b"ilst", MARK))
_HUGE = struct.pack(">I4sQ", 1, b"mdat", 2**63)
_LOOP = struct.pack(">I4s", 8, b"moov") * 3

FILMS = [
    Hostile("position in udta of the film", lambda: movie(in_moov=_UDTA), TAKEN),
    Hostile("position in udta of a track", lambda: movie(in_trak=_UDTA), TAKEN),
    Hostile("position in meta of the film", lambda: movie(in_moov=_META), TAKEN),
    Hostile("position in meta of a track", lambda: movie(in_trak=_META), TAKEN),
    Hostile("position in meta beside the film", lambda: movie(after=_META), TAKEN),
    Hostile("position in a track of its own", movie, TAKEN),
    Hostile("position in a GoPro track", lambda: movie(other=b"gpmd"), TAKEN),
    Hostile("position under a picture's handler", lambda: movie(codec=b"gpmd"), "no_picture"),
    Hostile("words in uuid", lambda: movie(before=box(b"uuid", bytes(16), MARK)), TAKEN),
    Hostile(
        "words in free space",
        lambda: movie(before=box(b"free", MARK), after=box(b"skip", MARK)),
        TAKEN,
    ),
    Hostile("words in an unknown box", lambda: movie(before=box(b"evil", MARK)), TAKEN),
    Hostile("words in a sample table", lambda: movie(in_stbl=box(b"sgpd", MARK)), TAKEN),
    Hostile("words in a handler's name", lambda: movie(name=MARK), TAKEN),
    Hostile("words as brands", lambda: movie(brands=(b"isom", b"evil", b"<?ph")), TAKEN),
    Hostile("words in media data of nobody", lambda: movie(after=box(b"mdat", MARK)), TAKEN),
    Hostile("words after the last box", lambda: movie(after=b"PK\3\4" + MARK), TAKEN),
    Hostile("film and HTML", lambda: movie(after=b"<html>" + MARK), TAKEN, "a.html", "text/html"),
    Hostile("brand of a sound file", lambda: movie(brands=(b"M4A ",)), "unknown_type"),
    Hostile("brand nobody knows", lambda: movie(brands=(b"evil",)), "unknown_type"),
    Hostile("box of size 0", lambda: movie(after=struct.pack(">I4s", 0, b"free") + MARK), TAKEN),
    Hostile("box of 2^63 bytes", lambda: movie(after=_HUGE), "broken"),
    Hostile(
        "box smaller than its head",
        lambda: movie(in_moov=struct.pack(">I4s", 4, b"free")),
        "broken",
    ),
    Hostile(
        "box of eight bytes that needs sixteen",
        lambda: movie(in_moov=struct.pack(">I4sQ", 1, b"free", 8)),
        "broken",
    ),
    Hostile("films within films", lambda: movie(after=_LOOP), "broken"),
    Hostile("ten thousand tracks in each other", lambda: _nested(10_000), "broken"),
    Hostile("a million tiny boxes", lambda: movie(in_moov=box(b"free") * 1_000_000), "too_complex"),
    Hostile(
        "a million tiny boxes at the top",
        lambda: movie(after=box(b"free") * 1_000_000),
        "too_complex",
    ),
    Hostile("sizes that reach beyond the film", lambda: movie(size=2**31), "broken"),
    Hostile("samples within the head", lambda: movie(shift=-16), "broken"),
    Hostile("film in pieces", lambda: movie(after=box(b"moof")), "in_pieces"),
    Hostile("film without a head", lambda: ftyp(b"isom") + box(b"mdat", MARK), "broken"),
    Hostile("WebM with tags", lambda: webm(in_segment=element(0x1254C367, MARK)), TAKEN),
    Hostile("WebM with an attachment", lambda: webm(in_segment=element(0x1941A469, MARK)), TAKEN),
    Hostile(
        "WebM with a title",
        lambda: webm(in_info=element(0x7BA9, MARK) + element(0x5741, MARK)),
        TAKEN,
    ),
    Hostile("WebM with a track's name", lambda: webm(in_track=element(0x536E, MARK)), TAKEN),
    Hostile(
        "WebM with an unknown element",
        lambda: webm(in_segment=element(0x4DAB, MARK), in_cluster=element(0xA7, MARK)),
        TAKEN,
    ),
    Hostile("WebM with words in Void", lambda: webm(in_segment=element(0xEC, MARK)), TAKEN),
    Hostile(
        "WebM with subtitles",
        lambda: webm(
            in_tracks=element(
                0xAE, element(0xD7, b"\2"), element(0x83, b"\x11"), element(0x536E, MARK)
            ),
            in_cluster=element(0xA3, b"\x82\0\0\x80" + MARK),
        ),
        TAKEN,
    ),
    Hostile("WebM with words after it", lambda: webm(after=MARK), TAKEN),
    Hostile("WebM of unknown sizes", lambda: webm(is_live=True), TAKEN),
    Hostile(
        "WebM with an element of 2^55 bytes",
        lambda: webm(in_segment=element(0xEC, size=b"\x01\x80" + bytes(6))),
        "broken",
    ),
    Hostile(
        "WebM with info of unknown size",
        lambda: webm(in_segment=element(0x1549A966, unknown=True)),
        "broken",
    ),
    Hostile(
        "WebM with a size of no length", lambda: webm(in_segment=b"\xec\0" + bytes(20)), "broken"
    ),
    Hostile(
        "WebM of a million elements",
        lambda: webm(in_segment=b"\xec\x80" * 1_000_000),
        "too_complex",
    ),
    Hostile(
        "WebM of a million elements in a cluster",
        lambda: webm(in_segment=element(0x1F43B675, b"\xec\x80" * 1_000_000)),
        "too_complex",
    ),
    Hostile(
        "WebM with compressed tracks", lambda: webm(in_track=element(0x6D80, b"\0")), "too_complex"
    ),
    Hostile("WebM of another codec", lambda: webm(codec=b"V_EVIL"), "no_picture"),
    Hostile(
        "Matroska", lambda: webm().replace(b"\x42\x82\x84webm", b"\x42\x82\x84evil"), "unknown_type"
    ),
    *(
        cut(kind, make, part)
        for kind, make in {"MP4": movie, "WebM": webm}.items()
        for part in (30, 60, 90, 99)
    ),
]
