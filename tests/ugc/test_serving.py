"""Files: served while they are published, in parts where asked, and otherwise not there."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_ppx.testing import make_submission
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.ending import take_down, withdraw
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.serving import ByteRange, RangeUnsatisfiable, range_of
from django_ppx.ugc.storage import media_storage
from tests.ugc.published import FILM, publish, publish_video

pytestmark = pytest.mark.django_db


def address(media: UGCMedia, name: str = "gallery.jpg") -> str:
    return reverse("ppx:ugc_media", args=[media.key, name])


def body(response: Any) -> bytes:
    return response.getvalue()


def test_a_published_file_is_served_as_what_we_made_of_it(client: Client) -> None:
    media = publish()

    response = client.get(address(media))

    with media_storage().open(media.files["gallery.jpg"]["name"]) as stored:
        content = stored.read()
    assert response.status_code == 200
    assert body(response) == content
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Length"] == str(len(content))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Content-Disposition"] == 'inline; filename="gallery.jpg"'
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{media.key}-gallery.jpg"'
    assert set(response["Cache-Control"].split(", ")) == {"public", "no-cache"}
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize("name", ["list.webp", "gallery.webp", "full.webp"])
def test_webp_is_served_as_webp(client: Client, name: str) -> None:
    assert client.get(address(publish(), name))["Content-Type"] == "image/webp"


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_file_costs_one_query(client: Client, method: str, django_assert_num_queries) -> None:
    url = address(publish())

    with django_assert_num_queries(1):
        getattr(client, method)(url)


def test_head_says_the_same_and_sends_nothing(client: Client) -> None:
    url = address(publish())

    got, head = client.get(url), client.head(url)

    assert head.content == b""
    assert {**head.headers} == {**got.headers}


def test_what_the_browser_has_is_not_sent_again_nor_read(client: Client, monkeypatch) -> None:
    url = address(publish())
    etag = client.get(url)["ETag"]

    def untouched(*args: Any) -> None:
        raise AssertionError("the storage was asked")

    monkeypatch.setattr("django_ppx.ugc.file_responses.open_file", untouched)
    response = client.get(url, headers={"If-None-Match": etag})

    assert response.status_code == 304
    assert response["ETag"] == etag
    assert set(response["Cache-Control"].split(", ")) == {"public", "no-cache"}


def test_what_is_withdrawn_is_gone_for_whoever_has_it_too(client: Client) -> None:
    media = publish()
    etag = client.get(address(media))["ETag"]

    withdraw(submission_id=media.submission_id, now=NOW)

    assert client.get(address(media)).status_code == 404
    assert client.get(address(media), headers={"If-None-Match": etag}).status_code == 404


def test_what_is_taken_down_is_gone_though_its_files_are_there(client: Client) -> None:
    media = publish()

    take_down(
        submission_id=media.submission_id, takes_back=False, why="Asked for", by_id=None, now=NOW
    )

    assert media_storage().exists(media.files["gallery.jpg"]["name"])
    assert client.get(address(media)).status_code == 404


def answers(client: Client, urls: list[str]) -> set[tuple[int, bytes, str]]:
    found = (client.get(url) for url in urls)
    return {(got.status_code, got.content, got["Cache-Control"]) for got in found}


def test_everything_else_is_the_same_answer(client: Client) -> None:
    published, waiting = publish(), make_submission().media.get()
    over = publish()
    UGCSubmission.objects.filter(pk=over.submission_id).update(published_until=NOW)
    removed = publish()
    UGCMedia.objects.filter(pk=removed.pk).update(files_removed_at=NOW)
    strange = publish()
    strange.files["gallery.jpg"]["type"] = "text/html"
    strange.save()
    base = "/ppx/ugc/media/"

    found = answers(
        client,
        [
            address(waiting),
            address(over),
            address(removed),
            address(strange),
            address(published, "other.jpg"),
            f"{base}{published.key.upper()}/gallery.jpg",
            f"{base}{'a' * 32}/gallery.jpg",
            f"{base}{'a' * 3000}/gallery.jpg",
            f"{base}%00/gallery.jpg",
            f"{base}{published.key}/%00",
        ],
    )

    assert found == {(404, b"Not found", "no-store")}


def test_no_key_that_was_never_made_reaches_the_database(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/ppx/ugc/media/a%00b/gallery.jpg")

    assert len(queries) == 0


def test_a_file_that_the_storage_has_lost_is_logged_once(client: Client, caplog) -> None:
    media = publish()
    media_storage().delete(media.files["gallery.jpg"]["name"])

    response = client.get(address(media))

    assert response.status_code == 404
    ours = [record for record in caplog.records if record.name == "django_ppx"]
    assert len(ours) == 1
    assert media.files["gallery.jpg"]["name"] in ours[0].getMessage()


def test_nothing_but_reading_is_allowed(client: Client) -> None:
    assert client.post(address(publish())).status_code == 405


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1023-1023", 1023, 1023),
        ("bytes=1000-5000", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
    ],
)
def test_a_part_is_sent_alone(client: Client, asked: str, first: int, last: int) -> None:
    response = client.get(address(publish_video(), "video.mp4"), headers={"Range": asked})

    assert response.status_code == 206
    assert body(response) == FILM[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert response["Content-Length"] == str(last - first + 1)
    assert response["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=99999-100000", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(client: Client, asked: str) -> None:
    response = client.get(address(publish_video(), "video.mp4"), headers={"Range": asked})

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
    assert response.content == b""


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-9,20-29", "bytes=9-0", "bytes=-", "bytes=a-b", "items=0-9", "bytes 0-9", "bytes=٣-٤"],
)
def test_what_is_no_single_range_is_answered_with_all_of_it(client: Client, asked: str) -> None:
    response = client.get(
        address(publish_video(), "video.mp4"), headers={"Range": asked.encode().decode("latin-1")}
    )

    assert response.status_code == 200
    assert body(response) == FILM


def test_a_part_of_another_file_is_not_glued_to_this_one(client: Client) -> None:
    url = address(publish_video(), "video.mp4")
    etag = client.head(url)["ETag"]

    same = client.get(url, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})

    assert same.status_code == 206
    assert (other.status_code, body(other)) == (200, FILM)


def test_a_range_is_counted_from_zero_to_the_last_byte() -> None:
    assert range_of("bytes=0-", size=10) == ByteRange(first=0, last=9)
    assert ByteRange(first=0, last=9).length == 10
    with pytest.raises(RangeUnsatisfiable):
        range_of("bytes=10-", size=10)


def test_the_file_is_closed_where_nobody_reads_it(
    client: Client, monkeypatch, settings, tmp_path
) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    on_disk = {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "ppx_ugc": on_disk}
    opened: list[Any] = []
    storage = media_storage()
    open_it = storage.open

    def watched(*args: Any, **kwargs: Any) -> Any:
        opened.append(open_it(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(storage, "open", watched)
    response = client.get(address(publish()))
    assert response.status_code == 200

    response.close()

    assert [file.closed for file in opened] == [True]
