"""Who sends, and what they say with it: the values from which the tests of the services begin."""

from __future__ import annotations

from typing import Any, Final

from django_ppx.core.models import Purchase
from django_ppx.outbox.models import OutboxMail
from django_ppx.testing import make_purchase, make_submission, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.drafts import Sender
from django_ppx.ugc.models import UGCPlaceCount, UGCRewardOffer, UGCSubmission, UGCUploadAllowance
from django_ppx.ugc.reporting import Complaint
from django_ppx.ugc.storage import media_storage, new_key
from django_ppx.ugc.submitting import Sending

POST: Final = "https://www.instagram.com/p/ABC123/"


def a_sender(
    offer: UGCRewardOffer | None = None, purchase: Purchase | None = None, **overrides: Any
) -> Sender:
    values: dict[str, Any] = {"form_key": new_key(), "language": "en", **overrides}
    return Sender(
        ugc_offer=offer or make_ugc_offer(), purchase=purchase or make_purchase(), **values
    )


def agreed(**overrides: Any) -> Sending:
    """Return a sending of one post with every box ticked."""
    values: dict[str, Any] = {
        "page": "/ppx/ugc/",
        "posts": (POST,),
        "has_agreed": True,
        "is_old_enough": True,
        "people_agreed": True,
    }
    return Sending(**{**values, **overrides})


def make_sent(offer: UGCRewardOffer | None = None, **overrides: Any) -> UGCSubmission:
    """Return a waiting submission of one post, which costs no picture."""
    values: dict[str, Any] = {"photos": 0, "posts": (POST,), "now": NOW, **overrides}
    return make_submission(ugc_offer=offer, **values)


def complaint_about(submission: UGCSubmission, **overrides: Any) -> Complaint:
    values: dict[str, Any] = {
        "form_key": new_key(),
        "submission_id": submission.pk,
        "media_key": "",
        "cause": "shows_me",
        "text": "That is me.",
        "email": "reader@example.com",
        "language": "en",
    }
    return Complaint(**{**values, **overrides})


def mails() -> list[str]:
    """Return what is to be sent, or was, without the keys of the rows."""
    rows = OutboxMail.objects.exclude(status="cancelled").order_by("pk")
    return [key.split(":")[0] for key in rows.values_list("key", flat=True)]


def log_of(submission: UGCSubmission) -> list[str]:
    return list(submission.log.order_by("pk").values_list("kind", flat=True))


def taken(offer: UGCRewardOffer) -> int:
    """Return how many submissions count, of everybody."""
    rows = UGCPlaceCount.objects.filter(ugc_offer=offer.pk, limit_key="")
    return next(iter(rows.values_list("taken", flat=True)), 0)


def kept_bytes(submission: UGCSubmission) -> int:
    rows = UGCUploadAllowance.objects.filter(limit_key__in=submission.limit_keys)
    return sum(rows.values_list("stored_bytes", flat=True))


def stored_files(folder: str = "ugc") -> set[str]:
    """Return the names of all files in the storage."""
    try:
        folders, files = media_storage().listdir(folder)
    except FileNotFoundError:
        return set()
    found = {f"{folder}/{name}" for name in files}
    return found.union(*(stored_files(f"{folder}/{name}") for name in folders))
