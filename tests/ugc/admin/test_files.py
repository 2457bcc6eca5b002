"""Customers' files for staff: private, with a type of our own, in parts for players."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from django_ppx.testing import make_submission
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.storage import media_storage, store
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

VIDEO = bytes(range(256)) * 4


@pytest.fixture
def url() -> str:
    """The address of a video of 1,024 bytes that was sent in."""
    media = make_submission().media.get()
    stored = store(key=media.key, name="video.mp4", content=VIDEO)
    media.files["video.mp4"] = {"name": stored, "type": "video/mp4", "bytes": len(VIDEO)}
    media.save()
    return f"/admin/django_ppx/ugcsubmission/files/{media.key}/video.mp4"


@pytest.fixture
def staff() -> Client:
    return staff_client("view_ugcsubmission")


def test_a_file_comes_with_our_type_and_is_kept_nowhere(staff: Client, url: str) -> None:
    response = staff.get(url)

    assert response.status_code == 200
    assert response.getvalue() == VIDEO
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == "1024"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    "permission", ["view_ugcsubmission", "moderate_ugcsubmission", "decide_ugcreport"]
)
def test_who_decides_may_see_it(url: str, permission: str) -> None:
    assert staff_client(permission).get(url).status_code == 200


def test_others_may_not(url: str) -> None:
    assert staff_client("view_ugclicence").get(url).status_code == 403
    assert Client().get(url).status_code == 302


def test_what_is_not_there_is_not_found(staff: Client, url: str) -> None:
    assert staff.get(url.replace("video.mp4", "other.mp4")).status_code == 404
    assert staff.get(url.replace("/files/", "/files/x")).status_code == 404


def test_a_draft_is_its_customers_alone(staff: Client, url: str) -> None:
    UGCSubmission.objects.update(status="draft", sent_at=None)

    assert staff.get(url).status_code == 404


def test_removed_files_are_gone(staff: Client, url: str) -> None:
    UGCMedia.objects.update(files_removed_at=timezone.now())

    assert staff.get(url).status_code == 404


def test_a_file_that_the_storage_has_lost_is_not_found(staff: Client, url: str) -> None:
    media_storage().delete(UGCMedia.objects.get().files["video.mp4"]["name"])

    assert staff.get(url).status_code == 404


def test_a_player_gets_the_part_it_asks_for(staff: Client, url: str) -> None:
    response = staff.get(url, headers={"Range": "bytes=100-199"})

    assert response.status_code == 206
    assert response.getvalue() == VIDEO[100:200]
    assert response["Content-Range"] == "bytes 100-199/1024"
    assert response["Content-Length"] == "100"
    assert "no-store" in response["Cache-Control"]


def test_a_part_that_is_not_there_is_refused(staff: Client, url: str) -> None:
    response = staff.get(url, headers={"Range": "bytes=1024-"})

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
