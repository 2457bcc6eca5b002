"""The link for an order, and its QR code, on a page of the offer."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
import segno
from django.test import Client

from django_ppx import purchases
from django_ppx.offers.models import Offer
from django_ppx.testing import FakeShop, make_order, make_ugc_offer
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.PPX_SITE_URL = "https://shop.example.com"
    FakeShop.clear()
    yield
    FakeShop.clear()


@pytest.fixture
def number() -> str:
    return FakeShop.place(make_order()).number


@pytest.fixture
def page() -> str:
    return f"/admin/django_ppx/ugcrewardoffer/{make_ugc_offer(slug='mornings').pk}/link/"


@pytest.fixture
def staff() -> Client:
    return staff_client("view_ugcrewardoffer")


def errors_of(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_the_form_of_the_offer_leads_there(staff: Client, page: str) -> None:
    assert f'href="{page}"' in staff.get(page.replace("link/", "change/")).text


def test_the_link_leads_to_the_page_of_this_order(
    staff: Client, client: Client, page: str, number: str
) -> None:
    response = staff.post(page, {"order": f" {number} "})

    url = response.context["url"]
    assert url.startswith("https://shop.example.com/ppx/ugc/")
    assert '<svg role="img" ' in response.text
    assert "no-store" in response["Cache-Control"]
    shown = client.get(url.removeprefix("https://shop.example.com"))
    assert shown.context["invitation"].purchase.order_ref == number


def test_the_code_is_a_file_to_print(staff: Client, page: str, number: str) -> None:
    response = staff.post(page, {"order": number, "download": "1"})

    drawn = ElementTree.fromstring(response.content)
    assert response["Content-Type"] == "image/svg+xml"
    assert (
        response["Content-Disposition"] == f'attachment; filename="mornings-{number.lower()}.svg"'
    )
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert re.fullmatch(r"(\d+)mm", drawn.attrib["width"])
    # Tokens of one second are alike, so the size tells that an address of this length is in it.
    length = len(staff.post(page, {"order": number}).context["url"])
    code = segno.make("x" * length, micro=False, error="q", boost_error=False)
    assert drawn.attrib["width"] == f"{code.symbol_size(border=4)[0]}mm"


def test_who_may_not_see_the_offer_gets_no_link(page: str, number: str) -> None:
    assert staff_client("view_ugcsubmission").post(page, {"order": number}).status_code == 403
    assert Client().post(page, {"order": number}).status_code == 302


def test_an_offer_that_does_not_exist_is_not_found(staff: Client) -> None:
    assert staff.get("/admin/django_ppx/ugcrewardoffer/987654/link/").status_code == 404


def test_an_order_that_nobody_knows_has_none(staff: Client, page: str) -> None:
    errors = errors_of(staff.post(page, {"order": "nobody's"}))

    assert errors == {"order": ["There is no order of this number."]}


def test_where_nothing_can_be_sent_in_there_is_none(staff: Client, page: str, number: str) -> None:
    sentence = (
        "Nothing can be sent in: the offer is not running, or the order was cancelled or refunded."
    )
    Offer.objects.update(status="paused")
    assert errors_of(staff.post(page, {"order": number})) == {"order": [sentence]}
    Offer.objects.update(status="active")
    assert staff.post(page, {"order": number}).context["url"] != ""
    purchases.cancelled(number)

    response = staff.post(page, {"order": number, "download": "1"})

    assert errors_of(response) == {"order": [sentence]}


def test_a_fault_of_the_shop_is_said_and_logged(
    staff: Client, page: str, number: str, caplog
) -> None:
    FakeShop.fault = RuntimeError("the shop is away")

    errors = errors_of(staff.post(page, {"order": number}))

    assert errors["order"][0].startswith("The shop could not tell about this order.")
    assert [record.name for record in caplog.records] == ["django_ppx"]
