"""The adapter: how django-ppx reads the example shop."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from django_ppx.shop.adapter import get_shop
from django_ppx.shop.types import Customer
from example_project.shop import ppx
from example_project.shop.models import Product
from tests.example.conftest import Buy

pytestmark = pytest.mark.django_db


def test_the_adapter_has_at_most_40_lines() -> None:
    assert len(Path(ppx.__file__).read_text(encoding="utf-8").splitlines()) <= 40


def test_a_guest_order_is_read_whole(client: Client, buy: Buy) -> None:
    order = buy(client, phone="+49 40 123456", country="AT")

    read = get_shop().order(order)

    assert read.number == str(order.number)
    assert (read.currency, read.total, read.shipping) == ("EUR", Decimal("30.90"), Decimal("4.90"))
    assert read.customer == Customer(
        email="guest@example.com",
        phone="+49 40 123456",
        first_name="Guest",
        last_name="Customer",
        language="en",
        country="AT",
    )
    [line] = read.lines
    assert line.sku == "KT-101"
    assert line.category_path == "Cups"
    assert line.cost == Decimal("9.36")
    assert line.product_url == "http://127.0.0.1:8000/product/tide-mug/"
    assert line.image_url.endswith("/static/shop/products/tide-mug.svg")


def test_with_a_request_the_links_are_those_of_its_host(client: Client, buy: Buy) -> None:
    order = buy(client)

    read = get_shop().order(order, RequestFactory().get("/", secure=True))

    assert read.lines[0].product_url == "https://testserver/product/tide-mug/"


def test_an_account_and_its_deleted_product_are_read(client: Client, buy: Buy) -> None:
    user = User.objects.create_user("regular@example.com")
    client.force_login(user)
    order = buy(client)
    Product.objects.all().delete()

    read = get_shop().order(order)

    assert read.customer.account_id == str(user.pk)
    assert read.lines[0].title == "Tide mug"
    assert read.lines[0].product_url == ""


def test_orders_are_found_by_their_number(client: Client, buy: Buy) -> None:
    order = buy(client)
    shop = get_shop()

    assert shop.find_order(str(order.number)) == order
    assert shop.newest_order() == order
    for unknown in ("", "none", "0", "-1", "99999999999999999999"):
        assert shop.find_order(unknown) is None
