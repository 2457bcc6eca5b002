"""A customer's way: buy, get a code, use it, be refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.events.models import OfferEvent
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from example_project.shop.models import Order
from example_project.shop.seeding.offers import create_offers
from tests.example.conftest import DETAILS, Buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def offers() -> None:
    create_offers(now=timezone.localtime())


def code_on(client: Client, order: Order) -> str:
    page = client.get(f"/thank-you/{order.token}/").content.decode()
    found = re.findall(r"TIDE-[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", page)
    assert found, "no code on the thank-you page"
    return found[0]


def test_an_order_becomes_a_purchase(client: Client, buy: Buy) -> None:
    order = buy(client, sku="KT-403")

    purchase = Purchase.objects.get()
    assert purchase.order_ref == str(order.number)
    assert purchase.total_minor == 84_00
    assert [line.title for line in purchase.lines.all()] == ["Teapot for two"]


@pytest.mark.usefixtures("offers")
def test_the_thank_you_page_shows_the_same_code_after_a_reload(client: Client, buy: Buy) -> None:
    order = buy(client)

    first, second = code_on(client, order), code_on(client, order)

    assert first == second
    assert DiscountCode.objects.count() == 1


@pytest.mark.usefixtures("offers")
def test_the_thank_you_page_is_private(client: Client, buy: Buy) -> None:
    order = buy(client)

    response = client.get(f"/thank-you/{order.token}/")

    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


@pytest.mark.usefixtures("offers")
def test_a_code_typed_in_lower_case_with_spaces_is_taken(client: Client, buy: Buy) -> None:
    typed = code_on(client, buy(client)).replace("-", " ").lower()
    client.post("/basket/add/", {"sku": "KT-403"})

    client.post("/ppx/code/", {"code": typed, "next": "/basket/"})
    basket = client.get("/basket/").content.decode()
    order = buy(client, sku="KT-101")

    assert "−€8.40" in basket
    assert order.total == Decimal("99.00")  # 84 + 26, less a tenth, shipping free
    assert order.discount_amount == Decimal("11.00")
    redemption = CodeRedemption.objects.get()
    assert redemption.order_ref == str(order.number)
    assert redemption.discount_minor == 11_00
    assert redemption.code.times_used == 1
    assert client.session.get("ppx_code") is None


@pytest.mark.usefixtures("offers")
def test_a_used_code_is_refused_in_words_and_nothing_is_placed(client: Client, buy: Buy) -> None:
    code = code_on(client, buy(client))
    client.post("/ppx/code/", {"code": code, "next": "/basket/"})
    buy(client)
    client.post("/basket/add/", {"sku": "KT-101"})
    client.post("/ppx/code/", {"code": code, "next": "/basket/"})
    basket = client.get("/basket/").content.decode()

    response = client.post("/checkout/", DETAILS)

    assert response.status_code == 200
    assert "This code has already been used." in basket
    assert "This code has already been used." in response.content.decode()
    assert Order.objects.count() == 2
    assert CodeRedemption.objects.count() == 1


@pytest.mark.usefixtures("offers")
def test_a_stranger_learns_nothing_about_a_used_code(client: Client, buy: Buy) -> None:
    code = code_on(client, buy(client))
    client.post("/ppx/code/", {"code": code})
    buy(client)
    stranger = Client()
    stranger.post("/basket/add/", {"sku": "KT-101"})

    pages = []
    for typed in (code, "NEVER-EXISTED"):
        stranger.post("/ppx/code/", {"code": typed})
        pages.append(stranger.get("/basket/").content.decode())

    assert all("This code is not valid." in page for page in pages)
    assert not any("already been used" in page for page in pages)


@pytest.mark.usefixtures("offers")
def test_an_empty_field_takes_the_code_away(client: Client, buy: Buy) -> None:
    code = code_on(client, buy(client))
    client.post("/ppx/code/", {"code": code})

    client.post("/ppx/code/", {"code": ""})
    order = buy(client)

    assert order.discount_code == ""
    assert order.total == Decimal("30.90")


@pytest.mark.usefixtures("offers")
def test_looking_at_a_page_is_no_impression(client: Client, buy: Buy) -> None:
    code_on(client, buy(client))

    assert OfferPresentation.objects.exists()
    assert not OfferEvent.objects.exists()


@pytest.mark.usefixtures("offers")
def test_the_status_page_and_the_account_show_their_own_offers(client: Client, buy: Buy) -> None:
    client.post(
        "/account/sign-up/",
        {
            "first_name": "Regular",
            "last_name": "Customer",
            "email": "Regular@Example.com",
            "password1": "stoneware-4",
            "password2": "stoneware-4",
        },
    )
    buy(client, email="regular@example.com")
    order = buy(client, email="regular@example.com")

    status = client.get(f"/order/{order.token}/").content.decode()
    account = client.get("/account/").content.decode()

    assert "How is it in the hand?" in status
    assert "Good to see you again" in account
    assert f"Order {order.number}" in account
