"""The preview beside the form: what is typed, as customers would see it, and nothing of it stays."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.events.models import OfferEvent
from django_ppx.messages.models import Message
from django_ppx.offers.models import Offer, OfferPresentation, OfferRevision, OfferVariantText
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import make_benefit, make_offer, make_purchase
from tests.admin_pages import form_data
from tests.offers.admin_users import staff_client

ADD = reverse("admin:django_ppx_message_add")
NEW = reverse("admin:django_ppx_message_preview_new")

pytestmark = pytest.mark.django_db


def preview_url(offer: Offer) -> str:
    model = offer._meta.model_name
    return reverse(f"admin:django_ppx_{model}_preview", args=[offer.pk])


def preview(client: Client, url: str, /, **typed: Any) -> str:
    page = client.get(url.replace("preview/", "change/") if url != NEW else ADD)
    response = client.post(url, form_data(page, **typed))
    assert response.status_code == 200
    return response.content.decode()


def stored_files(folder: str = "") -> set[str]:
    folders, files = default_storage.listdir(folder)
    deeper = (stored_files(f"{folder}/{name}".lstrip("/")) for name in folders)
    return {f"{folder}/{name}" for name in files}.union(*deeper)


def test_it_shows_what_is_typed_and_saves_nothing(admin_client: Client) -> None:
    offer = make_offer(texts={"en": {"headline": "Saved"}}, url="https://shop.example.com/")
    stamp = OfferRevision.objects.get().stamp

    html = preview(
        admin_client,
        preview_url(offer),
        url="https://shop.example.com/typed",
        variants__0__text_en_headline="Typed",
        variants__0__text_en_button="Look",
    )

    assert "Typed" in html
    assert "Look" in html
    assert "https://shop.example.com/typed" in html
    assert OfferVariantText.objects.get().headline == "Saved"
    assert Message.objects.get().url == "https://shop.example.com/"
    assert OfferRevision.objects.get().stamp == stamp


def test_a_new_offer_is_shown_before_it_has_a_name(admin_client: Client) -> None:
    html = preview(admin_client, NEW, name="", variants__0__text_en_headline="Hello there")

    assert "Hello there" in html
    assert not Offer.objects.exists()


def test_it_mints_no_code_and_records_nothing(admin_client: Client) -> None:
    offer = make_offer("next_purchase_discount", benefit=make_benefit())
    make_purchase(number="1001")

    html = preview(admin_client, preview_url(offer), preview_order="1001")

    assert "10% off" in html
    assert DiscountCode.objects.count() == 0
    assert OfferPresentation.objects.count() == 0
    assert OfferEvent.objects.count() == 0
    assert 'data-ppx-token=""' in html


def test_the_benefit_that_is_typed_is_shown(admin_client: Client) -> None:
    offer = make_offer("next_purchase_discount", benefit=make_benefit())
    other = make_benefit(percent=Decimal(25))

    html = preview(admin_client, preview_url(offer), benefit=other.pk)

    assert "25% off" in html
    assert NextPurchaseDiscount.objects.get().benefit_id != other.pk


def test_what_is_missing_is_said(admin_client: Client) -> None:
    url = reverse("admin:django_ppx_nextpurchasediscount_preview_new")
    page = admin_client.get(reverse("admin:django_ppx_nextpurchasediscount_add"))

    response = admin_client.post(url, form_data(page))

    assert "Not filled in yet: Benefit." in response.content.decode()
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("language", "shown", "absent"),
    [("en", ["Care"], ["Pflege"]), ("de", ["Pflege"], ["Care"]), ("all", ["Care", "Pflege"], [])],
)
def test_one_language_or_all(
    admin_client: Client, language: str, shown: list[str], absent: list[str]
) -> None:
    offer = make_offer(texts={"en": {"headline": "Care"}, "de": {"headline": "Pflege"}})

    html = preview(admin_client, preview_url(offer), preview_language=language)

    assert all(f">{words}<" in html for words in shown)
    assert not any(f">{words}<" in html for words in absent)


def test_right_to_left_is_drawn_so(admin_client: Client) -> None:
    offer = make_offer(texts={"en": {"headline": "Care"}, "ar": {"headline": "عناية"}})

    assert 'lang="ar" dir="rtl"' in preview(admin_client, preview_url(offer), preview_language="ar")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_or_dark(admin_client: Client, scheme: str) -> None:
    html = preview(admin_client, preview_url(make_offer()), preview_scheme=scheme)

    assert f'data-ppx-scheme="{scheme}"' in html


def test_both_widths_are_shown_where_none_is_chosen(admin_client: Client) -> None:
    offer = make_offer()

    both = preview(admin_client, preview_url(offer))
    phone = preview(admin_client, preview_url(offer), preview_width="phone")

    assert ("preview__box--phone" in both, "preview__box--desktop" in both) == (True, True)
    assert ("preview__box--phone" in phone, "preview__box--desktop" in phone) == (True, False)


def test_the_data_of_the_chosen_order_are_used(admin_client: Client) -> None:
    offer = make_offer("share_prompt", networks=["whatsapp"], texts={"en": {"headline": "Show it"}})
    offer.texts.create(language="en", text="I found {product}")  # type: ignore[attr-defined]
    purchase = make_purchase()
    title = purchase.lines.order_by("position").first().title  # type: ignore[union-attr]

    html = preview(admin_client, preview_url(offer), preview_order=purchase.order_ref)

    assert f"I found {title}" in html


def test_an_order_that_nobody_knows_is_said(admin_client: Client) -> None:
    html = preview(admin_client, preview_url(make_offer()), preview_order="does not exist")

    assert "There is no order of this number here" in html


def test_orders_are_only_for_who_may_see_them() -> None:
    offer = make_offer("share_prompt", networks=["whatsapp"])
    offer.texts.create(language="en", text="I found {product}")  # type: ignore[attr-defined]
    purchase = make_purchase()
    title = purchase.lines.order_by("position").first().title  # type: ignore[union-attr]
    client = staff_client("view_shareprompt", "change_shareprompt")

    html = preview(client, preview_url(offer), preview_order=purchase.order_ref)

    assert title not in html
    assert "Sample product" in html


def test_a_new_picture_is_shown_and_not_stored(admin_client: Client) -> None:
    made = BytesIO()
    Image.new("RGB", (40, 20)).save(made, format="PNG")
    offer = make_offer()
    before = stored_files()

    html = preview(
        admin_client,
        preview_url(offer),
        variants__0__text_en_image=SimpleUploadedFile("x.png", made.getvalue()),
        variants__0__text_en_image_alt="A bowl",
    )

    assert 'src="data:image/png;base64,' in html
    assert stored_files() == before


def test_typed_markup_is_text(admin_client: Client) -> None:
    html = preview(admin_client, NEW, variants__0__text_en_headline="<img src=x onerror=alert(1)>")

    assert "<img src=x" not in html


def test_only_this_page_may_be_framed_and_nobody_keeps_it(admin_client: Client) -> None:
    offer = make_offer()
    page = admin_client.get(reverse("admin:django_ppx_message_change", args=[offer.pk]))

    response = admin_client.post(preview_url(offer), form_data(page))

    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in response["Cache-Control"]
    assert page["X-Frame-Options"] == "DENY"
    html = response.content.decode()
    assert "style=" not in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        (["view_message"], 403),
        (["view_message", "add_message"], 403),
        (["view_message", "change_message"], 200),
    ],
)
def test_a_stored_offer_needs_the_permission_to_change_it(
    permissions: list[str], status: int
) -> None:
    offer = make_offer()

    assert staff_client(*permissions).post(preview_url(offer), {}).status_code == status


@pytest.mark.parametrize(
    ("permissions", "status"),
    [(["view_message", "change_message"], 403), (["add_message"], 200)],
)
def test_a_new_offer_needs_the_permission_to_add(permissions: list[str], status: int) -> None:
    client = staff_client(*permissions)
    data = {"variants-TOTAL_FORMS": "0", "variants-INITIAL_FORMS": "0"}

    assert client.post(NEW, data).status_code == status


def test_it_is_posted(admin_client: Client) -> None:
    assert admin_client.get(NEW).status_code == 405


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    response = client.post(NEW, {})

    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_a_form_in_pieces_is_no_crash(admin_client: Client) -> None:
    assert admin_client.post(NEW, {}).status_code == 200
