"""From the upload to the gallery and out of it again, by the services alone."""

from __future__ import annotations

import pytest

from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.granting import code_of
from django_ppx.testing import make_purchase, make_reason, make_submission
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.storage import media_storage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.PPX_SITE_URL = "https://shop.example.com"


def test_what_is_approved_is_rewarded_and_shown_until_it_is_withdrawn(
    django_capture_on_commit_callbacks,
) -> None:
    purchase = make_purchase()
    sent = make_submission(purchase=purchase, photos=2)

    approved = approve(submission_id=sent.pk, by_id=None, now=NOW)

    assert approved.status == "approved"
    assert code_of(approved.reward) is not None
    assert UGCMedia.objects.published(now=NOW).count() == 2
    mails = list(OutboxMail.objects.order_by("pk").values_list("key", flat=True))
    assert mails == [f"ugc-received:{sent.pk}", f"ugc-approved:{sent.pk}"]
    names = [file["name"] for media in sent.media.all() for file in media.files.values()]
    assert all(media_storage().exists(name) for name in names)

    with django_capture_on_commit_callbacks(execute=True):
        ended = withdraw(submission_id=sent.pk, now=NOW)

    assert (ended.reward, ended.is_new) == ("kept", True)
    assert UGCMedia.objects.published(now=NOW).count() == 0
    assert not any(media_storage().exists(name) for name in names)


def test_what_is_rejected_frees_its_place_and_says_why() -> None:
    sent = make_submission()
    reason = make_reason("Please send a sharper picture.")

    reject(submission_id=sent.pk, reason_id=reason.pk, by_id=None, now=NOW, words="Nearly!")

    assert UGCSubmission.objects.get(pk=sent.pk).status == "rejected"
    mail = OutboxMail.objects.get(key__startswith="ugc-rejected:")
    assert "Please send a sharper picture." in mail.text
    assert "Nearly!" in mail.html
    assert sent.ugc_offer.place_counts.get(limit_key="").taken == 0
