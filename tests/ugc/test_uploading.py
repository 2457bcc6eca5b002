"""Taking files into a draft, and out of it again: what is refused leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from PIL import Image

from django_ppx.exceptions import Refusal
from django_ppx.testing import make_ugc_offer
from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.refusals import SubmissionRefused, UploadRefused
from django_ppx.ugc.storage import media_storage
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.uploading import add_file, remove_file
from tests.ugc.senders import a_sender, agreed, kept_bytes, stored_files

pytestmark = pytest.mark.django_db


def draft_of(**offer):
    return open_draft(a_sender(make_ugc_offer(**offer)), now=NOW)


def add(draft: UGCSubmission, upload=None, name: str = "photo.jpg") -> UGCMedia:
    return add_file(draft=draft, upload=upload or photo(), name=name, now=NOW)


def refused(draft: UGCSubmission, upload=None) -> str:
    """Return why the file is refused, having seen that nothing of it is left."""
    files, kept, rows = stored_files(), kept_bytes(draft), draft.media.count()

    with pytest.raises(Refusal) as error:
        add(draft, upload)

    assert (stored_files(), kept_bytes(draft), draft.media.count()) == (files, kept, rows)
    return str(error.value.reason)


def test_a_photo_is_kept_as_it_was_re_made_and_no_more() -> None:
    draft = draft_of()

    media = add(draft, photo(size=(640, 480)), name=r"C:\fakepath\Mein Foto.JPG")

    assert (media.type, media.width, media.height, media.position) == ("photo", 640, 480, 1)
    assert media.original_name == "Mein Foto.JPG"
    names = {file["name"] for file in media.files.values()}
    assert stored_files() == names
    assert all(name.startswith(f"ugc/{media.key[:2]}/{media.key}/") for name in names)
    assert media.stored_bytes == sum(media_storage().size(name) for name in names)
    assert kept_bytes(draft) == media.stored_bytes


def test_photos_stand_in_the_order_of_their_coming() -> None:
    draft = draft_of()
    first, second, third = add(draft), add(draft), add(draft)
    remove_file(draft=draft, media_id=second.pk)

    assert [first.position, third.position, add(draft).position] == [1, 3, 4]


def test_the_last_one_that_is_taken_is_the_last() -> None:
    draft = draft_of(max_photos=2)
    add(draft)
    add(draft)

    assert refused(draft) == "enough"


def test_videos_and_photos_are_counted_apart() -> None:
    draft = draft_of(max_photos=1, max_videos=0)
    add(draft)

    upload = SimpleUploadedFile("clip.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(60))
    assert refused(draft, upload) == "not_accepted"


def test_an_offer_without_photos_takes_none() -> None:
    assert refused(draft_of(max_photos=0)) == "not_accepted"


def test_the_same_file_twice_is_one() -> None:
    draft = draft_of()
    add(draft, photo(seed=7))

    assert refused(draft, photo(seed=7)) == "twice"


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"]
)
def test_what_is_neither_photo_nor_video_is_refused(content: bytes) -> None:
    assert refused(draft_of(), SimpleUploadedFile("photo.jpg", content)) == "unknown_type"


def test_a_broken_photo_is_refused() -> None:
    whole = photo().read()

    assert refused(draft_of(), SimpleUploadedFile("a.jpg", whole[: len(whole) // 2])) == "broken"


def test_one_byte_too_many_is_refused() -> None:
    whole = photo().read()
    padded = whole + bytes(1_000_001 - len(whole))

    assert refused(draft_of(max_photo_megabytes=1), SimpleUploadedFile("a.jpg", padded)) == (
        "too_large"
    )


def test_what_was_refused_was_looked_at_and_counts(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 2
    draft = draft_of()
    refused(draft, SimpleUploadedFile("a.jpg", b"hello"))
    add(draft)

    assert refused(draft) == "too_many_now"


def test_the_room_of_a_person_holds_for_all_their_orders(settings) -> None:
    draft = draft_of()
    size = add(draft, photo(seed=1)).stored_bytes
    settings.PPX_UGC_MEGABYTES_PER_CUSTOMER = size / 1_000_000
    other = open_draft(a_sender(purchase=draft.purchase), now=NOW)

    assert refused(other, photo(seed=2)) == "no_room"


def test_nothing_is_added_to_what_was_sent() -> None:
    sender = a_sender()
    draft = open_draft(sender, now=NOW)
    send_submission(sender=sender, sending=agreed(), now=NOW)

    assert refused(draft) == "sent"


def test_nothing_is_added_to_a_draft_that_was_removed_meanwhile() -> None:
    draft = draft_of()
    stale = UGCSubmission.objects.get(pk=draft.pk)
    draft.delete()

    with pytest.raises(SubmissionRefused) as error:
        add(stale)

    assert error.value.reason == "unknown_form"
    assert stored_files() == set()
    assert remove_file(draft=stale, media_id=1) is False


@pytest.mark.django_db(transaction=True)
def test_a_file_taken_out_is_gone_and_its_room_is_free() -> None:
    draft = draft_of()
    media = add(draft)

    assert remove_file(draft=draft, media_id=media.pk) is True
    assert remove_file(draft=draft, media_id=media.pk) is False

    assert (stored_files(), kept_bytes(draft), draft.media.count()) == (set(), 0, 0)


def test_a_file_is_removed_only_once_its_row_is_gone_for_good(
    django_capture_on_commit_callbacks,
) -> None:
    draft = draft_of()
    media = add(draft)

    with django_capture_on_commit_callbacks() as waiting:
        remove_file(draft=draft, media_id=media.pk)

    assert len(waiting) == 1
    assert len(stored_files()) == len(media.files)


def test_a_file_of_somebody_elses_draft_stays() -> None:
    mine, theirs = draft_of(), draft_of()
    media = add(theirs)

    assert remove_file(draft=mine, media_id=media.pk) is False
    assert theirs.media.count() == 1


def test_nothing_is_taken_out_of_what_was_sent() -> None:
    sender = a_sender()
    draft = open_draft(sender, now=NOW)
    media = add(draft)
    send_submission(sender=sender, sending=agreed(posts=()), now=NOW)

    assert remove_file(draft=draft, media_id=media.pk) is False
    assert draft.media.count() == 1


def test_a_lost_answer_of_the_database_costs_no_file() -> None:
    """The row may be there: its files stay until the sweep knows."""
    draft = draft_of()

    def lose(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if sql.startswith("INSERT") and "ugcmedia" in sql:
            raise DatabaseError("the answer was lost")
        return done

    with pytest.raises(DatabaseError), connection.execute_wrapper(lose):
        add(draft)

    assert stored_files()


def test_a_storage_that_fails_in_the_middle_leaves_nothing(monkeypatch) -> None:
    draft = draft_of()
    storage, saved = media_storage(), []
    really = storage.save

    def save(name, content, max_length=None):
        if saved:
            raise OSError("the disk is full")
        saved.append(name)
        return really(name, content, max_length)

    monkeypatch.setattr(storage, "save", save)
    with pytest.raises(UploadRefused, match="Please try again later"):
        add(draft)

    assert (stored_files(), kept_bytes(draft), draft.media.count()) == (set(), 0, 0)


def test_what_the_camera_wrote_beside_the_picture_is_not_kept() -> None:
    made = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera that must not be known"
    Image.new("RGB", (300, 200), "teal").save(made, format="JPEG", exif=exif)
    draft = draft_of()

    media = add(draft, SimpleUploadedFile("a.jpg", made.getvalue()))

    for file in media.files.values():
        with media_storage().open(file["name"]) as opened:
            assert b"must not be known" not in opened.read()


def test_the_hour_is_the_one_of_the_upload(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 1
    draft = draft_of()
    add(draft)

    with pytest.raises(UploadRefused):
        add(draft)
    add_file(draft=draft, upload=photo(), name="a.jpg", now=NOW + timedelta(hours=1))

    assert draft.media.count() == 2
