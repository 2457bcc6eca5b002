"""UGC rewards among the offers: the form, its texts, the picture of the reward."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from django_ppx.testing import make_benefit, make_licence, make_ugc_offer
from django_ppx.testing.ugc import photo
from django_ppx.ugc.models import UGCLicenceText, UGCRewardOffer
from tests.admin_pages import count_queries, error_texts, form_data

pytestmark = pytest.mark.django_db

OFFERS = "/admin/django_ppx/ugcrewardoffer/"


def typed(client: Client, **values: Any) -> dict[str, Any]:
    return form_data(
        client.get(f"{OFFERS}add/"),
        **{
            "name": "Pictures",
            "benefit": make_benefit().pk,
            "licence": make_licence().pk,
            "texts__0__theme": "Your mornings",
            "texts__0__brief": "Show us the mug.",
            **values,
        },
    )


def test_staff_write_an_offer(admin_client: Client) -> None:
    response = admin_client.post(f"{OFFERS}add/", typed(admin_client, status="active"))

    assert response.status_code == 302, error_texts(response)
    offer = UGCRewardOffer.objects.get()
    assert (offer.kind, offer.status) == ("ugc_reward", "active")
    assert list(offer.texts.values_list("language", "theme", "disclosure")) == [
        ("en", "Your mornings", "#ad")
    ]


def test_an_active_offer_needs_words_and_a_licence_that_has_some(admin_client: Client) -> None:
    data = typed(admin_client, status="active", texts__0__theme="", texts__0__brief="")
    UGCLicenceText.objects.all().delete()

    errors = error_texts(admin_client.post(f"{OFFERS}add/", data))

    assert errors["licence"] == ["The licence has no text yet."]
    assert errors["texts"] == ["Write the theme and the brief in at least one language."]
    assert not UGCRewardOffer.objects.exists()


def test_a_reward_for_first_orders_is_refused(admin_client: Client) -> None:
    benefit = make_benefit(first_order_only=True)
    data = typed(admin_client, status="active", benefit=benefit.pk)

    errors = error_texts(admin_client.post(f"{OFFERS}add/", data))

    assert errors["benefit"] == [
        "This is for a first order only: nobody who gets the code could use it."
    ]


def test_an_offer_accepts_something(admin_client: Client) -> None:
    data = typed(admin_client, max_photos="0", max_videos="0", max_posts="0")

    errors = error_texts(admin_client.post(f"{OFFERS}add/", data))

    assert errors["__all__"] == ["Accept photos, videos or links to posts."]


def test_the_picture_of_the_reward_is_made_anew(admin_client: Client) -> None:
    upload = photo(size=(2000, 1000))
    data = typed(admin_client) | {"reward_image": upload}

    response = admin_client.post(f"{OFFERS}add/", data)

    assert response.status_code == 302, error_texts(response)
    stored = UGCRewardOffer.objects.get().reward_image
    assert "photo" not in stored.name
    with Image.open(stored) as picture:
        assert (picture.format, picture.size) == ("JPEG", (800, 400))


def test_what_is_no_picture_is_refused(admin_client: Client) -> None:
    upload = SimpleUploadedFile("reward.jpg", b"<script>alert(1)</script>", "image/jpeg")
    data = typed(admin_client) | {"reward_image": upload}

    errors = error_texts(admin_client.post(f"{OFFERS}add/", data))

    assert list(errors) == ["reward_image"]


def test_the_list_costs_the_same_with_more_rows(admin_client: Client) -> None:
    make_ugc_offer()
    with_one = count_queries(lambda: admin_client.get(OFFERS))
    make_ugc_offer()

    assert count_queries(lambda: admin_client.get(OFFERS)) == with_one
