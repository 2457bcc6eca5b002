"""A storage that is away, or that the shop has not named: everybody gets an answer, and the log says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from django_ppx.testing import FakeShop, make_purchase, make_ugc_offer
from django_ppx.testing.ugc import photo
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.storage import media_storage
from tests.offers.admin_users import staff_client
from tests.ugc.senders import stored_files
from tests.ugc.sending import AGREED, Sender, path_of

pytestmark = pytest.mark.django_db

AWAY = "Files can&#x27;t be taken at the moment. Please try again later; nothing is lost."


class CloudError(Exception):
    """What a client of a cloud raises: no `OSError`."""


@pytest.fixture
def sender(client, settings) -> Sender:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    return Sender(client, path_of(make_ugc_offer(minimum_age=16), make_purchase()))


@pytest.fixture(params=["away", "unnamed"])
def strike(request, settings, monkeypatch) -> Callable[[], None]:
    """Let the storage be gone from now on, in one of two ways."""

    def refuse(*_args: Any, **_options: Any) -> None:
        raise CloudError

    def strike() -> None:
        if request.param == "unnamed":
            others = {name: each for name, each in settings.STORAGES.items() if name != "ppx_ugc"}
            settings.STORAGES = others
            return
        storage = media_storage()
        for name in ("save", "open", "delete"):
            monkeypatch.setattr(storage, name, refuse)

    return strike


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    ours = [record.getMessage() for record in caplog.records if record.name == "django_ppx"]
    return [message.split(":")[0] for message in ours]


def test_a_file_that_can_not_be_stored_gets_a_sentence_and_is_no_file(
    sender, strike, caplog
) -> None:
    strike()

    page = sender.post(photo(), caption="Words", **AGREED)
    answer = sender.upload(photo())

    assert page.status_code == 503
    assert AWAY in page.text
    assert "Words</textarea>" in page.text
    assert answer.status_code == 503
    assert answer.json() == {"is_ok": False, "error": AWAY.replace("&#x27;", "'")}
    assert logged(caplog) == ["A customer's file can't be stored"] * 2
    assert UGCMedia.objects.count() == 0
    assert UGCSubmission.objects.get().status == "draft"


def test_a_storage_that_fails_half_way_does_not_hide_behind_its_own_cleaning(
    sender, monkeypatch
) -> None:
    storage, saved = media_storage(), []
    save = storage.save

    def save_one(name: str, *args: Any, **options: Any) -> str:
        if saved:
            raise CloudError
        saved.append(save(name, *args, **options))
        return saved[0]

    def refuse(*_args: Any) -> None:
        raise CloudError

    monkeypatch.setattr(storage, "save", save_one)
    monkeypatch.setattr(storage, "delete", refuse)

    answer = sender.upload(photo())

    assert answer.status_code == 503
    assert stored_files() == set(saved)  # without a row: nobody reaches it, and it is swept later


def test_a_picture_that_can_not_be_read_is_not_there(sender, strike, caplog) -> None:
    sender.post(photo(), **AGREED)
    media = UGCMedia.objects.get()
    preview = reverse("ppx:ugc_preview", args=[sender.key, media.key, "list.jpg"])
    moderation = f"/admin/django_ppx/ugcsubmission/files/{media.key}/list.jpg"
    moderator = staff_client("moderate_ugcsubmission")
    assert sender.client.get(preview).status_code == 200
    assert moderator.get(moderation).status_code == 200
    strike()

    assert sender.client.get(preview).status_code == 404
    assert moderator.get(moderation).status_code == 404
    assert logged(caplog) == ["A customer's file can't be read"] * 2
