"""Two workers at once: what is true afterwards. The control shows that the race is real."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from django_ppx.core.following import cancel_purchase
from django_ppx.core.models import Customer, CustomerKey, Purchase
from django_ppx.core.recording import record_purchase
from django_ppx.shop import types
from django_ppx.testing import make_order, make_purchase
from tests.racing import run_together

NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)
ADA = types.Customer(account_id="42", email="ada@example.com")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_one_order_told_by_eight_workers_is_one_purchase() -> None:
    order = make_order(customer=ADA)

    records = run_together(lambda number: record_purchase(order=order, now=NOW))

    assert len({record.purchase.pk for record in records}) == 1
    assert sum(record.is_new for record in records) == 1
    assert all(record.lines == records[0].lines for record in records)
    assert (Purchase.objects.count(), Customer.objects.count()) == (1, 1)


def test_in_transactions_of_the_host_it_is_one_purchase_too() -> None:
    order = make_order(customer=ADA)

    def visit(number: int) -> bool:
        with transaction.atomic():
            Group.objects.create(name=f"host {number}")
            record = record_purchase(order=order, now=NOW)
            Group.objects.create(name=f"host {number} again")
        return record.is_new

    results = run_together(visit)

    assert sorted(results) == [False] * 7 + [True]
    assert (Purchase.objects.count(), Customer.objects.count()) == (1, 1)
    assert Group.objects.count() == 16


def test_eight_first_orders_of_one_person_are_one_customer() -> None:
    orders = [make_order(customer=ADA) for _number in range(8)]

    records = run_together(lambda number: record_purchase(order=orders[number], now=NOW))

    assert len({record.purchase.customer_id for record in records}) == 1
    assert all(record.is_new for record in records)
    assert (Purchase.objects.count(), Customer.objects.count()) == (8, 1)
    assert CustomerKey.objects.count() == 2


def test_a_guest_is_merged_once_by_eight_workers() -> None:
    guest = make_purchase(customer=types.Customer(email="ada@example.com")).customer
    account = make_purchase(customer=types.Customer(account_id="42")).customer
    orders = [make_order(customer=ADA) for _number in range(8)]

    run_together(lambda number: record_purchase(order=orders[number], now=NOW))

    guest.refresh_from_db()
    assert guest.merged_into == account
    assert set(Purchase.objects.values_list("customer", flat=True)) == {account.pk}
    assert Purchase.objects.count() == 10


def test_one_of_eight_workers_cancels() -> None:
    purchase = make_purchase()

    results = run_together(
        lambda number: cancel_purchase(purchase=Purchase.objects.get(pk=purchase.pk), now=NOW)
    )

    assert sorted(results) == [False] * 7 + [True]


def test_control_checking_before_writing_makes_several_customers() -> None:
    checked = Barrier(8, timeout=20)

    def naive(number: int) -> None:
        known = Customer.objects.filter(account_id="42").exists()
        checked.wait()
        if not known:
            Customer.objects.create(account_id="42", created_at=NOW)

    run_together(naive)

    assert Customer.objects.filter(account_id="42").count() == 8
