"""Leftovers: what no row names goes, whatever is young or named stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.storage import media_storage, new_key, store
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.sweeping import remove_draft, sweep_files
from django_ppx.ugc.uploading import add_file
from tests.ugc.senders import a_sender, agreed, kept_bytes, make_sent, stored_files

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)


def left_over(name: str = "full.jpg") -> str:
    return store(key=new_key(), name=name, content=b"left by a crash")


def tomorrow():
    return timezone.now() + DAY + timedelta(seconds=1)


def test_what_no_row_names_is_removed_after_a_day() -> None:
    name = left_over()

    assert sweep_files(now=timezone.now() + DAY - timedelta(minutes=1)) == []
    assert sweep_files(now=tomorrow()) == [name]
    assert sweep_files(now=tomorrow()) == []

    assert stored_files() == set()


def test_what_a_row_names_stays_and_a_stranger_in_its_folder_goes() -> None:
    sent = make_sent(photos=1, posts=())
    media = sent.media.get()
    stranger = store(key=media.key, name="other.jpg", content=b"left by a crash")

    assert sweep_files(now=tomorrow()) == [stranger]

    assert stored_files() == {file["name"] for file in media.files.values()}


def test_what_should_be_removed_already_is_removed() -> None:
    media = make_sent(photos=1, posts=()).media.get()
    names = {file["name"] for file in media.files.values()}
    type(media).objects.update(files_removed_at=NOW)

    assert set(sweep_files(now=tomorrow())) == names


def test_it_may_only_be_looked() -> None:
    name = left_over()

    assert sweep_files(now=tomorrow(), removes=False) == [name]
    assert stored_files() == {name}


def test_an_empty_storage_is_no_fault() -> None:
    assert sweep_files(now=tomorrow()) == []


def test_a_file_that_somebody_else_removes_this_moment_is_passed_over(monkeypatch) -> None:
    left_over()

    def gone(name: str):
        raise FileNotFoundError(name)

    monkeypatch.setattr(media_storage(), "get_modified_time", gone)

    assert sweep_files(now=tomorrow()) == []


def test_other_files_in_the_storage_are_none_of_ours() -> None:
    media_storage().save("invoices/1.pdf", ContentFile(b"of the shop"))

    assert sweep_files(now=tomorrow()) == []
    assert media_storage().exists("invoices/1.pdf")


def test_queries_do_not_grow_with_the_folders(django_assert_num_queries) -> None:
    for _folder in range(20):
        left_over()

    with django_assert_num_queries(2):
        assert len(sweep_files(now=tomorrow())) == 20


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_removed_with_its_files_and_its_room() -> None:
    draft = open_draft(a_sender(), now=NOW)
    add_file(draft=draft, upload=photo(), name="a.jpg", now=NOW)

    assert remove_draft(submission_id=draft.pk) == 1
    assert remove_draft(submission_id=draft.pk) == 0

    assert (stored_files(), kept_bytes(draft)) == (set(), 0)


def test_what_was_sent_meanwhile_is_not_removed() -> None:
    sender = a_sender()
    draft = open_draft(sender, now=NOW)
    send_submission(sender=sender, sending=agreed(), now=NOW)

    assert remove_draft(submission_id=draft.pk) == 0
    assert UGCSubmission.objects.get().status == "waiting"
