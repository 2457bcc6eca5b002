"""Rewards that staff give: to whom, once, and what becomes of them."""

from __future__ import annotations

import pytest

from django_ppx.rewards.giving import GiftOfStaff, GivingRefused, give_reward
from django_ppx.rewards.models import Benefit, DiscountCode, Reward
from django_ppx.rewards.recipients import (
    Recipient,
    UnknownRecipient,
    recipient_at,
    recipient_of_order,
)
from django_ppx.shop.types import Customer
from django_ppx.testing import make_benefit, make_customer, make_order, make_purchase

pytestmark = pytest.mark.django_db

KEY = "a-key-of-a-form-1234"


def gift_for(recipient: Recipient, benefit: Benefit, **overrides) -> GiftOfStaff:
    values = {"key": KEY, "reason_type": "apology", "reason": "Chipped", "by_id": None}
    return GiftOfStaff(recipient=recipient, benefit=benefit, **{**values, **overrides})


def test_the_customer_of_an_order_gets_it_and_it_names_the_order(now, admin_user) -> None:
    purchase = make_purchase()

    reward = give_reward(
        gift=gift_for(recipient_of_order(purchase.order_ref), make_benefit(), by_id=admin_user.pk),
        now=now,
    )

    assert (reward.customer, reward.purchase) == (purchase.customer, purchase)
    assert (reward.reason_type, reward.reason, reward.granted_by_id) == (
        "apology",
        "Chipped",
        admin_user.pk,
    )
    assert (reward.status, reward.granted_at) == ("issued", now)
    assert reward.code.customer == purchase.customer


def test_one_key_gives_one_reward(now) -> None:
    recipient = recipient_of_order(make_purchase().order_ref)
    benefit = make_benefit()

    first = give_reward(gift=gift_for(recipient, benefit), now=now)
    second = give_reward(gift=gift_for(recipient, benefit), now=now)
    other = give_reward(gift=gift_for(recipient, benefit, key="another-key-of-a-form"), now=now)

    assert first.pk == second.pk != other.pk
    assert Reward.objects.count() == 2


@pytest.mark.parametrize("typed", ["ada@example.com", " ADA@Example.com "])
def test_an_address_names_its_customer_however_it_is_written(typed) -> None:
    purchase = make_purchase(make_order(customer=Customer(email="Ada@example.com")))

    assert recipient_at(typed) == Recipient(customer=purchase.customer)


@pytest.mark.parametrize("typed", ["bea@example.com", "ada@example", "ada", ""])
def test_who_has_not_ordered_is_no_recipient(typed) -> None:
    make_purchase(make_order(customer=Customer(email="ada@example.com")))

    with pytest.raises(UnknownRecipient) as refused:
        recipient_at(typed)

    assert refused.value.reason == "not_a_customer"


def test_only_the_whole_number_names_an_order() -> None:
    make_purchase(make_order(number="A-100"))

    for typed in ("A-10", "A-1000", "a-100", ""):
        with pytest.raises(UnknownRecipient) as refused:
            recipient_of_order(typed)
        assert refused.value.reason == "no_such_order"


def test_a_guest_who_registered_is_found_as_the_account(now) -> None:
    guest = make_purchase(make_order(customer=Customer(email="ada@example.com")))
    account = make_purchase(
        make_order(customer=Customer(account_id="7", email="ada@example.com"))
    ).customer

    assert recipient_of_order(guest.order_ref).customer == account
    assert recipient_at("ada@example.com").customer == account


def test_an_empty_pool_gives_nothing(now) -> None:
    recipient = recipient_of_order(make_purchase().order_ref)
    benefit = make_benefit(code_source="pool")

    with pytest.raises(GivingRefused) as refused:
        give_reward(gift=gift_for(recipient, benefit), now=now)

    assert refused.value.reason == "no_codes_left"
    assert Reward.objects.count() == 0


@pytest.mark.parametrize("code_source", ["drawn", "pool"])
def test_a_form_sent_again_with_another_benefit_leaves_the_gift_as_it_was(now, code_source) -> None:
    recipient = Recipient(customer=make_customer())
    gift = give_reward(
        gift=gift_for(recipient, make_benefit(type="gift", gift="A tote bag")), now=now
    )

    again = give_reward(gift=gift_for(recipient, make_benefit(code_source=code_source)), now=now)

    assert again == gift
    assert Reward.objects.get().terms["gift"] == "A tote bag"
    assert not DiscountCode.objects.exists()
