"""Making a second offer from a first."""

from __future__ import annotations

import pytest

from django_ppx.messages.models import Message
from django_ppx.offers.duplicating import duplicate_offer, free_slug
from django_ppx.offers.models import OfferVariantText
from django_ppx.social.models import SocialChannel, SocialInvite
from django_ppx.testing import make_offer, make_variant

pytestmark = pytest.mark.django_db


def test_a_copy_is_a_draft_with_the_same_words_and_its_own_salt() -> None:
    offer = make_offer(slug="care", name="Care", url="https://shop.example.com/care")
    make_variant(offer, label="B", texts={"de": {"headline": "Pflege", "button": "Lesen"}})

    made = duplicate_offer(offer=offer)

    copy = Message.objects.get(pk=made.pk)
    assert copy.pk != offer.pk
    assert (copy.name, copy.slug, copy.status) == ("Care (copy)", "care-2", "draft")
    assert copy.url == "https://shop.example.com/care"  # type: ignore[attr-defined]
    assert copy.salt != offer.salt
    assert list(
        OfferVariantText.objects.filter(variant__offer=copy)
        .order_by("variant__label")
        .values_list("variant__label", "language", "headline", "button")
    ) == [("A", "en", "Headline of Care", ""), ("B", "de", "Pflege", "Lesen")]


def test_the_first_is_left_as_it_was() -> None:
    offer = make_offer(slug="care", name="Care")

    duplicate_offer(offer=offer)

    offer.refresh_from_db()
    assert (offer.name, offer.slug, offer.status) == ("Care", "care", "active")
    assert offer.variants.count() == 1


def test_what_hangs_on_the_kinds_own_table_is_copied_too() -> None:
    channel = SocialChannel.objects.create(network="other", url="https://shop.example.com/club")
    offer = make_offer("social_invite")
    offer.channels.add(channel)  # type: ignore[attr-defined]

    made = duplicate_offer(offer=offer)

    assert list(SocialInvite.objects.get(pk=made.pk).channels.all()) == [channel]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("care", "care-3"), ("Große Freude!", "groe-freude"), ("", "offer"), ("日本", "offer")],
)
def test_a_short_name_that_is_free_is_found(wanted: str, expected: str) -> None:
    make_offer(slug="care")
    make_offer(slug="care-2")

    assert free_slug(wanted) == expected
