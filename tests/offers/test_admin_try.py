""" "Try it": an order in, what its customer would see and why nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from django_ppx.offers.explaining import explain
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import (
    FakeShop,
    make_audience,
    make_benefit,
    make_offer,
    make_order,
    make_purchase,
)
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

TRY = reverse("admin:django_ppx_offer_try")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings: Any) -> Iterator[type[FakeShop]]:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    yield FakeShop
    FakeShop.clear()


def ask(client: Client, order: str, **overrides: str) -> Any:
    return client.post(
        TRY, {"order": order, "placement": "thank_you", "language": "en", **overrides}
    )


def test_rules_are_in_the_language_of_who_reads_them_not_of_whoever_came_first(
    admin_client: Client,
) -> None:
    make_offer(name="Abroad", audience=make_audience([("country", "in", ["JP"])], name="Japan"))
    purchase = make_purchase()
    with translation.override("de"):
        current_snapshot()

    html = ask(admin_client, purchase.order_ref).content.decode()

    assert "Country is one of JP" in html


def test_it_shows_the_cards_and_says_why_not_the_rest(admin_client: Client) -> None:
    make_offer(name="Care", texts={"en": {"headline": "How to care"}})
    make_offer(name="Sleeping", status="paused")
    make_offer(name="Abroad", audience=make_audience([("country", "in", ["JP"])], name="Japan"))
    purchase = make_purchase()

    response = ask(admin_client, purchase.order_ref)

    html = response.content.decode()
    assert [item.explained.offer.name for item in response.context["shown"]] == ["Care"]
    assert "How to care" in response.context["page"]
    assert "Its status is “Paused”." in html
    assert "Country is one of JP" in html


def test_it_says_the_same_as_the_explanation(admin_client: Client) -> None:
    make_offer(name="Sleeping", status="paused")
    make_offer(name="Elsewhere", placements=["account"])
    purchase = make_purchase()

    hidden = ask(admin_client, purchase.order_ref).context["hidden"]

    explained = explain(
        current_snapshot(),
        order_ref=purchase.order_ref,
        placement="thank_you",
        language="en",
        limit=3,
        now=purchase.placed_at,
    )
    assert [(item.explained.label, item.explained.detail) for item in hidden] == [
        (offer.label, offer.detail) for offer in explained.offers
    ]


def test_it_gives_no_code_and_records_no_showing(admin_client: Client) -> None:
    make_offer("next_purchase_discount", benefit=make_benefit())

    response = ask(admin_client, make_purchase().order_ref)

    assert "10% off" in response.context["page"]
    assert DiscountCode.objects.count() == 0
    assert OfferPresentation.objects.count() == 0


def test_an_order_that_only_the_shop_knows_is_found(admin_client: Client) -> None:
    make_offer(name="Care")
    FakeShop.place(make_order(number="77"))

    shown = ask(admin_client, " 77 ").context["shown"]

    assert [item.explained.offer.name for item in shown] == ["Care"]


def test_an_unknown_order_is_said_beside_the_field(admin_client: Client) -> None:
    response = ask(admin_client, "4711")

    assert response.status_code == 200
    assert response.context["form"].errors == {"order": ["There is no order of this number."]}


def test_a_fault_of_the_shops_adapter_is_said_and_logged(
    admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    FakeShop.place(make_order(number="77"))
    FakeShop.fault = RuntimeError("the shop is down")

    with caplog.at_level(logging.ERROR, logger="django_ppx"):
        response = ask(admin_client, "77")

    assert response.status_code == 200
    assert "could not tell about this order" in response.context["form"].errors["order"][0]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("placement", "moon"), ("language", "xx"), ("order", " ")]
)
def test_wrong_input_is_refused(admin_client: Client, field: str, value: str) -> None:
    data = {"order": "1", "placement": "thank_you", "language": "en", field: value}

    response = admin_client.post(TRY, data)

    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize("permission", ["view_offer", "view_purchase"])
def test_it_needs_the_sight_of_offers_and_of_orders(permission: str) -> None:
    assert staff_client(permission).get(TRY).status_code == 403


def test_with_both_it_opens() -> None:
    assert staff_client("view_offer", "view_purchase").get(TRY).status_code == 200


def test_it_takes_as_many_queries_with_many_offers(admin_client: Client) -> None:
    purchase = make_purchase()
    make_offer()
    one = count_queries(lambda: ask(admin_client, purchase.order_ref))
    for _number in range(15):
        make_offer()

    assert count_queries(lambda: ask(admin_client, purchase.order_ref)) == one
