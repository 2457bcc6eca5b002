"""A queue of any length, written into the tables at once: only its rows count, not its files."""

from __future__ import annotations

from datetime import timedelta

from django_ppx.testing import make_purchase, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.models import UGCLicenceGrant, UGCMedia, UGCPost, UGCRewardOffer, UGCSubmission


def fill_queue(count: int, *, offer: UGCRewardOffer | None = None) -> list[UGCSubmission]:
    """Return so many waiting submissions, each a minute after the other, with a photo and a post."""
    offer = offer or make_ugc_offer()
    purchase = make_purchase()
    rows = UGCSubmission.objects.bulk_create(
        UGCSubmission(
            ugc_offer=offer,
            purchase=purchase,
            customer_id=purchase.customer_id,
            form_key=f"{offer.pk}-{number}",
            status="waiting",
            caption=f"Number {number}",
            product_sku=f"S{number % 3}",
            product_title=f"Piece {number % 3}",
            created_at=NOW,
            sent_at=NOW + timedelta(minutes=number),
        )
        for number in range(count)
    )
    rows = list(UGCSubmission.objects.filter(ugc_offer=offer).order_by("sent_at"))
    UGCMedia.objects.bulk_create(
        UGCMedia(
            submission=row,
            key=f"k{row.pk}",
            type="photo",
            digest=f"{row.pk:064}",
            fingerprint=_apart(row.pk),
            files={"gallery.jpg": {"name": f"ugc/{row.pk}.jpg", "type": "image/jpeg"}},
            created_at=NOW,
        )
        for row in rows
    )
    UGCPost.objects.bulk_create(
        UGCPost(
            submission=row,
            network="instagram",
            url=f"https://www.instagram.com/p/{row.pk}/",
            url_digest=f"{row.pk:064}",
        )
        for row in rows
    )
    UGCLicenceGrant.objects.bulk_create(
        UGCLicenceGrant(
            submission=row,
            licence=offer.licence,
            language="en",
            summary="I allow it.",
            text="All of it.",
            scopes=["website"],
            page="/ppx/ugc/",
            granted_at=NOW,
        )
        for row in rows
    )
    return rows


def _apart(number: int) -> int:
    """Return bits that differ in more than ten from those of any other small number."""
    value = number * 0x9E3779B97F4A7C15 % (1 << 64)
    value ^= value >> 29
    value = value * 0xBF58476D1CE4E5B9 % (1 << 64)
    return value - (1 << 64) if value >> 63 else value
