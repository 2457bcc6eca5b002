"""“Give a reward”: who gets it, who may give it, and that a form that is sent twice gives one."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from django_ppx.rewards.alphabet import grouped
from django_ppx.rewards.models import BenefitBudget, Reward
from django_ppx.shop.types import Customer
from django_ppx.testing import make_benefit, make_order, make_purchase
from tests.admin_pages import count_queries
from tests.rewards.staff import staff_with

pytestmark = pytest.mark.django_db

GIVE = "admin:django_ppx_reward_give"
MAY_GIVE = ("view_reward", "grant_reward")


def filled(client, **typed) -> dict:
    form = client.get(reverse(GIVE)).context["form"]
    values = {"key": form["key"].value(), "reason_type": "apology", "reason": "A chipped cup"}
    return {**values, **typed}


def test_the_buyer_of_an_order_gets_it(admin_client, admin_user) -> None:
    purchase, benefit = make_purchase(), make_benefit()
    data = filled(admin_client, order=purchase.order_ref, benefit=benefit.pk)

    response = admin_client.post(reverse(GIVE), data, follow=True)

    reward = Reward.objects.get()
    assert (reward.customer, reward.purchase, reward.granted_by) == (
        purchase.customer,
        purchase,
        admin_user,
    )
    assert (reward.reason_type, reward.reason) == ("apology", "A chipped cup")
    assert "The reward is given." in response.text
    assert grouped(reward.code.code) in response.text


def test_an_address_will_do_for_who_may_see_addresses(admin_client) -> None:
    purchase = make_purchase(make_order(customer=Customer(email="ada@example.com")))
    data = filled(admin_client, email="ADA@example.com", benefit=make_benefit().pk)

    admin_client.post(reverse(GIVE), data)

    assert Reward.objects.get().customer == purchase.customer


def test_who_may_not_see_addresses_can_not_ask_for_one(client) -> None:
    client.force_login(staff_with(*MAY_GIVE))
    make_purchase(make_order(customer=Customer(email="ada@example.com")))
    data = filled(client, email="ada@example.com", benefit=make_benefit().pk)

    response = client.post(reverse(GIVE), data)

    assert 'name="email"' not in response.text
    assert response.context["form"].errors == {"order": ["This field is required."]}
    assert Reward.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"order": "none-such"}, "order", "There is no order of this number here."),
        ({"email": "bea@example.com"}, "email", "Nobody has ordered with this address yet."),
        ({}, "order", "Say who gets it"),
        ({"order": "T", "email": "bea@example.com"}, "email", "not both"),
        ({"reason": " "}, "reason", "This field is required."),
        ({"reason_type": "offer"}, "reason_type", "Select a valid choice."),
        ({"key": ""}, "key", "This field is required."),
    ],
)
def test_what_is_missing_or_unknown_is_said_and_nothing_given(
    admin_client, typed, field, error
) -> None:
    data = filled(admin_client, benefit=make_benefit().pk, **typed)

    response = admin_client.post(reverse(GIVE), data)

    assert error in " ".join(response.context["form"].errors[field])
    assert Reward.objects.count() == 0


def test_a_form_that_is_sent_twice_gives_one(admin_client) -> None:
    data = filled(admin_client, order=make_purchase().order_ref, benefit=make_benefit().pk)

    pages = [admin_client.post(reverse(GIVE), data)["Location"] for _time in range(2)]

    assert Reward.objects.count() == 1
    assert pages[0] == pages[1]


def test_a_new_form_gives_another(admin_client) -> None:
    order, benefit = make_purchase().order_ref, make_benefit().pk
    for _time in range(2):
        admin_client.post(reverse(GIVE), filled(admin_client, order=order, benefit=benefit))

    assert Reward.objects.count() == 2


def test_an_empty_pool_is_said(admin_client) -> None:
    benefit = make_benefit(code_source="pool")
    data = filled(admin_client, order=make_purchase().order_ref, benefit=benefit.pk)

    response = admin_client.post(reverse(GIVE), data)

    assert "No imported code of this benefit is left." in response.text
    assert Reward.objects.count() == 0


def test_a_budget_that_is_used_up_is_said_before(admin_client) -> None:
    benefit = make_benefit()
    BenefitBudget.objects.create(
        benefit=benefit, currency="EUR", limit_minor=0, exhausted_at=timezone.now()
    )

    assert "budget used up" in admin_client.get(reverse(GIVE)).text


@pytest.mark.parametrize(
    "permissions", [("view_reward",), ("grant_reward",), ("view_reward", "add_reward")]
)
def test_giving_needs_its_own_permission(client, permissions) -> None:
    client.force_login(staff_with(*permissions))

    assert client.get(reverse(GIVE)).status_code == 403
    assert client.post(reverse(GIVE), {}).status_code == 403


def test_the_form_takes_as_many_queries_for_ten_benefits_as_for_one(admin_client) -> None:
    make_benefit(amounts={"EUR": {"minimum_total": 5}})
    one = count_queries(lambda: admin_client.get(reverse(GIVE)))
    for _row in range(9):
        make_benefit(amounts={"EUR": {"minimum_total": 5}})

    assert count_queries(lambda: admin_client.get(reverse(GIVE))) == one
