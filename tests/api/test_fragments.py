"""The offers as HTML for a page of another origin."""

from __future__ import annotations

import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from django_ppx.core.models import Purchase
from django_ppx.offers.models import OfferPresentation, OfferVariantText, Theme
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import FakeShop, make_benefit, make_offer, make_order
from tests.api.shopping import BROWSER, ask, shown

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r'(?:href|src|action|data-ppx-event-url)="([^"]*)"')


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    FakeShop.place(make_order(number="1001"))


def test_the_answer_has_the_offers_and_what_they_need():
    make_offer("message", texts={"en": {"headline": "Care for it"}})

    answer = ask("fragments/")

    body = answer.json()
    assert answer.status_code == 200
    assert "Care for it" in body.pop("html")
    assert body == {
        "stylesheets": ["http://testserver/static/django_ppx/ppx.css"],
        "script": "http://testserver/ppx/ppx.js",
        "icons": "http://testserver/ppx/icons.svg",
    }


def test_every_address_in_the_html_is_absolute():
    benefit = make_benefit()
    offer = make_offer("next_purchase_discount", benefit=benefit)
    make_offer("message", url="/care/")
    name = default_storage.save("cards/bowl.jpg", ContentFile(b"x"))
    OfferVariantText.objects.filter(variant__offer=offer).update(image=name)

    html = ask("fragments/").json()["html"]

    addresses = ADDRESS.findall(html)
    assert f"http://testserver/media/{name}" in addresses
    assert "http://testserver/ppx/event/" in addresses
    assert "http://testserver/ppx/dismiss/" in addresses
    assert "http://testserver/ppx/icons.svg#ppx-icon-message" in addresses
    assert [each for each in addresses if not each.startswith("http://testserver/")] == []


def test_the_host_of_the_request_is_the_origin():
    make_offer("message")

    body = ask("fragments/", Host="api.example.com").json()

    assert body["script"] == "http://api.example.com/ppx/ppx.js"
    assert "http://api.example.com/ppx/event/" in body["html"]


def test_a_stylesheet_of_another_host_keeps_its_address_and_what_scripts_read_comes_from_ours(
    settings,
):
    settings.STATIC_URL = "https://cdn.example.com/"
    make_offer("message")

    body = ask("fragments/").json()

    assert body["stylesheets"] == ["https://cdn.example.com/django_ppx/ppx.css"]
    assert body["script"] == "http://testserver/ppx/ppx.js"
    assert body["icons"] == "http://testserver/ppx/icons.svg"


def test_the_active_theme_is_among_the_stylesheets():
    Theme.objects.create(name="Dark", is_active=True)

    [_base, theme] = ask("fragments/").json()["stylesheets"]

    assert theme.startswith("http://testserver/ppx/theme.")
    assert Client().get(theme).status_code == 200


def test_the_cards_are_the_same_as_those_told_as_data():
    make_offer("next_purchase_discount", benefit=make_benefit())
    [card] = shown()

    html = ask("fragments/").json()["html"]

    assert card["code"]["text"] in html
    assert DiscountCode.objects.count() == 1
    assert OfferPresentation.objects.count() == 1


def test_what_is_drawn_for_another_origin_does_not_appear_on_the_shops_own_page():
    make_offer("message", url="/care/")
    ask("fragments/", Host="api.example.com")

    html = ask("fragments/").json()["html"]

    assert "api.example.com" not in html


def test_a_heading_is_shown_and_escaped():
    make_offer("message")

    html = ask("fragments/", {"heading": "For <you>"}).json()["html"]

    assert ">For &lt;you&gt;</h2>" in html


def test_the_words_around_a_card_are_in_the_asked_language():
    make_offer("message", texts={"en": {"headline": "Hello"}, "de": {"headline": "Hallo"}})

    html = ask("fragments/", {"language": "de"}).json()["html"]

    assert "Hallo" in html
    assert "Dieses Angebot ausblenden: Hallo" in html


def test_without_offers_there_is_no_html():
    assert ask("fragments/").json()["html"] == ""


def test_what_staff_write_is_text():
    make_offer("message", texts={"en": {"headline": "<script>alert(1)</script>"}})

    html = ask("fragments/").json()["html"]

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"heading": "x" * 201}, "/heading"),
        ({"heading": 1}, "/heading"),
        ({"placement": "moon"}, "/placement"),
        ({"unknown": 1}, "/unknown"),
    ],
)
def test_what_is_not_as_it_must_be_is_refused(body, pointer):
    answer = ask("fragments/", body)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Purchase.objects.exists()


def test_an_order_that_nobody_knows_is_not_found():
    assert ask("fragments/", order="9999").status_code == 404


def test_a_named_front_end_may_read_the_answer(settings):
    settings.PPX_API_CORS_ORIGINS = ["https://front.example.com"]

    answer = ask("fragments/", Origin="https://front.example.com")

    assert answer["Access-Control-Allow-Origin"] == "https://front.example.com"
    assert "Access-Control-Allow-Credentials" not in answer


def test_without_a_token_nothing_is_told():
    answer = Client().post(
        "/ppx/api/v1/fragments/", "{}", content_type="application/json", headers=BROWSER
    )

    assert answer.status_code == 401
