"""The caps while an upload streams in: how much is read, and what becomes of the rest."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from django_ppx.testing import make_purchase, make_ugc_offer
from django_ppx.testing.ugc import photo
from django_ppx.ugc.models import UGCMedia
from django_ppx.ugc.receiving import files_of, is_too_long, receive
from tests.ugc.sending import AGREED, Sender, path_of

pytestmark = pytest.mark.django_db

MB = 1_000_000


@pytest.fixture
def posted():
    """Return what makes a request that carries files, and its body. They are closed as a server does it."""
    made = []

    def post(*files: SimpleUploadedFile) -> tuple[HttpRequest, Counted]:
        body = encode_multipart(BOUNDARY, {"form_key": "k", "files": list(files)})
        request = RequestFactory().generic("POST", "/", body, MULTIPART_CONTENT)
        request._stream = stream = Counted(body)
        made.append(request)
        return request, stream

    yield post

    for request in made:
        request.close()


class Counted(BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def large_photo(megabytes: int) -> SimpleUploadedFile:
    content = photo().read() + b"\x00" * (megabytes * MB)
    return SimpleUploadedFile("large.jpg", content, content_type="image/jpeg")


def test_reading_stops_where_the_only_file_is_too_large(posted) -> None:
    offer = make_ugc_offer(max_photo_megabytes=1, max_video_megabytes=100)
    request, stream = posted(large_photo(9))

    caps = receive(request, offer, is_one_file=True)

    assert files_of(request) == []
    assert [(name, str(why)) for name, why in caps.refused] == [
        ("large.jpg", "This file is too large. Please choose one of at most 1 MB.")
    ]
    assert MB < stream.taken < 1.2 * MB


def test_without_the_cap_everything_is_read(posted) -> None:
    request, stream = posted(large_photo(9))

    assert len(files_of(request)) == 1
    assert stream.taken > 9 * MB


def test_what_is_no_picture_is_stopped_at_once(posted) -> None:
    offer = make_ugc_offer()
    request, stream = posted(SimpleUploadedFile("a.jpg", b"<html>" + b" " * 5 * MB))

    caps = receive(request, offer, is_one_file=True)

    assert files_of(request) == []
    assert [why.reason for _name, why in caps.refused] == ["unknown_type"]
    assert stream.taken < 0.3 * MB


def test_a_kind_that_is_not_asked_for_is_stopped_at_once(posted) -> None:
    offer = make_ugc_offer(max_photos=0)
    request, _stream = posted(photo())

    caps = receive(request, offer, is_one_file=True)

    assert files_of(request) == []
    assert [why.reason for _name, why in caps.refused] == ["not_accepted"]


def test_among_several_only_the_large_one_is_left_out(posted) -> None:
    offer = make_ugc_offer(max_photo_megabytes=1)
    first, last = photo(), photo()
    request, _stream = posted(first, large_photo(3), last)

    caps = receive(request, offer, is_one_file=False)

    assert [file.size for file in files_of(request)] == [first.size, last.size]
    assert [name for name, _why in caps.refused] == ["large.jpg"]


def test_more_files_than_a_submission_takes_are_not_stored(posted) -> None:
    offer = make_ugc_offer(max_photos=2, max_videos=0)
    request, _stream = posted(photo(), photo(), photo())

    caps = receive(request, offer, is_one_file=False)

    assert len(files_of(request)) == 2
    assert [why.reason for _name, why in caps.refused] == ["enough"]


def test_a_body_that_says_it_is_too_long_is_not_read(client, posted) -> None:
    offer = make_ugc_offer(max_photos=2, max_photo_megabytes=1, max_videos=0)
    request, stream = posted(large_photo(4))
    assert is_too_long(request, offer, is_one_file=False)
    assert is_too_long(request, offer, is_one_file=True)
    assert stream.taken == 0
    sender = Sender(client, path_of(offer, make_purchase()))

    answer = sender.upload(large_photo(4))
    page = sender.post(large_photo(4), **AGREED)

    assert (answer.status_code, page.status_code) == (413, 413)
    sentence = "These files are too large together. Please add them one after the other."
    assert answer.json() == {"is_ok": False, "error": sentence}
    assert sentence in page.text
    assert UGCMedia.objects.count() == 0


def test_a_host_that_read_the_body_already_is_no_fault(client, settings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.ugc.test_receiving.reading_middleware"]
    sender = Sender(client, path_of(make_ugc_offer(), make_purchase()))

    assert sender.post(photo(), **AGREED).status_code == 302


def reading_middleware(get_response):
    def respond(request):
        request.POST.get("anything")
        return get_response(request)

    return respond
