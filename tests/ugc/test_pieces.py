"""Uploads in pieces: what arrives is one file, whatever was lost on its way."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import IO

import pytest
from django.utils import timezone

from django_ppx.testing import make_ugc_offer
from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc import joining
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.due import run_due_ugc
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.joining import receive_piece
from django_ppx.ugc.models import UGCMedia, UGCSubmission, UGCUpload, UGCUploadAllowance
from django_ppx.ugc.pieces import begin_upload, give_up, part_names
from django_ppx.ugc.refusals import FileRefused, UploadRefused, WrongOffset
from django_ppx.ugc.storage import media_storage
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.sweeping import remove_draft, sweep_files
from django_ppx.ugc.uploading import add_file, add_file_once, remove_file
from tests.ugc.hostile import MARK, PICTURES
from tests.ugc.hostile_films import FILMS
from tests.ugc.movie_files import VIDEO, movie
from tests.ugc.pieces_of import a_draft, begun, fresh, piece, send, send_all
from tests.ugc.senders import a_sender as make_sender
from tests.ugc.senders import agreed, kept_bytes, stored_files

pytestmark = pytest.mark.django_db


def film() -> bytes:
    """Return a film that is longer than what is looked at first."""
    return movie(in_moov=b"", after=b"\0\0\x20\0free" + bytes(0x2000 - 8))


def test_three_pieces_become_one_film(django_capture_on_commit_callbacks) -> None:
    content = film()
    upload = begun(content)

    with django_capture_on_commit_callbacks(execute=True):
        done = send_all(upload, content, len(content) // 3 + 1)

    media = UGCMedia.objects.get()
    assert (done.received, done.media) == (len(content), media)
    assert (media.type, media.original_name) == ("video", "film.mp4")
    assert media.digest == hashlib.sha256(content).hexdigest()
    assert stored_files() == {file["name"] for file in media.files.values()}
    assert VIDEO in media_storage().open(media.files["video.mp4"]["name"]).read()
    assert kept_bytes(media.submission) == media.stored_bytes
    assert fresh(upload).parts == []


def test_a_photo_may_come_in_pieces_too() -> None:
    content = photo().read()

    done = send_all(begun(content, name="a.jpg"), content, len(content) // 2 + 1)

    assert (done.media.type, done.media.original_name) == ("photo", "a.jpg")


def test_the_same_piece_again_is_one() -> None:
    content = film()
    upload = begun(content)
    send(upload, content[:5000], 0)
    files = stored_files()

    again = send(upload, content[:5000], 0)

    assert (again.received, len(again.parts)) == (5000, 1)
    assert stored_files() == files


def test_the_last_piece_again_is_answered_with_the_film() -> None:
    content = film()
    upload = begun(content)
    done = send_all(upload, content, 6000)

    again = send(upload, content[6000:], 6000)

    assert again.media == done.media
    assert UGCMedia.objects.count() == 1


@pytest.mark.parametrize(
    ("start", "end", "offset"), [(0, 3000, 0), (3000, 8000, 3000), (6000, 8000, 6000)]
)
def test_a_piece_that_does_not_follow_is_told_where_to_go_on(
    start: int, end: int, offset: int
) -> None:
    content = film()
    upload = begun(content)
    send(upload, content[:5000], 0)
    files = stored_files()

    with pytest.raises(WrongOffset) as refused:
        send(upload, content[start:end], offset)

    assert refused.value.offset == 5000
    assert (fresh(upload).received, stored_files()) == (5000, files)


def test_another_piece_for_the_same_place_is_refused() -> None:
    content = film()
    upload = begun(content)
    send(upload, content[:5000], 0)

    with pytest.raises(WrongOffset):
        send(upload, b"x" * 5000, 0)


def test_more_than_announced_is_refused() -> None:
    content = film()
    upload = begun(content)

    with pytest.raises(UploadRefused) as refused:
        send(upload, content + b"x", 0)

    assert refused.value.reason == "too_long"
    assert stored_files() == set()


def test_an_empty_piece_changes_nothing() -> None:
    upload = begun(film())

    assert send(upload, b"", 0).received == 0
    assert stored_files() == set()


@pytest.mark.parametrize(
    ("offer", "size", "reason"),
    [
        ({}, 0, "empty"),
        ({"max_video_megabytes": 30}, 30_000_001, "too_large"),
        ({"max_videos": 0}, 20_000_001, "too_large"),
        ({"max_videos": 0, "max_photos": 0}, 1000, "not_accepted"),
    ],
)
def test_what_the_offer_does_not_take_is_not_begun(offer, size: int, reason: str) -> None:
    draft = open_draft(make_sender(make_ugc_offer(**offer)), now=NOW)

    with pytest.raises(FileRefused) as refused:
        begin_upload(draft=draft, name="a.mp4", size=size, now=NOW)

    assert refused.value.reason == reason
    assert not UGCUpload.objects.exists()


def test_what_is_under_way_counts_towards_the_quota(settings) -> None:
    settings.PPX_UGC_MEGABYTES_PER_CUSTOMER = 100
    draft = a_draft()
    first = begin_upload(draft=draft, name="a.mp4", size=60_000_000, now=NOW)
    assert kept_bytes(draft) == 60_000_000

    with pytest.raises(UploadRefused) as refused:
        begin_upload(draft=draft, name="b.mp4", size=41_000_000, now=NOW)

    assert refused.value.reason == "no_room"
    assert kept_bytes(draft) == 60_000_000
    assert give_up(upload=first)
    assert not give_up(upload=first)
    assert kept_bytes(draft) == 0


def test_a_fourth_upload_waits_for_one_of_three() -> None:
    draft = a_draft()
    uploads = [begun(b"x" * 100, draft) for _upload in range(3)]

    with pytest.raises(UploadRefused) as refused:
        begun(b"x" * 100, draft)

    assert refused.value.reason == "too_many_open"
    give_up(upload=uploads[0])
    assert begun(b"x" * 100, draft)


def test_each_upload_counts_once_in_the_hour() -> None:
    content = film()

    send_all(begun(content), content, 6000)

    assert UGCUploadAllowance.objects.get().files_this_hour == 1


@pytest.mark.parametrize("loses", ["open", "some"])
def test_pieces_that_a_quicker_request_took_away_are_no_fault(monkeypatch, caplog, loses) -> None:
    content = film()
    upload = begun(content)
    send(upload, content[:6000], 0)
    really, first = joining._put_together, [True]

    def overtaken(mine: UGCUpload, into: IO[bytes]) -> str:
        if first and first.pop():
            send(upload, content[6000:], 6000)  # the other request ends it
            if loses == "open":
                raise UploadRefused(UploadRefused.Reason.STORAGE_AWAY)
            into.write(content[:6000])
            return hashlib.sha256(content[:6000]).hexdigest()
        return really(mine, into)

    monkeypatch.setattr(joining, "_put_together", overtaken)

    done = send(upload, content[6000:], 6000)

    assert done.media == UGCMedia.objects.get()
    assert fresh(upload).media == done.media


def test_putting_it_together_once_more_counts_too(monkeypatch, settings, caplog) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 2
    content = film()
    upload = begun(content)

    def away(*_args: object, **_kwargs: object) -> None:
        raise OSError("away")

    monkeypatch.setattr(media_storage(), "open", away)
    reasons = []
    for start in (0, len(content), len(content)):
        with pytest.raises(UploadRefused) as refused:
            send(upload, content[start:], start)
        reasons.append(refused.value.reason)

    assert reasons == ["storage_away", "storage_away", "too_many_now"]
    assert fresh(upload).received == len(content)


def test_uploads_of_an_hour_are_limited(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 1
    draft = a_draft()
    give_up(upload=begun(b"x", draft))

    with pytest.raises(UploadRefused) as refused:
        begun(b"x", draft)

    assert refused.value.reason == "too_many_now"


def test_what_is_no_picture_is_given_up_at_its_first_piece(
    django_capture_on_commit_callbacks,
) -> None:
    content = b"<html>" + b" " * 9000
    upload = begun(content)

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(FileRefused) as refused:
        send(upload, content[:5000], 0)

    assert refused.value.reason == "unknown_type"
    assert (UGCUpload.objects.count(), stored_files()) == (0, set())
    assert kept_bytes(upload.submission) == 0


def test_a_photo_as_large_as_a_film_is_given_up_at_its_first_piece() -> None:
    content = photo(size=(900, 900)).read()
    upload = begin_upload(draft=a_draft(), name="a.jpg", size=50_000_000, now=NOW)

    with pytest.raises(FileRefused) as refused:
        send(upload, content[:5000], 0)

    assert refused.value.reason == "too_large"
    assert not UGCUpload.objects.exists()


HOSTILE = [
    case
    for case in (*PICTURES, *FILMS)
    if case.name
    in {
        "JPEG and HTML",
        "SVG that claims to be a JPEG",
        "PNG of 900 million pixels",
        "PHP after a PNG",
        "JPEG cut off at 50 %",
        *(film.name for film in FILMS[:6]),
    }
]


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_hostile_files_are_no_better_in_pieces(case, django_capture_on_commit_callbacks) -> None:
    content = case.make()
    upload = begun(content, name=case.claimed)

    with django_capture_on_commit_callbacks(execute=True):
        try:
            send_all(upload, content, max(1, len(content) // 3 + 1))
            outcome = "taken"
        except FileRefused as refused:
            outcome = str(refused.reason)

    assert outcome == case.expected
    media = [file["name"] for each in UGCMedia.objects.all() for file in each.files.values()]
    assert stored_files() == set(media)
    assert not [name for name in media if MARK in media_storage().open(name).read()]
    if outcome != "taken":
        assert (UGCUpload.objects.count(), kept_bytes(upload.submission)) == (0, 0)


def test_a_film_that_is_there_already_is_the_same_film() -> None:
    content = film()
    draft = open_draft(make_sender(make_ugc_offer(max_videos=3)), now=NOW)
    first = send_all(begun(content, draft), content, 6000)

    second = send_all(begun(content, draft), content, 7000)

    assert second.media == first.media
    assert UGCMedia.objects.count() == 1
    assert kept_bytes(draft) == first.media.stored_bytes


def test_a_file_that_is_taken_out_takes_its_upload_along() -> None:
    content = film()
    done = send_all(begun(content), content, 6000)

    assert remove_file(draft=done.submission, media_id=done.media.pk)

    assert (UGCUpload.objects.count(), kept_bytes(done.submission)) == (0, 0)


def test_sending_cancels_what_is_under_way(django_capture_on_commit_callbacks) -> None:
    content, sender = film(), make_sender()
    draft = open_draft(sender, now=NOW)
    upload = begun(content, draft)
    stale = fresh(upload)
    send(upload, content[:5000], 0)

    with django_capture_on_commit_callbacks(execute=True):
        send_submission(sender=sender, sending=agreed(), now=NOW)

    assert (UGCUpload.objects.count(), kept_bytes(draft), stored_files()) == (0, 0, set())
    with pytest.raises(UploadRefused) as refused:
        receive_piece(upload=stale, offset=0, piece=piece(content[:5000]), now=NOW)
    assert refused.value.reason == "sent"
    with pytest.raises(UploadRefused) as refused:
        begun(content, draft)
    assert refused.value.reason == "sent"


def test_a_piece_of_a_cancelled_upload_is_refused() -> None:
    upload = fresh(begun(film()))
    give_up(upload=upload)

    with pytest.raises(UploadRefused) as refused:
        receive_piece(upload=upload, offset=0, piece=piece(film()[:5000]), now=NOW)

    assert refused.value.reason == "gone"
    assert stored_files() == set()


def test_a_withdrawn_draft_keeps_nothing(django_capture_on_commit_callbacks) -> None:
    content, draft = film(), a_draft()
    send(begun(content, draft), content[:5000], 0)

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(submission_id=draft.pk, now=NOW)

    assert (UGCUpload.objects.count(), kept_bytes(draft), stored_files()) == (0, 0, set())


def test_a_draft_that_is_removed_takes_its_pieces_along(
    django_capture_on_commit_callbacks,
) -> None:
    content, draft = film(), a_draft()
    send(begun(content, draft), content[:5000], 0)

    with django_capture_on_commit_callbacks(execute=True):
        assert remove_draft(submission_id=draft.pk) == 1

    assert (UGCUpload.objects.count(), kept_bytes(draft), stored_files()) == (0, 0, set())


def test_pieces_that_a_row_names_are_not_swept_and_others_are() -> None:
    content = film()
    upload = begun(content)
    send(upload, content[:5000], 0)
    (name,) = part_names(fresh(upload))
    later = timezone.now() + timedelta(days=2)

    assert sweep_files(now=later) == []
    UGCUpload.objects.update(parts=[], received=0)
    assert sweep_files(now=later) == [name]


def test_what_nobody_goes_on_with_is_cancelled(django_capture_on_commit_callbacks) -> None:
    content, draft = film(), a_draft()
    UGCSubmission.objects.update(created_at=NOW + timedelta(days=5))
    send(begun(content, draft), content[:5000], 0)
    done = photo().read()
    with django_capture_on_commit_callbacks(execute=True):
        send_all(begun(done, draft), done, len(done))

    assert run_due_ugc(now=NOW + timedelta(days=7) - timedelta(seconds=1)).uploads_removed == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert run_due_ugc(now=NOW + timedelta(days=7)).uploads_removed == 2

    media = UGCMedia.objects.get()
    assert UGCUpload.objects.count() == 0
    assert stored_files() == {file["name"] for file in media.files.values()}
    assert kept_bytes(draft) == media.stored_bytes


def test_while_the_storage_is_away_nothing_is_lost(monkeypatch, caplog) -> None:
    content = film()
    upload = begun(content)
    send(upload, content[:6000], 0)
    storage = media_storage()

    def away(*_args, **_kwargs):
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "open", away)
        with pytest.raises(UploadRefused) as refused:
            send(upload, content[6000:], 6000)
    assert refused.value.reason == "storage_away"
    assert fresh(upload).received == len(content)

    assert send(upload, b"", len(content)).media is not None


def test_the_same_file_twice_is_one_and_counts_once() -> None:
    draft, content = a_draft(), photo()

    media, is_new = add_file_once(draft=draft, upload=content, name="a.jpg", now=NOW)
    again, is_new_again = add_file_once(draft=draft, upload=content, name="a.jpg", now=NOW)

    assert (again, is_new, is_new_again) == (media, True, False)
    assert UGCUploadAllowance.objects.get().files_this_hour == 1


def test_control_the_page_is_told_that_it_was_added_already() -> None:
    draft, content = a_draft(), photo()
    add_file(draft=draft, upload=content, name="a.jpg", now=NOW)

    with pytest.raises(UploadRefused) as refused:
        add_file(draft=draft, upload=content, name="a.jpg", now=NOW)

    assert refused.value.reason == "twice"
