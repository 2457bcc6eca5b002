"""Limits that no ordinary file meets, one by one."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest

from django_ppx.ugc.bare import MAX_ICC_BYTES, BrokenPicture
from django_ppx.ugc.bare_jpeg import bare_jpeg
from django_ppx.ugc.bare_png import bare_png
from django_ppx.ugc.movies import scrub_movie
from django_ppx.ugc.refusals import FileRefused
from django_ppx.ugc.samples import MAX_CHUNKS, sample_ranges
from tests.ugc.movie_files import element, movie, sample_table, track, webm
from tests.ugc.picture_files import encoded, scene, srgb_profile, with_chunk
from tests.ugc.test_pictures import prepare as prepare_photo
from tests.ugc.test_videos import prepare, reason_of


def test_a_progressive_picture_that_takes_too_much_memory_is_refused() -> None:
    content = encoded(scene(), "JPEG", progressive=True, subsampling=0)
    at = content.index(b"\xff\xc2") + 5
    grown = content[:at] + struct.pack(">HH", 5000, 8000) + content[at + 4 :]

    with pytest.raises(FileRefused) as refused:
        prepare_photo(grown)

    assert bare_jpeg(grown).buffered_bytes == 240_000_000
    assert refused.value.reason == FileRefused.Reason.TOO_MANY_PIXELS


def test_a_second_frame_header_is_refused() -> None:
    content = encoded(scene(), "JPEG")
    start = content.index(b"\xff\xc0")
    end = start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")

    with pytest.raises(BrokenPicture, match="two frames"):
        bare_jpeg(content[:end] + content[start:])


def test_a_damaged_chunk_is_refused() -> None:
    with pytest.raises(BrokenPicture, match="damaged"):
        bare_png(
            with_chunk(encoded(scene(), "PNG"), b"tEXt", b"a\0words").replace(b"words", b"sword")
        )


def test_profiles_are_bounded() -> None:
    bomb = b"a\0\0" + zlib.compress(bytes(MAX_ICC_BYTES + 1))
    long = encoded(scene(), "JPEG", icc_profile=srgb_profile() + bytes(MAX_ICC_BYTES))

    assert bare_png(with_chunk(encoded(scene(), "PNG"), b"iCCP", bomb)).icc_profile == b""
    assert bare_jpeg(long).icc_profile == b""


def test_the_name_of_the_encoder_is_gone() -> None:
    content = movie()
    at = content.index(b"avc1", content.index(b"stsd")) + 4 + 42
    named = content[:at] + b"CAMERA OF SOMEBODY" + content[at + 18 :]

    assert b"SOMEBODY" not in prepare(named)[1]


def test_bytes_before_the_first_sample_are_gone() -> None:
    _video, stored = prepare(movie(shift=6, size=20))

    assert b"VIDEO-SAMPLES-VIDEO" not in stored
    assert stored.count(b"SAMPLES-") == 1


def test_tracks_and_chunks_are_counted() -> None:
    more = track(9, b"text", sample_table(b"text", 0, [1])) * 33
    table = struct.pack(">II", 0, MAX_CHUNKS + 1) + bytes(4 * MAX_CHUNKS + 4)

    assert reason_of(movie(in_moov=more)) == "too_complex"
    with pytest.raises(FileRefused) as refused:
        sample_ranges({b"stco": table})
    assert refused.value.reason == FileRefused.Reason.TOO_COMPLEX


def test_a_head_too_large_for_memory_is_refused() -> None:
    content = movie(in_moov=struct.pack(">I4s", 17_000_000, b"free") + bytes(16_999_992))

    with pytest.raises(FileRefused) as refused:
        scrub_movie(BytesIO(content), len(content))

    assert refused.value.reason == FileRefused.Reason.TOO_COMPLEX


def test_numbers_too_long_and_ways_to_what_is_gone_are_overwritten() -> None:
    long = element(0x4489, b"WORDS IN A NUMBER")
    seek = element(0x114D9B74, element(0x4DBB, element(0x53AB, b"\x12\x54\xc3\x67")))

    _video, stored = prepare(webm(in_info=long, in_segment=seek))

    assert b"WORDS" not in stored
    assert b"\x12\x54\xc3\x67" not in stored
