"""Large files in pieces through the API."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone

from django_ppx.api.ugc import bodies
from django_ppx.exceptions import Refusal
from django_ppx.testing import make_ugc_offer, order_token
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.joining import receive_piece
from django_ppx.ugc.models import UGCMedia, UGCSubmission, UGCUpload
from django_ppx.ugc.refusals import UploadRefused
from django_ppx.ugc.storage import media_storage
from tests.api.shoppers import API, PIECE, Shopper, said
from tests.racing import run_together
from tests.rewards.sweeping import KINDS, sweep
from tests.ugc.faults import STORAGE_KINDS, broken_rules, clean, files_after_sweep, sweep_storage
from tests.ugc.movie_files import movie
from tests.ugc.pieces_of import begun, fresh, piece
from tests.ugc.senders import a_sender, kept_bytes, stored_files

ROOT = Path(__file__).parents[2]


def film() -> bytes:
    return movie(in_moov=b"", after=b"\0\0\x20\0free" + bytes(0x2000 - 8))


@pytest.fixture(autouse=True)
def storages(settings, tmp_path) -> None:
    settings.PPX_SITE_URL = "https://shop.example.com"
    settings.STORAGES = {
        **settings.STORAGES,
        "ppx_ugc": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


@pytest.fixture
def shopper(db) -> Shopper:
    make_ugc_offer(slug="mornings", max_videos=3, max_video_megabytes=50)
    return Shopper()


@pytest.fixture
def draft(shopper) -> str:
    return shopper.begin("mornings")


def test_an_upload_is_begun_and_asked_how_far_it_is(shopper, draft) -> None:
    content = film()
    path = f"ugc/submissions/{draft}/uploads/"

    begun = shopper.post(path, {"name": "C:\\films\\a.mp4", "size": len(content)})

    key = begun.json()["id"]
    assert begun.status_code == 201
    assert begun.json() == {
        "id": key,
        "name": "a.mp4",
        "size": len(content),
        "offset": 0,
        "chunk_size": 8_000_000,
        "media": None,
    }
    assert begun.headers["Location"] == f"http://testserver{API}ugc/uploads/{key}/"
    sent = shopper.piece(key, content[:5000], 0)
    assert (sent.status_code, sent.json()["offset"]) == (200, 5000)
    found = shopper.get(f"ugc/uploads/{key}/")
    assert found.json() == sent.json()
    head = shopper.client.head(f"{API}ugc/uploads/{key}/")
    assert (head.status_code, head.content) == (200, b"")
    for answer in (sent, found, head):
        assert answer.headers["Upload-Offset"] == "5000"
        assert answer.headers["Upload-Length"] == str(len(content))
    (listed,) = shopper.get(f"ugc/submissions/{draft}/").json()["uploads"]
    assert listed == found.json()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "a.mp4", "size": 50_000_001}, (409, "too_large")),
        ({"name": "a.mp4", "size": 0}, (409, "empty")),
        ({"name": "a.mp4", "size": -1}, (400, "invalid")),
        ({"name": "a.mp4", "size": "10"}, (400, "invalid")),
        ({"name": "a.mp4"}, (400, "invalid")),
        ({"name": "a" * 301, "size": 10}, (400, "invalid")),
    ],
)
def test_what_can_not_be_taken_is_not_begun(shopper, draft, body, expected) -> None:
    assert said(shopper.post(f"ugc/submissions/{draft}/uploads/", body)) == expected
    assert not UGCUpload.objects.exists()


def test_a_key_begins_one_upload(shopper, draft) -> None:
    path, key = f"ugc/submissions/{draft}/uploads/", {"Idempotency-Key": "one"}

    answers = [
        shopper.post(path, {"name": "a.mp4", "size": 100}, headers=key) for _answer in range(2)
    ]

    assert answers[0].content == answers[1].content
    assert UGCUpload.objects.count() == 1


def test_the_quota_counts_what_is_under_way(shopper, draft, settings) -> None:
    settings.PPX_UGC_MEGABYTES_PER_CUSTOMER = 60
    path = f"ugc/submissions/{draft}/uploads/"
    assert shopper.post(path, {"name": "a.mp4", "size": 40_000_000}).status_code == 201

    assert said(shopper.post(path, {"name": "b.mp4", "size": 40_000_000})) == (409, "no_room")


def test_a_wrong_offset_is_told_the_right_one(shopper, draft) -> None:
    content = film()
    key = shopper.begin_upload(draft, content)
    shopper.piece(key, content[:5000], 0)

    for offset in (4999, 5001, 0):
        answer = shopper.piece(key, content[:4000], offset, **{"Idempotency-Key": f"k{offset}"})
        assert said(answer) == (409, "wrong_offset")
        assert answer.headers["Upload-Offset"] == "5000"
    assert fresh(UGCUpload.objects.get()).received == 5000


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "x", "9" * 19, "٣"])
def test_an_offset_is_a_number(shopper, draft, offset: str) -> None:
    key = shopper.begin_upload(draft, film())

    answer = shopper.client.patch(
        f"{API}ugc/uploads/{key}/",
        b"x",
        content_type=PIECE,
        headers={"Upload-Offset": offset.encode().decode("latin-1")},
    )

    assert said(answer) == (400, "invalid")


def test_a_piece_has_its_media_type_and_its_size(shopper, draft) -> None:
    key = shopper.begin_upload(draft, bytes(40_000_000))
    path = f"{API}ugc/uploads/{key}/"
    offset = {"Upload-Offset": "0"}

    as_json = shopper.client.patch(path, "{}", content_type="application/json", headers=offset)
    large = shopper.client.patch(path, bytes(8_000_001), content_type=PIECE, headers=offset)

    assert said(as_json) == (415, "unsupported_media_type")
    assert said(large) == (413, "too_large")
    assert stored_files() == set()


def test_nothing_is_read_for_an_upload_that_is_not_there(shopper, monkeypatch) -> None:
    read: list[Any] = []
    monkeypatch.setattr(bodies, "_received", lambda *args: read.append(args))

    assert said(shopper.piece("a" * 20, b"x", 0)) == (404, "not_found")
    assert not read


def test_a_piece_that_breaks_off_is_not_taken(shopper, draft) -> None:
    content = film()
    key = shopper.begin_upload(draft, content)

    path = f"{API}ugc/uploads/{key}/"
    headers = {"PPX-Order-Token": order_token(shopper.purchase.order_ref), "Upload-Offset": "0"}
    request = RequestFactory().generic("PATCH", path, b"x", PIECE, headers=headers)
    request.META["CONTENT_LENGTH"] = "6000"
    request._stream = BytesIO(content[:5000])

    answer = resolve(path).func(request, key=key)

    assert said(answer) == (400, "malformed")
    assert (fresh(UGCUpload.objects.get()).received, stored_files()) == (0, set())


def test_a_piece_under_a_key_is_answered_from_the_store(shopper, draft) -> None:
    content, key = film(), {"Idempotency-Key": "piece-1"}
    upload = shopper.begin_upload(draft, content)

    first = shopper.piece(upload, content[:5000], 0, **key)
    second = shopper.piece(upload, content[:5000], 0, **key)
    other = shopper.piece(upload, content[5000:], 5000, **key)

    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert said(other) == (422, "idempotency_key_reused")
    assert fresh(UGCUpload.objects.get()).received == 5000


def test_a_cancelled_upload_is_gone(shopper, draft) -> None:
    key = shopper.begin_upload(draft, film())

    assert shopper.delete(f"ugc/uploads/{key}/").status_code == 204

    assert said(shopper.delete(f"ugc/uploads/{key}/")) == (404, "not_found")
    assert said(shopper.get(f"ugc/uploads/{key}/")) == (404, "not_found")
    assert kept_bytes(UGCSubmission.objects.get()) == 0


def test_what_is_no_film_is_refused_with_its_first_piece(shopper, draft) -> None:
    content = b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 9000
    key = shopper.begin_upload(draft, content)

    assert said(shopper.piece(key, content[:5000], 0)) == (409, "unknown_type")
    assert said(shopper.get(f"ugc/uploads/{key}/")) == (404, "not_found")


def test_once_the_offer_is_closed_nothing_more_is_taken(shopper, draft) -> None:
    content = film()
    key = shopper.begin_upload(draft, content)
    submission = UGCSubmission.objects.get()
    submission.ugc_offer.ends_at = timezone.now()
    submission.ugc_offer.save()

    assert said(shopper.piece(key, content, 0)) == (409, "not_open")
    assert said(shopper.post(f"ugc/submissions/{draft}/uploads/", {"size": 9})) == (
        409,
        "not_open",
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_pieces_at_once_one_is_taken() -> None:
    content = film()
    draft = open_draft(a_sender(make_ugc_offer(max_videos=3)), now=NOW)
    for _round in range(4):
        upload = begun(content, draft)
        ready = threading.Barrier(2, timeout=20)

        def act(number: int, upload: UGCUpload = upload, ready: Any = ready) -> str:
            mine = fresh(upload)
            own = content[:4999] + bytes([number])
            ready.wait()
            try:
                return str(receive_piece(upload=mine, offset=0, piece=piece(own), now=NOW).received)
            except UploadRefused as refused:
                return str(refused.reason)

        assert sorted(run_together(act, times=2)) == ["5000", "wrong_offset"]
        found = fresh(upload)
        assert (found.received, len(found.parts)) == (5000, 1)
        assert stored_files() == {found.parts[0]["name"]}
        UGCUpload.objects.all().delete()
        clean_folder()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_reading_first_takes_both() -> None:
    upload = begun(film(), open_draft(a_sender(make_ugc_offer()), now=NOW))
    read = threading.Barrier(2, timeout=20)

    def naive(number: int) -> int:
        row = UGCUpload.objects.get(pk=upload.pk)
        read.wait()
        if row.received == 0:
            row.received, row.parts = 5000, [{"name": str(number), "bytes": 5000, "digest": ""}]
            row.save()
            return 5000
        return 0

    assert run_together(naive, times=2) == [5000, 5000]
    assert len(fresh(upload).parts) == 1


def clean_folder() -> None:
    for name in stored_files():
        media_storage().delete(name)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_last_piece_at_once_makes_one_film() -> None:
    content = film()
    draft = open_draft(a_sender(make_ugc_offer(max_videos=3)), now=NOW)
    upload = begun(content, draft)
    receive_piece(upload=fresh(upload), offset=0, piece=piece(content[:5000]), now=NOW)

    def act(number: int) -> Any:
        mine = fresh(upload)
        return receive_piece(upload=mine, offset=5000, piece=piece(content[5000:]), now=NOW).media

    media = run_together(act, times=4)

    assert len({each.pk for each in media}) == 1
    assert UGCMedia.objects.count() == 1
    assert stored_files() == {file["name"] for file in media[0].files.values()}
    assert kept_bytes(draft) == media[0].stored_bytes


def two_thirds() -> UGCUpload:
    """Return an upload that lacks its last piece."""
    content = film()
    upload = begun(content, open_draft(a_sender(), now=NOW))
    receive_piece(upload=fresh(upload), offset=0, piece=piece(content[:5000]), now=NOW)
    return upload


def send_last(upload: UGCUpload) -> None:
    content = film()
    with suppress(Refusal):
        receive_piece(upload=fresh(upload), offset=5000, piece=piece(content[5000:]), now=NOW)


def send_middle(upload: UGCUpload) -> None:
    content = film()
    receive_piece(upload=fresh(upload), offset=5000, piece=piece(content[5000:6000]), now=NOW)


def state() -> list[Any]:
    assert broken_rules() == []
    uploads = [
        (row.received, len(row.parts), row.media is not None) for row in UGCUpload.objects.all()
    ]
    media = list(UGCMedia.objects.values_list("type", "digest", "original_name"))
    return [uploads, media, files_after_sweep()]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("send", [send_middle, send_last])
@pytest.mark.parametrize("kind", STORAGE_KINDS)
def test_a_fault_of_the_storage_loses_nothing_and_doubles_nothing(kind, send, caplog) -> None:
    assert sweep_storage(kind, two_thirds, send, state) >= 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_of_the_database_loses_nothing_and_doubles_nothing(kind, caplog) -> None:
    assert sweep(kind, two_thirds, send_last, state, clean=clean) >= 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_without_the_sweep_a_killed_piece_leaves_its_file(monkeypatch) -> None:
    monkeypatch.setattr("tests.ugc.faults.sweep_files", lambda *, now: [])

    with pytest.raises(AssertionError):
        sweep_storage("kill", two_thirds, send_last, state)


MEASURE = """
import json, sys, tempfile
from django.conf import settings
import tests.settings as base
values = {name: getattr(base, name) for name in dir(base) if name.isupper()}
folder = tempfile.mkdtemp()
values["DATABASES"] = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder + "/db.sqlite3"}}
values["STORAGES"] = {**base.STORAGES, "ppx_ugc": {
    "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder + "/files"}}}
settings.configure(**values)
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django_ppx.testing import make_ugc_offer, order_token
from django_ppx.ugc.storage import media_storage
from tests.api.shoppers import Shopper
from tests.ugc.movie_files import movie
make_ugc_offer(slug="mornings")
shopper = Shopper()
draft = shopper.begin("mornings")
size = 60_000_000
head = movie(in_moov=b"")
filler = size - len(head)
whole = head + filler.to_bytes(4, "big") + b"free" + bytes(filler - 8)
def megabytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) // 1024
step = 4_000_000
shopper.piece(shopper.begin_upload(draft, head), head, 0)  # what is loaded once
media = shopper.get("ugc/submissions/" + draft + "/").json()["files"]
shopper.delete("ugc/submissions/" + draft + "/files/" + media[0]["key"] + "/")
upload = shopper.begin_upload(draft, whole)
with open("/proc/self/clear_refs", "w") as clear:
    clear.write("5")
before = megabytes("VmRSS")
for offset in range(0, size, step):
    answer = shopper.piece(upload, whole[offset : offset + step], offset)
    assert answer.status_code == 200, answer.content
assert answer.json()["media"]["type"] == "video", answer.content
json.dump(megabytes("VmHWM") - before, sys.stdout)
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="reads memory from /proc")
def test_sixty_megabytes_in_pieces_take_less_than_fifty_of_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PPX_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < 50
