"""UGC reward offers, licences and submissions as they stand in the tables."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from django_ppx.core.models import Purchase
from django_ppx.testing.core import make_purchase
from django_ppx.testing.offers import make_offer
from django_ppx.testing.rewards import make_benefit
from django_ppx.ugc.drafts import Sender, open_draft
from django_ppx.ugc.models import (
    UGCLicence,
    UGCLicenceText,
    UGCReason,
    UGCReasonText,
    UGCRewardOffer,
    UGCRewardOfferText,
    UGCSubmission,
)
from django_ppx.ugc.storage import new_key
from django_ppx.ugc.submitting import Sending, send_submission
from django_ppx.ugc.uploading import add_file

_numbers: Final = count(1)
NOW: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)


def make_licence(**overrides: Any) -> UGCLicence:
    """Return a stored licence for the website, with an English text."""
    licence = UGCLicence.objects.create(**{"name": f"Licence {next(_numbers)}", **overrides})
    UGCLicenceText.objects.create(
        licence=licence,
        language="en",
        summary="I took these pictures, and the shop may show them.",
        text="The shop may show the pictures on its website.",
    )
    return licence


def make_ugc_offer(**overrides: Any) -> UGCRewardOffer:
    """Return a stored, active UGC reward with an English theme and brief. Everything else is a column of it."""
    values: dict[str, Any] = {"max_posts": 2, **overrides}
    values.setdefault("benefit", None)
    values["benefit"] = values["benefit"] or make_benefit()
    values.setdefault("licence", None)
    values["licence"] = values["licence"] or make_licence()
    offer = make_offer("ugc_reward", **values)
    UGCRewardOfferText.objects.create(
        ugc_offer_id=offer.pk,
        language="en",
        theme="Your mornings",
        brief="Show us the mug in the morning light.",
    )
    return UGCRewardOffer._base_manager.get(pk=offer.pk)


def make_reason(text: str = "Please send a sharper picture.", **overrides: Any) -> UGCReason:
    """Return a stored reason with an English text."""
    reason = UGCReason.objects.create(**{"name": f"Reason {next(_numbers)}", **overrides})
    UGCReasonText.objects.create(reason=reason, language="en", text=text)
    return reason


def photo(*, size: tuple[int, int] = (640, 480), seed: int | None = None) -> SimpleUploadedFile:
    """Return an upload of a JPEG that looks like no other: blocks of colour drawn from `seed`."""
    drawn = secrets.token_bytes(48) if seed is None else seed.to_bytes(4, "big") * 12
    small = Image.frombytes(
        "RGB", (4, 4), bytes((byte * 7 + at * 31) % 256 for at, byte in enumerate(drawn))
    )
    made = BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(made, format="JPEG", quality=90)
    return SimpleUploadedFile("photo.jpg", made.getvalue(), content_type="image/jpeg")


def make_submission(
    *,
    ugc_offer: UGCRewardOffer | None = None,
    purchase: Purchase | None = None,
    photos: int = 1,
    now: datetime = NOW,
    **sending: Any,
) -> UGCSubmission:
    """Return a submission that was sent in and waits, with so many photos, each unlike any other."""
    offer = ugc_offer or make_ugc_offer()
    sender = Sender(
        ugc_offer=offer,
        purchase=purchase or make_purchase(),
        form_key=new_key(),
        language="en",
    )
    draft = open_draft(sender, now=now)
    for _photo in range(photos):
        add_file(draft=draft, upload=photo(), name="photo.jpg", now=now)
    values: dict[str, Any] = {
        "page": "/ppx/ugc/",
        "caption": "In the morning",
        "has_agreed": True,
        "is_old_enough": True,
        "people_agreed": True,
        **sending,
    }
    return send_submission(sender=sender, sending=Sending(**values), now=now)
