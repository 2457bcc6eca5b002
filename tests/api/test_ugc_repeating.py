"""Files sent again under the same `Idempotency-Key`: answered once, done once, and never held in a transaction."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from threading import Event
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import resolve
from django.utils import timezone

from django_ppx.access.models import StoredAnswer
from django_ppx.api.ugc import files
from django_ppx.api.ugc.serializers import (
    UgcMediaSerializer,
    UgcOfferingsSerializer,
    UgcSubmissionPageSerializer,
    UgcUploadSerializer,
)
from django_ppx.testing import make_ugc_offer, order_token
from django_ppx.testing.ugc import photo
from django_ppx.ugc.models import UGCMedia
from tests.api.shoppers import API, Shopper, said
from tests.racing import run_together
from tests.ugc.movie_files import movie

KEY = {"Idempotency-Key": "file-1"}


@pytest.fixture(autouse=True)
def storages(settings) -> None:
    settings.STORAGES = {**settings.STORAGES}


@pytest.fixture
def shopper(db) -> Shopper:
    make_ugc_offer(slug="mornings")
    return Shopper()


@pytest.mark.django_db(transaction=True)
def test_a_file_is_looked_at_outside_of_any_transaction(shopper, monkeypatch) -> None:
    seen = []
    really = files.add_file_once

    def look(**given: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return really(**given)

    monkeypatch.setattr(files, "add_file_once", look)
    draft = shopper.begin("mornings")

    assert shopper.add(draft, photo(), headers=KEY).status_code == 201
    assert seen == [False]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_while_it_is_worked_on_the_same_question_waits(shopper, monkeypatch) -> None:
    draft, content = shopper.begin("mornings"), photo().read()
    is_looking, is_answered = Event(), Event()
    really = files.add_file_once

    def slow(**given: Any) -> Any:
        is_looking.set()
        is_answered.wait(20)
        return really(**given)

    monkeypatch.setattr(files, "add_file_once", slow)

    def ask(number: int) -> Any:
        if number:
            is_looking.wait(20)
        answer = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=KEY)
        is_answered.set()
        return answer

    first, second = run_together(ask, times=2)

    assert first.status_code == 201
    assert said(second) == (409, "in_flight")
    assert second.headers["Retry-After"] == "1"


def test_a_fault_leaves_the_question_open(shopper, monkeypatch, caplog) -> None:
    draft, content = shopper.begin("mornings"), photo().read()

    def broken(**given: Any) -> Any:
        raise ValueError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr(files, "add_file_once", broken)
        answer = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=KEY)
    assert said(answer) == (500, "internal_error")
    assert not StoredAnswer.objects.exists()

    answer = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=KEY)

    assert answer.status_code == 201


def test_what_a_crash_left_unanswered_is_done_again_and_is_the_same(shopper) -> None:
    draft, content = shopper.begin("mornings"), photo().read()
    first = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=KEY)
    before = timezone.now() - timedelta(seconds=61)
    # As a crash between the work and its answer leaves it.
    StoredAnswer.objects.update(status_code=None, finished_at=None, started_at=before)

    again = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=KEY)

    assert (again.status_code, again.json()) == (200, first.json())
    assert UGCMedia.objects.count() == 1


def test_who_was_overtaken_still_answers(shopper, monkeypatch) -> None:
    draft = shopper.begin("mornings")
    really = files.add_file_once

    def overtaken(**given: Any) -> Any:
        StoredAnswer.objects.update(attempt="another")
        return really(**given)

    monkeypatch.setattr(files, "add_file_once", overtaken)

    assert shopper.add(draft, photo(), headers=KEY).status_code == 201
    assert UGCMedia.objects.count() == 1


def test_a_refusal_is_not_kept(shopper) -> None:
    draft = shopper.begin("mornings")
    bad = b"<html>" + bytes(5000)

    answer = shopper.add(draft, SimpleUploadedFile("a.jpg", bad), headers=KEY)

    assert said(answer) == (409, "unknown_type")
    assert not StoredAnswer.objects.exists()


class Counted(BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def sent(
    shopper: Shopper, draft: str, *, by: str | None = None, **meta: str
) -> tuple[Any, Counted]:
    """Send a form of nine megabytes, and return the answer and what was read of it."""
    large = SimpleUploadedFile("a.jpg", photo().read() + bytes(9_000_000), "image/jpeg")
    body = encode_multipart(BOUNDARY, {"file": large})
    path = f"{API}ugc/submissions/{draft}/files/"
    headers = {"PPX-Order-Token": order_token(by or shopper.purchase.order_ref), **KEY}
    request = RequestFactory().generic("POST", path, body, MULTIPART_CONTENT, headers=headers)
    request.META.update(meta)
    request._stream = stream = Counted(body)
    answer = resolve(path).func(request, form_key=draft)
    request.close()
    return answer, stream


@pytest.mark.django_db
def test_the_caps_stop_the_reading() -> None:
    make_ugc_offer(slug="small", max_photo_megabytes=1, max_video_megabytes=50)
    shopper = Shopper()
    draft = shopper.begin("small")

    answer, stream = sent(shopper, draft)

    assert said(answer) == (409, "too_large")
    assert 1_000_000 < stream.taken < 1_200_000


def test_what_says_that_it_is_too_long_is_not_read(shopper) -> None:
    draft = shopper.begin("mornings")

    answer, stream = sent(shopper, draft, CONTENT_LENGTH="101000001")

    assert said(answer) == (413, "too_large")
    assert stream.taken == 0


def test_for_another_orders_draft_nothing_is_read(shopper) -> None:
    draft = shopper.begin("mornings")

    answer, stream = sent(shopper, draft, by=Shopper().purchase.order_ref)

    assert said(answer) == (404, "not_found")
    assert stream.taken == 0


def unlike(serializer: Any, value: Any, where: str = "") -> list[str]:
    """Return where an answer has other names than the description."""
    if value is None:
        return [] if serializer.allow_null else [f"{where} is null"]
    if hasattr(serializer, "child"):
        inner = serializer.child
        return [each for row in value for each in unlike(inner, row, f"{where}[]")]
    if not hasattr(serializer, "fields"):
        is_empty = value == "" and not getattr(serializer, "allow_blank", True)
        return [f"{where} is empty"] if is_empty else []
    if set(serializer.fields) != set(value):
        return [f"{where}: {set(serializer.fields) ^ set(value)}"]
    return [
        each
        for name, field in serializer.fields.items()
        for each in unlike(field, value[name], f"{where}.{name}")
    ]


def test_answers_have_the_shape_that_is_described(shopper) -> None:
    draft = shopper.begin("mornings")
    media = shopper.add(draft, photo()).json()
    content = movie()
    upload = shopper.begin_upload(draft, content)
    whole = shopper.piece(shopper.begin_upload(draft, content), content, 0).json()
    offerings = shopper.get("ugc/offers/").json()
    shopper.begin("mornings")

    assert unlike(UgcOfferingsSerializer(), offerings) == []
    assert unlike(UgcMediaSerializer(), media) == []
    assert unlike(UgcUploadSerializer(), whole) == []
    assert unlike(UgcUploadSerializer(), shopper.get(f"ugc/uploads/{upload}/").json()) == []
    page = shopper.get("ugc/submissions/").json()
    assert unlike(UgcSubmissionPageSerializer(), page) == []
    assert unlike(UgcMediaSerializer(), {**media, "extra": 1}) == [": {'extra'}"]
