"""Videos as they are stored: every byte in its place, and nothing left but what plays."""

from __future__ import annotations

import hashlib
import struct
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from django_ppx.ugc import posters
from django_ppx.ugc.movies import scrub_movie
from django_ppx.ugc.patches import CHUNK_BYTES, Scrubbed, copy
from django_ppx.ugc.refusals import FileRefused
from django_ppx.ugc.samples import sample_ranges
from django_ppx.ugc.videos import Video, prepare_video
from django_ppx.ugc.vorbis import comments
from tests.ugc.movie_files import POSITIONS, VIDEO, box, ftyp, movie, webm

SAMPLES = Path(__file__).parent / "samples"
EACH_SAMPLE = pytest.mark.parametrize("name", ["film.mp4", "film.mov", "film.webm"])
TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}


def prepare(content: bytes) -> tuple[Video, bytes]:
    into = BytesIO()
    video = prepare_video(ContentFile(content), max_bytes=10_000_000, into=into)
    return video, into.getvalue()


def reason_of(content: bytes) -> str:
    into = BytesIO()
    with pytest.raises(FileRefused) as refused:
        prepare_video(ContentFile(content), max_bytes=10_000_000, into=into)
    assert into.getvalue() == b""
    return str(refused.value.reason)


@EACH_SAMPLE
def test_a_film_says_what_it_is(name: str) -> None:
    content = (SAMPLES / name).read_bytes()

    video, stored = prepare(content)

    assert (video.extension, video.content_type) == (name[5:], TYPES[name[5:]])
    assert (video.width, video.height, video.duration_seconds) == (64, 48, 1.0)
    assert video.digest == hashlib.sha256(content).hexdigest()
    assert video.size == len(stored) == len(content)


@EACH_SAMPLE
def test_titles_positions_and_apps_are_gone(name: str) -> None:
    content = (SAMPLES / name).read_bytes()
    planted = [b"MARKER", b"Lavf", b"+48.1371", b"Handler"]

    _video, stored = prepare(content)

    assert [mark for mark in planted if mark in content] != []
    assert [mark for mark in planted if mark in stored] == []


@EACH_SAMPLE
def test_a_film_still_plays(name: str) -> None:
    av = pytest.importorskip("av", reason="needs the extra `video`")
    content = (SAMPLES / name).read_bytes()

    _video, stored = prepare(content)

    frames = []
    for data in (content, stored):
        with av.open(BytesIO(data)) as container:
            frames.append([frame.to_ndarray().tobytes() for frame in container.decode(video=0)])
    assert len(frames[0]) == 10
    assert frames[0] == frames[1]


@EACH_SAMPLE
def test_the_poster_is_the_first_picture(name: str) -> None:
    pytest.importorskip("av", reason="needs the extra `video`")

    video, _stored = prepare((SAMPLES / name).read_bytes())

    assert video.poster is not None
    assert (video.poster.width, video.poster.height) == (64, 48)
    assert video.poster.digest == video.digest


def test_there_is_no_poster_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posters, "av", None)

    video, _stored = prepare((SAMPLES / "film.mp4").read_bytes())

    assert video.poster is None


def test_a_film_that_can_not_be_decoded_has_no_poster() -> None:
    video, _stored = prepare(movie())

    assert video.poster is None


def test_only_the_bytes_that_say_too_much_are_changed() -> None:
    content = movie()

    video, stored = prepare(content)

    assert len(stored) == len(content)
    assert stored.index(VIDEO) == content.index(VIDEO)
    assert (content.count(b"trak"), stored.count(b"trak")) == (2, 1)
    assert POSITIONS in content
    assert POSITIONS not in stored
    times = struct.pack(">I", 3_000_000_000)
    assert (content.count(times), stored.count(times)) == (10, 0)
    assert (video.width, video.height, video.duration_seconds) == (64, 48, 2.5)


def test_what_was_scrubbed_is_not_changed_again() -> None:
    _video, once = prepare(movie(in_moov=box(b"udta", b"x")))

    _video, twice = prepare(once)

    assert once == twice


def test_a_live_recording_of_unknown_length_is_taken() -> None:
    video, stored = prepare(webm(is_live=True))

    assert VIDEO in stored
    assert video.duration_seconds == 2.5


@pytest.mark.parametrize("length", range(1, len(movie()), 7))
def test_a_cut_film_is_refused(length: int) -> None:
    assert reason_of(movie()[:length]) in {"broken", "unknown_type"}


def test_refusals_write_nothing() -> None:
    assert reason_of(b"") == "empty"
    assert reason_of(b"\xff\xd8\xff\xe0" + bytes(30)) == "not_accepted"
    assert reason_of(ftyp(b"isom") + bytes(10_000_000)) == "too_large"
    assert reason_of(movie(after=box(b"moov"))) == "broken"


def test_a_film_that_keeps_its_pictures_elsewhere_is_refused() -> None:
    elsewhere = movie().replace(b"url \0\0\0\1", b"url \0\0\0\0")

    assert reason_of(elsewhere) == "too_complex"


def test_media_data_are_never_read_to_look_at_a_film() -> None:
    class Watched(BytesIO):
        most = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            Watched.most = max(Watched.most, len(data))
            return data

    content = movie(before=box(b"free", bytes(3_000_000)))

    scrub_movie(Watched(content), len(content))

    assert Watched.most < 5_000


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_patches_across_chunks_are_whole(shift: int) -> None:
    content = b"x" * (3 * CHUNK_BYTES + 5)
    scrubbed = Scrubbed(end=len(content) - 2)
    start = CHUNK_BYTES - 3 + shift
    scrubbed.zero(start, 2 * CHUNK_BYTES + 4, b"abcdef")
    scrubbed.zero(start + 2, start + 4, b"lost")  # within the other one
    scrubbed.zero(len(content) - 4, len(content))
    into = BytesIO()

    digest = copy(ContentFile(content), into, scrubbed)

    expected = bytearray(content)
    expected[start : 2 * CHUNK_BYTES + 4] = b"abcdef" + bytes(2 * CHUNK_BYTES + 4 - start - 6)
    expected[-4:] = bytes(4)
    assert into.getvalue() == bytes(expected[:-2])
    assert digest == hashlib.sha256(content).hexdigest()


def test_chunks_of_several_samples_are_found() -> None:
    tables = {
        b"stsc": struct.pack(">II6I", 0, 2, 1, 2, 1, 3, 1, 1),
        b"stsz": struct.pack(">III5I", 0, 0, 5, 10, 20, 30, 40, 50),
        b"stco": struct.pack(">II3I", 0, 3, 1000, 2000, 3000),
    }

    assert sample_ranges(tables) == [(1000, 1030), (2000, 2070), (3000, 3050)]
    tables[b"stsz"] = struct.pack(">III", 0, 4, 5)
    assert sample_ranges(tables) == [(1000, 1008), (2000, 2008), (3000, 3004)]


def test_comments_of_a_vorbis_track_are_found() -> None:
    words = [b"an encoder", b"LOCATION=48.1371"]
    packet = b"\3vorbis" + b"".join(
        [
            struct.pack("<I", len(words[0])) + words[0],
            struct.pack("<II", 1, len(words[1])) + words[1],
            b"\1rest",
        ]
    )
    first = b"\1vorbis" + bytes(300)
    private = b"\2" + bytes([255, len(first) - 255, len(packet)]) + first + packet + b"setup"

    found = comments(private)

    assert [private[start:end] for start, end in found] == [*words, b"rest"]
