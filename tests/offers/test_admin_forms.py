"""The form in which staff write an offer."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from django_ppx.messages.models import Message
from django_ppx.offers.models import OfferVariant, OfferVariantText
from django_ppx.testing import make_offer, make_variant
from tests.admin_pages import count_queries, error_texts, form_data
from tests.offers.admin_users import staff_client

ADD = reverse("admin:django_ppx_message_add")

pytestmark = pytest.mark.django_db


def change_url(offer: Any) -> str:
    return reverse("admin:django_ppx_message_change", args=[offer.pk])


def save(client: Client, url: str, **typed: Any) -> Any:
    return client.post(url, form_data(client.get(url), **typed))


def picture(color: str = "#0b6a54") -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (40, 20), color).save(made, format="PNG")
    return SimpleUploadedFile("Holiday photo.png", made.getvalue(), content_type="image/png")


def test_a_short_name_is_made_of_the_name(admin_client: Client) -> None:
    make_offer(slug="care-guide")

    save(admin_client, ADD, name="Care guide")

    assert Message.objects.get(name="Care guide").slug == "care-guide-2"


def test_each_language_is_stored_and_an_empty_one_is_not(admin_client: Client) -> None:
    save(
        admin_client,
        ADD,
        name="Care",
        variants__0__text_en_headline="Care",
        variants__0__text_de_headline="Pflege",
        variants__0__text_de_text="Mit Liebe\r\nund Wasser",
        variants__0__text_de_button="",
    )

    texts = OfferVariantText.objects.order_by("language").values_list(
        "language", "headline", "text", "button"
    )
    assert list(texts) == [
        ("de", "Pflege", "Mit Liebe\r\nund Wasser", ""),
        ("en", "Care", "", "Learn more"),
    ]


def test_emptying_a_language_removes_its_text_only(admin_client: Client) -> None:
    offer = make_offer(texts={"en": {"headline": "Care"}, "de": {"headline": "Pflege"}})

    save(admin_client, change_url(offer), variants__0__text_de_headline="")

    assert list(OfferVariantText.objects.values_list("language", flat=True)) == ["en"]


def test_texts_of_a_language_that_the_shop_gave_up_are_kept(admin_client: Client) -> None:
    offer = make_offer(texts={"en": {"headline": "Care"}, "fr": {"headline": "Soin"}})

    save(admin_client, change_url(offer), variants__0__text_en_headline="Care well")

    assert set(OfferVariantText.objects.values_list("headline", flat=True)) == {"Care well", "Soin"}


def test_a_language_with_a_region_has_its_own_fields(admin_client: Client, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("pt-br", "Brazilian Portuguese")]

    save(
        admin_client,
        ADD,
        name="Care",
        variants__0__text_en_headline="Care",
        variants__0__text_pt_br_headline="Cuidado",
    )

    assert OfferVariantText.objects.get(language="pt-br").headline == "Cuidado"


def test_an_active_offer_needs_a_headline_in_the_main_language(admin_client: Client) -> None:
    response = save(
        admin_client, ADD, name="Care", status="active", variants__0__text_en_headline=""
    )

    assert response.status_code == 200
    errors = error_texts(response)
    assert "An active offer needs a headline in English." in errors["variants-0-text_en_headline"]
    assert not Message.objects.exists()


def test_an_active_offer_needs_a_variant(admin_client: Client) -> None:
    offer = make_offer()

    response = save(admin_client, change_url(offer), variants__0__DELETE="on")

    assert error_texts(response)["variants"] == [
        "An active offer needs at least one variant with a headline in English."
    ]
    assert OfferVariant.objects.count() == 1


def test_a_draft_may_be_incomplete(admin_client: Client) -> None:
    response = save(
        admin_client,
        ADD,
        name="Care",
        variants__0__text_en_headline="",
        variants__0__text_en_button="",
        variants__0__text_de_headline="",
        variants__0__text_de_button="",
    )

    assert response.status_code == 302, error_texts(response)
    assert Message.objects.get().status == "draft"


def test_a_text_without_a_headline_is_pointed_out(admin_client: Client) -> None:
    response = save(admin_client, ADD, name="Care", variants__0__text_ar_text="…")

    assert error_texts(response) == {
        "variants-0-text_ar_headline": ["Give this text a headline, or empty the other fields too."]
    }


def test_at_least_one_place_is_chosen(admin_client: Client) -> None:
    response = save(admin_client, ADD, name="Care", placements=None)

    assert error_texts(response)["placements"] == ["Choose at least one place."]


def test_a_picture_is_made_harmless_and_needs_a_description(admin_client: Client) -> None:
    refused = save(admin_client, ADD, name="Care", variants__0__text_en_image=picture())
    assert error_texts(refused) == {
        "variants-0-text_en_image_alt": ["Say in a few words what the picture shows."]
    }

    response = save(
        admin_client,
        ADD,
        name="Care",
        variants__0__text_en_image=picture(),
        variants__0__text_en_image_alt="A green bowl",
    )

    assert response.status_code == 302, error_texts(response)
    text = OfferVariantText.objects.get(language="en")
    assert "Holiday" not in text.image.name
    assert (text.image_width, text.image_height) == (40, 20)


def test_what_is_no_picture_is_refused(admin_client: Client) -> None:
    fake = SimpleUploadedFile("x.png", b"<svg onload=alert(1)>", content_type="image/png")

    response = save(
        admin_client,
        ADD,
        name="Care",
        variants__0__text_en_image=fake,
        variants__0__text_en_image_alt="A bowl",
    )

    assert list(error_texts(response)) == ["variants-0-text_en_image"]
    assert not Message.objects.exists()


def test_without_the_permission_to_activate_the_status_stays(admin_client: Client) -> None:
    offer = make_offer(status="draft")
    client = staff_client("view_message", "change_message")

    response = client.post(
        change_url(offer),
        form_data(client.get(change_url(offer)), name="Renamed", status="active"),
    )

    assert response.status_code == 302, error_texts(response)
    offer.refresh_from_db()
    assert (offer.name, offer.status) == ("Renamed", "draft")


def test_who_may_only_look_sees_the_words_and_can_change_none() -> None:
    offer = make_offer(texts={"en": {"headline": "Care well"}})
    client = staff_client("view_message")

    page = client.get(change_url(offer))

    assert page.status_code == 200
    assert "Care well" in page.content.decode()
    assert client.post(change_url(offer), {"name": "Hacked"}).status_code == 403


def test_what_staff_type_is_text_and_never_markup(admin_client: Client) -> None:
    attack = "<script>alert(1)</script>"
    offer = make_offer(name=attack, texts={"en": {"headline": attack}})

    for url in (change_url(offer), reverse("admin:django_ppx_message_changelist")):
        assert attack not in admin_client.get(url).content.decode()


def test_the_form_takes_as_many_queries_with_many_variants(admin_client: Client) -> None:
    offer = make_offer()
    one = count_queries(lambda: admin_client.get(change_url(offer)))
    for _number in range(4):
        make_variant(offer, texts={"en": {"headline": "x"}, "de": {"headline": "y"}})

    assert count_queries(lambda: admin_client.get(change_url(offer))) == one
