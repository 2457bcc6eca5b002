"""Who may see an order: its session, its account, nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from example_project.shop.views.orders import demo_path
from tests.example.conftest import Buy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["thank-you", "order"])
def test_a_link_alone_shows_nothing(client: Client, buy: Buy, page: str) -> None:
    order = buy(client)

    response = Client().get(f"/{page}/{order.token}/")

    assert response.status_code == 302
    assert response["Location"] == "/order/find/"


def test_another_account_sees_nothing(client: Client, buy: Buy) -> None:
    client.force_login(User.objects.create_user("owner@example.com"))
    order = buy(client)
    other = Client()
    other.force_login(User.objects.create_user("other@example.com"))

    assert other.get(f"/order/{order.token}/").status_code == 302


def test_the_account_sees_its_order_on_another_device(client: Client, buy: Buy) -> None:
    owner = User.objects.create_user("owner@example.com")
    client.force_login(owner)
    order = buy(client)
    device = Client()
    device.force_login(owner)

    assert device.get(f"/order/{order.token}/").status_code == 200


def test_number_and_address_open_an_order(client: Client, buy: Buy) -> None:
    order = buy(client)
    device = Client()

    device.post("/order/find/", {"number": order.number, "email": "GUEST@example.com"})

    assert device.get(f"/order/{order.token}/").status_code == 200


@pytest.mark.parametrize("which", ["number", "email"])
def test_a_wrong_number_and_a_wrong_address_read_the_same(
    client: Client, buy: Buy, which: str
) -> None:
    order = buy(client)
    typed = {"number": order.number, "email": order.email}
    typed[which] = {"number": 999_999_999_999, "email": "other@example.com"}[which]

    response = Client().post("/order/find/", typed)

    assert response.status_code == 200
    assert "We find no order with this number and address." in response.content.decode()


def test_an_unknown_token_is_not_found(client: Client, db: None) -> None:
    assert client.get("/thank-you/nothing/").status_code == 404


@pytest.mark.parametrize(
    ("page", "goes_to"), [("thank-you", "thank-you"), ("order-status", "order")]
)
def test_the_printed_link_lets_the_browser_in(
    client: Client, buy: Buy, settings: Any, page: str, goes_to: str
) -> None:
    order = buy(client)
    settings.DEBUG = True

    response = Client().get(demo_path(page, order), follow=True)

    assert response.redirect_chain == [(f"/{goes_to}/{order.token}/", 302)]
    assert response.status_code == 200


def test_the_printed_link_is_dead_without_debug(client: Client, buy: Buy) -> None:
    order = buy(client)

    assert Client().get(demo_path("thank-you", order)).status_code == 404


def test_a_changed_link_is_not_found(client: Client, buy: Buy, settings: Any) -> None:
    path = demo_path("thank-you", buy(client))
    settings.DEBUG = True

    assert Client().get(path.replace("/1", "/2", 1)).status_code == 404
