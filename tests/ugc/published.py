"""Content that is published, for the tests of what the public sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile

from django_ppx.testing import make_submission, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve
from django_ppx.ugc.models import UGCMedia, UGCRewardOffer
from django_ppx.ugc.storage import new_key, store

FILM = bytes(range(256)) * 4


def publish(**sending: Any) -> UGCMedia:
    """Return the first photo of a submission that was sent in and approved."""
    sent = make_submission(ugc_offer=sending.pop("ugc_offer", None) or offer(), **sending)
    approve(submission_id=sent.pk, by_id=None, now=sending.get("now", NOW))
    media = sent.media.order_by("position").first()
    assert media is not None
    return media


def publish_many(count: int, **sending: Any) -> list[UGCMedia]:
    """Return so many photos, oldest first, each published a minute after the other."""
    one = offer()
    return [
        publish(ugc_offer=one, now=NOW + timedelta(minutes=number), **sending)
        for number in range(count)
    ]


def publish_video(content: bytes = FILM, **columns: Any) -> UGCMedia:
    """Return a published row whose one file is `content`, which no decoder needs to understand."""
    media = publish()
    key = new_key()
    name = store(key=key, name="video.mp4", content=content)
    files = {"video.mp4": {"name": name, "bytes": len(content), "type": "video/mp4"}}
    return UGCMedia.objects.create(
        submission=media.submission,
        key=key,
        type="video",
        digest=key,
        created_at=NOW,
        position=2,
        **{"width": 640, "height": 360, "files": files, **columns},
    )


def offer() -> UGCRewardOffer:
    return make_ugc_offer(max_per_customer=None)


def put_stray(name: str) -> str:
    """Store a file that no row knows."""
    return store(key=new_key(), name=name, content=ContentFile(b"stray").read())
