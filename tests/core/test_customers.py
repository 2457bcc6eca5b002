from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import models

from django_ppx.core.customers import merge_customers
from django_ppx.core.models import Customer, CustomerKey, Purchase
from django_ppx.core.recording import PurchaseRecord, record_purchase
from django_ppx.shop import types
from django_ppx.testing import (
    make_benefit,
    make_customer,
    make_order,
    make_purchase,
    make_reward,
)

NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def buy(placed_at: datetime = NOW, **customer: object) -> PurchaseRecord:
    order = make_order(customer=types.Customer(**customer), placed_at=placed_at)
    return record_purchase(order=order, now=NOW)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "ada@example.com"}, {"email": " ADA@Example.com"}),
        ({"email": "ada@BÜCHER.example"}, {"email": "ada@xn--bcher-kva.example"}),
        ({"account_id": "42"}, {"account_id": "42", "email": "ada@example.com"}),
        ({"account_id": "42", "email": "ada@example.com"}, {"email": "ada@example.com"}),
        ({"account_id": "42", "email": "ada@example.com"}, {"account_id": "42"}),
        ({"account_id": "42", "email": "a@example.com"}, {"account_id": "42", "email": "b@x.test"}),
        ({"phone": "+49 30 1234567"}, {"phone": "030 1234567", "country": "DE"}),
    ],
    ids=str,
)
def test_these_are_one_person(first: dict[str, str], second: dict[str, str]) -> None:
    earlier = buy(**first)

    later = buy(**second)

    assert later.purchase.customer == earlier.purchase.customer
    assert later.customer_orders == 2
    assert not later.is_new_customer
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "ada@example.com"}, {"email": "ada+shop@example.com"}),
        ({"email": "ada@example.com"}, {"email": "a.da@example.com"}),
        ({"account_id": "42", "email": "a@example.com"}, {"account_id": "43"}),
        ({"account_id": "Ab"}, {"account_id": "ab"}),
        ({}, {}),
        (
            {"email": "ada@example.com", "phone": "+49301234567"},
            {"email": "bob@example.com", "phone": "+49301234567"},
        ),
    ],
    ids=str,
)
def test_these_are_two_people(first: dict[str, str], second: dict[str, str]) -> None:
    earlier = buy(**first)

    later = buy(**second)

    assert later.purchase.customer != earlier.purchase.customer
    assert later.customer_orders == 1


def test_a_guest_who_registers_is_the_same_customer() -> None:
    guest = buy(email="ada@example.com").purchase.customer

    record = buy(account_id="42", email="ada@example.com")

    assert record.purchase.customer == guest
    assert record.purchase.customer.account_id == "42"
    assert record.customer_orders == 2
    assert {key.key.split(":")[0] for key in CustomerKey.objects.all()} == {"account", "email"}


def test_a_guests_orders_move_to_the_account_that_claims_the_address() -> None:
    guest = buy(email="ada@example.com").purchase.customer
    account = buy(account_id="42").purchase.customer

    record = buy(account_id="42", email="ada@example.com")

    guest.refresh_from_db()
    assert record.purchase.customer == account
    assert record.customer_orders == 3
    assert guest.merged_into == account
    assert set(Purchase.objects.values_list("customer", flat=True)) == {account.pk}
    assert set(CustomerKey.objects.values_list("customer", flat=True)) == {account.pk}


def test_an_address_of_another_account_stays_there() -> None:
    owner = buy(account_id="42", email="ada@example.com").purchase.customer

    record = buy(account_id="43", email="ada@example.com")

    assert record.purchase.customer != owner
    assert record.purchase.customer.account_id == "43"
    assert record.purchase.customer.email == "ada@example.com"
    assert CustomerKey.objects.get(key__startswith="email:").customer == owner
    owner.refresh_from_db()
    assert owner.merged_into is None


def test_two_known_accounts_are_never_merged() -> None:
    ada = buy(account_id="42", email="ada@example.com").purchase.customer
    bob = buy(account_id="43", email="bob@example.com").purchase.customer

    record = buy(account_id="43", email="ada@example.com")

    assert record.purchase.customer == bob
    ada.refresh_from_db()
    assert ada.merged_into is None


def test_a_newer_order_brings_details_up_to_date() -> None:
    buy(email="ada@example.com", first_name="Ada", country="DE")

    customer = buy(
        placed_at=NOW + timedelta(days=1), email="ada@example.com", first_name="", country="FR"
    ).purchase.customer

    customer.refresh_from_db()
    assert (customer.first_name, customer.country) == ("Ada", "FR")


def test_an_older_order_only_fills_gaps() -> None:
    buy(email="ada@example.com", country="DE")

    customer = buy(
        placed_at=NOW - timedelta(days=400), email="ada@example.com", first_name="Ada", country="FR"
    ).purchase.customer

    customer.refresh_from_db()
    assert (customer.first_name, customer.country) == ("Ada", "DE")


def test_the_address_is_kept_as_written() -> None:
    customer = buy(email=" Ada+Shop@Example.com ").purchase.customer

    assert customer.email == "Ada+Shop@Example.com"


def test_a_merge_moves_every_table_that_names_the_customer() -> None:
    guest, account = make_customer(), make_customer(account_id="42", first_name="")
    purchase = make_purchase()
    Purchase.objects.update(customer=guest)
    older_guest = make_customer(merged_into=guest)

    merge_customers(guest=guest, into=account)
    merge_customers(guest=guest, into=account)

    purchase.refresh_from_db()
    older_guest.refresh_from_db()
    account.refresh_from_db()
    assert purchase.customer == account
    assert older_guest.merged_into == account
    assert account.first_name == "Ada"
    assert guest.merged_into == account


def test_every_foreign_key_to_a_customer_is_one_that_a_merge_moves() -> None:
    relations = {
        (relation.related_model.__name__, relation.field.name)
        for relation in Customer._meta.related_objects
    }
    foreign_keys = {
        (model.__name__, field.name)
        for model in Customer._meta.apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Customer
    }

    assert relations == foreign_keys
    assert {("Purchase", "customer"), ("DiscountCode", "customer")} <= relations


def test_a_merge_leaves_with_the_guest_what_both_have_for_the_same_reason() -> None:
    benefit, guest, account = make_benefit(), make_customer(), make_customer(account_id="42")
    kept = make_reward(benefit, customer=account, reason_key="welcome")
    doubled = make_reward(benefit, customer=guest, reason_key="welcome")
    moved = make_reward(benefit, customer=guest, reason_key="survey")

    merge_customers(guest=guest, into=account)

    for reward in (kept, doubled, moved):
        reward.refresh_from_db()
    assert (kept.customer, doubled.customer, moved.customer) == (account, guest, account)
    assert guest.merged_into == account


def test_an_order_is_recorded_though_guest_and_account_have_the_same_reward() -> None:
    benefit = make_benefit()
    guest = buy(email="ada@example.com").purchase.customer
    account = buy(account_id="42").purchase.customer
    for customer in (guest, account):
        make_reward(benefit, customer=customer, reason_key="welcome")

    record = buy(account_id="42", email="ada@example.com")

    assert record.purchase.customer == account
    guest.refresh_from_db()
    assert guest.merged_into == account
