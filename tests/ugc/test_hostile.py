"""No file gets through but as pixels encoded here, or as a film without anything beside picture and sound."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from django_ppx.ugc.pictures import prepare_picture
from django_ppx.ugc.refusals import FileRefused
from django_ppx.ugc.sniffing import sniff
from django_ppx.ugc.videos import prepare_video
from tests.ugc import hostile
from tests.ugc.hostile import MARK, PICTURES, TAKEN, Hostile
from tests.ugc.hostile_films import FILMS
from tests.ugc.movie_files import POSITIONS, VIDEO, movie, webm

MAX_BYTES = 30_000_000
LONGEST_SECONDS = 2.0
PLANTED = (MARK, MARK[6:20], POSITIONS, b"48.1371", b"an app", b"evil", b"PK\3\4", b"<html>")


def prepared(content: bytes, name: str = "a", content_type: str = "") -> list[bytes]:
    """Return what would be stored of an upload."""
    upload = SimpleUploadedFile(name, content, content_type)
    kind = sniff(upload)
    if kind is not None and kind.is_video:
        into = BytesIO()
        video = prepare_video(upload, max_bytes=MAX_BYTES, into=into)
        assert video.size == len(into.getvalue())
        return [into.getvalue()]
    return [file.content for file in prepare_picture(upload, max_bytes=MAX_BYTES).files]


def outcome_of(content: bytes, name: str = "a", content_type: str = "") -> tuple[str, list[bytes]]:
    """Return the reason of the refusal, or "taken", and what would be stored."""
    try:
        return TAKEN, prepared(content, name, content_type)
    except FileRefused as refused:
        return str(refused.reason), []


@pytest.mark.parametrize("case", [*PICTURES, *FILMS], ids=lambda case: case.name)
def test_hostile_files_are_refused_or_harmless(case: Hostile) -> None:
    content = case.make()
    began = time.process_time()

    outcome, stored = outcome_of(content, case.claimed, case.content_type)

    assert outcome == case.expected
    assert time.process_time() - began < LONGEST_SECONDS
    assert [mark for mark in PLANTED for made in stored if mark in made] == []


def test_there_are_many_of_them_and_each_has_a_name_of_its_own() -> None:
    names = [case.name for case in (*PICTURES, *FILMS)]

    assert len(names) >= 130
    assert len(set(names)) == len(names)


def test_the_picture_of_a_scrubbed_film_is_still_where_its_table_says() -> None:
    whole = movie(in_moov=b"")

    (stored,) = prepared(whole)

    assert len(stored) == len(whole)
    assert stored.index(VIDEO) == whole.index(VIDEO)
    assert stored.count(b"trak") == 1


VALID = {
    "jpeg": hostile.jpeg(),
    "png": hostile.png(),
    "webp": hostile.webp(),
    "mp4": movie(),
    "webm": webm(),
}
RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.sampled_from(sorted(VALID)), st.data())
@RELAXED
def test_any_change_to_a_valid_file_is_taken_or_refused(kind: str, data: st.DataObject) -> None:
    content = bytearray(VALID[kind])
    for _change in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        length = data.draw(st.integers(0, 4))
        content[at : at + length] = data.draw(st.binary(max_size=6))
        if not content:
            break

    outcome, stored = outcome_of(bytes(content))

    assert (outcome == TAKEN) is bool(stored)


@given(st.sampled_from(["", *sorted(VALID)]), st.binary(max_size=400))
@example("", b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(40))
@RELAXED
def test_random_bytes_behind_any_beginning_are_refused(kind: str, tail: bytes) -> None:
    head = VALID[kind][:32] if kind else b""

    with pytest.raises(FileRefused):
        prepared(head + tail)
