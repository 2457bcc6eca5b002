"""What staff do to orders: mark, cancel, refund."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from django_ppx import codes
from django_ppx.core.models import Purchase
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from example_project.shop.models import Order
from example_project.shop.seeding.offers import create_offers
from tests.example.conftest import Buy

pytestmark = pytest.mark.django_db

Act = Callable[..., None]


@pytest.fixture
def act(admin_client: Client, django_capture_on_commit_callbacks: Any) -> Act:
    def run(action: str, *orders: Order) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            response = admin_client.post(
                "/admin/shop/order/",
                {"action": action, "_selected_action": [order.pk for order in orders]},
            )
        assert response.status_code == 302
        for order in orders:
            order.refresh_from_db()

    return run


def test_an_order_goes_its_way(client: Client, buy: Buy, act: Act) -> None:
    order = buy(client)

    act("mark_paid", order)
    assert order.status == Order.Status.PAID
    act("mark_shipped", order)
    assert order.status == Order.Status.SHIPPED


def test_a_cancelled_order_gives_its_code_back(client: Client, buy: Buy, act: Act) -> None:
    create_offers(now=timezone.localtime())
    client.get(f"/thank-you/{buy(client).token}/")
    code = DiscountCode.objects.get()
    client.post("/ppx/code/", {"code": code.code})
    order = buy(client)

    act("cancel", order)

    assert order.status == Order.Status.CANCELLED
    assert Purchase.objects.get(order_ref=order.number).status == Purchase.Status.CANCELLED
    assert CodeRedemption.objects.get().released_at is not None
    code.refresh_from_db()
    assert code.times_used == 0


def test_a_refunded_order_is_refunded_in_full(client: Client, buy: Buy, act: Act) -> None:
    order = buy(client)

    act("refund", order)

    purchase = Purchase.objects.get()
    assert order.status == Order.Status.REFUNDED
    assert purchase.refunded_minor == purchase.total_minor == 30_90


def test_a_shipped_order_is_not_cancelled(client: Client, buy: Buy, act: Act) -> None:
    order = buy(client)
    Order.objects.update(status=Order.Status.SHIPPED)

    act("cancel", order)

    assert order.status == Order.Status.SHIPPED
    assert Purchase.objects.get().status == Purchase.Status.PLACED


def test_releasing_a_code_twice_changes_nothing(client: Client, buy: Buy) -> None:
    order = buy(client)

    assert codes.release("NO-SUCH-CODE", order=order) is None


@pytest.mark.parametrize("path", ["", "add/"])
def test_orders_are_listed_and_never_added_by_hand(
    admin_client: Client, client: Client, buy: Buy, path: str
) -> None:
    buy(client)

    response = admin_client.get(f"/admin/shop/order/{path}")

    assert response.status_code == (403 if path else 200)


def test_an_order_is_shown_with_its_lines(admin_client: Client, client: Client, buy: Buy) -> None:
    order = buy(client)

    page = admin_client.get(f"/admin/shop/order/{order.pk}/change/").content.decode()

    assert "Tide mug" in page
