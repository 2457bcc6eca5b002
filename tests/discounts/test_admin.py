"""What staff can do with next-purchase discounts in admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.rewards.models import Benefit, DiscountCode
from tests.admin_pages import count_queries, error_texts, form_data
from tests.discounts.test_kind import make_benefit, make_discount

ADD = reverse("admin:django_ppx_nextpurchasediscount_add")
LIST = reverse("admin:django_ppx_nextpurchasediscount_changelist")

pytestmark = pytest.mark.django_db


def change_url(offer: NextPurchaseDiscount) -> str:
    return reverse("admin:django_ppx_nextpurchasediscount_change", args=[offer.pk])


def add(client: Client, benefit: Benefit, **typed: Any) -> HttpResponse:
    values = {
        "name": "Thanks",
        "benefit": benefit.pk,
        "variants__0__text_en_headline": "Thanks",
        **typed,
    }
    return client.post(ADD, form_data(client.get(ADD), **values))


def test_staff_add_a_discount(admin_client: Client) -> None:
    benefit = make_benefit()

    response = add(admin_client, benefit, status="active", url="/sale/")

    assert response.status_code == 302, error_texts(response)
    offer = NextPurchaseDiscount.objects.get()
    assert (offer.kind, offer.benefit, offer.url) == ("next_purchase_discount", benefit, "/sale/")
    assert offer.variants.get().design == "ticket"
    assert not DiscountCode.objects.exists()


def test_saving_without_a_change_changes_nothing(admin_client: Client) -> None:
    offer = make_discount(url="/sale/")
    before = NextPurchaseDiscount.objects.values().get()
    page = admin_client.get(change_url(offer))

    response = admin_client.post(change_url(offer), form_data(page))

    assert response.status_code == 302, error_texts(response)
    assert NextPurchaseDiscount.objects.values().get() == before


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"name": "Mug", "type": "gift", "percent": None, "gift": "A mug"},
            "“Mug” is A gift, which a code can't take off an order. "
            "Choose a percentage, an amount or free shipping.",
        ),
        (
            {"name": "Points", "type": "points", "percent": None, "points": 50},
            "“Points” is Points, which a code can't take off an order. "
            "Choose a percentage, an amount or free shipping.",
        ),
        (
            {"name": "Welcome", "first_order_only": True},
            "“Welcome” is for a first order only: nobody who gets the code could use it.",
        ),
        (
            {"name": "Five", "type": "amount", "percent": None},
            "“Five” has no amount in any currency yet.",
        ),
    ],
)
def test_a_benefit_that_can_not_become_a_code_is_refused(
    admin_client: Client, columns: dict[str, Any], sentence: str
) -> None:
    response = add(admin_client, make_benefit(**columns))

    assert error_texts(response) == {"benefit": [sentence]}
    assert not NextPurchaseDiscount.objects.exists()


def test_a_link_that_is_no_address_is_refused(admin_client: Client) -> None:
    response = add(admin_client, make_benefit(), url="javascript:alert(1)")

    assert error_texts(response) == {"url": ["Enter a valid URL."]}


def test_list_and_form_cost_the_same_with_any_number_of_offers(admin_client: Client) -> None:
    offer = make_discount()
    urls = (LIST, change_url(offer))
    at_one = [count_queries(lambda url=url: admin_client.get(url)) for url in urls]
    for number in range(5):
        make_discount(make_benefit(name=f"Benefit {number}"))

    at_six = [count_queries(lambda url=url: admin_client.get(url)) for url in urls]

    assert at_six == at_one


def test_without_a_permission_there_is_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(LIST).status_code == 403
    assert client.get(ADD).status_code == 403
