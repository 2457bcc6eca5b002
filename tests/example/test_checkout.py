"""The basket and the checkout, without any offer."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client

from django_ppx.core.models import Purchase
from example_project.shop.models import Order, Product
from tests.example.conftest import DETAILS, Buy

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("typed", "kept"), [("3", 3), ("0", 1), ("-2", 1), ("x", 1), ("999", 20)])
def test_a_quantity_stays_within_reason(client: Client, typed: str, kept: int) -> None:
    client.post("/basket/add/", {"sku": "KT-101", "quantity": typed})

    assert client.session["basket"] == {"KT-101": kept}


@pytest.mark.usefixtures("catalogue")
def test_a_line_can_be_changed_and_removed(client: Client) -> None:
    client.post("/basket/add/", {"sku": "KT-101"})
    client.post("/basket/add/", {"sku": "KT-102"})

    client.post("/basket/update/", {"sku": "KT-101", "quantity": "4"})
    client.post("/basket/update/", {"sku": "KT-102", "quantity": "1", "remove": "1"})

    assert client.session["basket"] == {"KT-101": 4}


@pytest.mark.usefixtures("catalogue")
def test_an_unknown_product_is_not_found(client: Client) -> None:
    assert client.post("/basket/add/", {"sku": "NONE"}).status_code == 404


@pytest.mark.usefixtures("catalogue")
def test_a_product_that_left_the_shop_drops_out_of_the_basket(client: Client) -> None:
    client.post("/basket/add/", {"sku": "KT-101"})
    Product.objects.filter(sku="KT-101").update(is_active=False)

    assert "There is nothing in it yet." in client.get("/basket/").content.decode()
    assert client.get("/checkout/")["Location"] == "/basket/"


@pytest.mark.parametrize(("price", "shipping"), [("74.99", Decimal("4.90")), ("75.00", Decimal(0))])
def test_shipping_is_free_from_75(client: Client, buy: Buy, price: str, shipping: Decimal) -> None:
    Product.objects.filter(sku="KT-101").update(price=price)

    order = buy(client)

    assert order.shipping == shipping
    assert order.total == Decimal(price) + shipping


@pytest.mark.usefixtures("catalogue")
def test_a_form_with_gaps_places_nothing(client: Client) -> None:
    client.post("/basket/add/", {"sku": "KT-101"})

    response = client.post("/checkout/", {**DETAILS, "email": "not an address", "city": ""})

    page = response.content.decode()
    assert "Enter a valid email address." in page
    assert "This field is required." in page
    assert Order.objects.count() == 0
    assert client.session["basket"] == {"KT-101": 1}


def test_an_order_empties_the_basket_and_remembers_what_was_bought(
    client: Client, buy: Buy
) -> None:
    order = buy(client, quantity=2)

    [line] = order.lines.all()
    assert (line.sku, line.title, line.quantity) == ("KT-101", "Tide mug", 2)
    assert (line.unit_price, line.total) == (Decimal("26.00"), Decimal("52.00"))
    assert order.subtotal == Decimal("52.00")
    assert client.session["basket"] == {}


def test_the_campaign_of_the_landing_page_reaches_the_purchase(client: Client, buy: Buy) -> None:
    client.get("/?utm_source=newsletter&utm_medium=email&utm_campaign=new-glazes")
    client.get("/shop/cups/")

    buy(client)

    purchase = Purchase.objects.get()
    assert purchase.utm_source == "newsletter"
    assert purchase.utm_medium == "email"
    assert purchase.utm_campaign == "new-glazes"
    assert purchase.utm_term == ""


def test_an_account_finds_its_address_filled_in_again(client: Client, buy: Buy) -> None:
    client.force_login(User.objects.create_user("regular@example.com", "regular@example.com"))
    buy(client, email="regular@example.com", city="Husum")
    client.post("/basket/add/", {"sku": "KT-101"})

    page = client.get("/checkout/").content.decode()

    assert 'value="Husum"' in page
    assert Purchase.objects.get().customer.account_id


@pytest.mark.usefixtures("catalogue")
def test_an_order_with_a_code_that_is_not_valid_is_not_placed(client: Client) -> None:
    client.post("/basket/add/", {"sku": "KT-101"})
    client.post("/ppx/code/", {"code": "SOME-CODE"})

    response = client.post("/checkout/", DETAILS)

    assert response.status_code == 200
    assert "This code is not valid." in response.content.decode()
    assert not Order.objects.exists()
    assert client.session["basket"] == {"KT-101": 1}
