"""Purchases and customers in admin: to look up, never to change, addresses for who may see them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.core.models import Customer, Purchase
from django_ppx.testing import make_customer, make_purchase
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

PURCHASES = reverse("admin:django_ppx_purchase_changelist")
CUSTOMERS = reverse("admin:django_ppx_customer_changelist")
EVENTS = reverse("admin:django_ppx_offerevent_changelist")
PRESENTATIONS = reverse("admin:django_ppx_offerpresentation_changelist")

pytestmark = pytest.mark.django_db


def change_url(row: Customer | Purchase) -> str:
    return reverse(f"admin:django_ppx_{row._meta.model_name}_change", args=[row.pk])


def test_addresses_are_masked_for_who_lacks_the_permission() -> None:
    customer = make_customer(
        email="ada@example.com", phone="+4930123456", first_name="Ada", last_name="Lovelace"
    )
    client = staff_client("view_customer")

    for url in (CUSTOMERS, change_url(customer)):
        html = client.get(url).content.decode()
        assert "a…@e….com" in html
        assert "ada@example.com" not in html
        assert "123456" not in html
        assert "Lovelace" not in html


def test_addresses_show_to_who_may_see_them() -> None:
    customer = make_customer(email="ada@example.com", last_name="Lovelace")
    client = staff_client("view_customer", "view_customer_addresses")

    for url in (CUSTOMERS, change_url(customer)):
        html = client.get(url).content.decode()
        assert "ada@example.com" in html
        assert "Lovelace" in html


def test_searching_an_address_tells_nothing_to_who_may_not_see_it() -> None:
    make_customer(email="ada@example.com")

    hidden = staff_client("view_customer").get(f"{CUSTOMERS}?q=ada@example.com")
    shown = staff_client("view_customer", "view_customer_addresses").get(
        f"{CUSTOMERS}?q=ADA@example.com"
    )

    assert list(hidden.context["cl"].result_list) == []
    assert len(shown.context["cl"].result_list) == 1


def test_an_order_is_found_by_the_beginning_of_its_number(admin_client: Client) -> None:
    make_purchase(number="A-1001")
    make_purchase(number="B-1001")

    found = admin_client.get(f"{PURCHASES}?q=A-1").context["cl"].result_list

    assert [purchase.order_ref for purchase in found] == ["A-1001"]


def test_an_order_shows_its_lines_and_amounts(admin_client: Client) -> None:
    purchase = make_purchase()

    html = admin_client.get(change_url(purchase)).content.decode()

    assert purchase.order_ref in html
    assert purchase.lines.first().title in html  # type: ignore[union-attr]
    assert purchase.total.formatted("en") in html


def test_lists_take_as_many_queries_with_many_rows(admin_client: Client) -> None:
    make_purchase(number="1")
    one = [count_queries(lambda url=url: admin_client.get(url)) for url in (PURCHASES, CUSTOMERS)]
    for number in range(2, 12):
        make_purchase(number=str(number))

    many = [count_queries(lambda url=url: admin_client.get(url)) for url in (PURCHASES, CUSTOMERS)]
    assert many == one


def test_nothing_of_it_can_be_written(admin_client: Client) -> None:
    purchase = make_purchase()
    for row in (purchase, purchase.customer):
        name = f"admin:django_ppx_{row._meta.model_name}"
        assert admin_client.post(change_url(row), {}).status_code == 403
        assert admin_client.get(reverse(f"{name}_add")).status_code == 403
        assert admin_client.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403

    assert Purchase.objects.count() == 1


@pytest.mark.parametrize("url", [PURCHASES, CUSTOMERS, EVENTS, PRESENTATIONS])
def test_each_list_needs_its_permission(url: str) -> None:
    assert staff_client("view_theme").get(url).status_code == 403
