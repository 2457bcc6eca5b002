"""Importing the history at once makes what recording it order by order would make."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_ppx.core.importing import import_batch
from django_ppx.core.models import Customer, CustomerKey, Purchase, PurchaseEntry
from django_ppx.core.recording import record_purchase
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop.types import Customer as Buyer
from django_ppx.shop.types import Order, OrderLine, OrderStatus
from django_ppx.signals import purchase_recorded
from django_ppx.testing import FakeShop, make_order, make_purchase
from tests.racing import run_together

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)

_OF_CUSTOMER = [
    field.attname
    for field in Customer._meta.concrete_fields
    if field.name not in ("id", "merged_into")
]
_OF_PURCHASE = [
    field.attname
    for field in Purchase._meta.concrete_fields
    if field.name not in ("id", "customer")
]
_OF_ENTRY = [
    field.attname
    for field in PurchaseEntry._meta.concrete_fields
    if field.name not in ("id", "purchase", "customer")
]


def described(customer: Customer | None) -> list[Any]:
    """Return all there is of a customer, without primary keys."""
    if customer is None:
        return []
    return [
        [getattr(customer, name) for name in _OF_CUSTOMER],
        sorted(customer.keys.values_list("key", flat=True)),
        sorted(customer.purchases.values_list("order_ref", flat=True)),
        described(customer.merged_into),
    ]


def everything() -> list[Any]:
    """Return all rows that orders leave, comparable between two ways of recording them."""
    purchases = [
        [
            [getattr(purchase, name) for name in _OF_PURCHASE],
            list(purchase.lines.order_by("position").values_list("position", "sku", "title")),
            list(purchase.lines.order_by("position").values_list("quantity", "total_minor")),
            sorted(purchase.entries.values_list(*_OF_ENTRY)),
            described(purchase.customer),
            {entry.customer_id == purchase.customer_id for entry in purchase.entries.all()},
        ]
        for purchase in Purchase.objects.order_by("order_ref")
    ]
    return [purchases, sorted(map(repr, map(described, Customer.objects.all())))]


BUYERS = st.builds(
    Buyer,
    account_id=st.sampled_from(["", "", "1", "2"]),
    email=st.sampled_from(["", "a@example.com", "A@example.com", "b@example.com"]),
    phone=st.sampled_from(["", "+49 30 1234567"]),
    first_name=st.sampled_from(["", "Ada", "Grace"]),
    country=st.sampled_from(["", "DE"]),
    interests=st.sampled_from([(), ("tea",)]),
)
LINES = st.builds(
    OrderLine,
    title=st.sampled_from(["Bowl", "Cup"]),
    quantity=st.sampled_from([Decimal(1), Decimal("0.5")]),
    total=st.sampled_from([Decimal(5), Decimal("9.99")]),
    cost=st.sampled_from([None, Decimal("1.23")]),
)
ORDERS = st.builds(
    Order,
    number=st.integers(min_value=1, max_value=20).map(str),
    placed_at=st.integers(min_value=0, max_value=200).map(
        lambda hours: NOW - timedelta(hours=hours)
    ),
    currency=st.sampled_from(["EUR", "JPY"]),
    total=st.sampled_from([Decimal(0), Decimal(20), Decimal("33.33")]),
    customer=BUYERS,
    status=st.sampled_from([*OrderStatus, OrderStatus.PLACED, OrderStatus.PLACED]),
    shipping=st.sampled_from([Decimal(0), Decimal("4.90")]),
    tax=st.sampled_from([Decimal(0), Decimal("3.19")]),
    base_rate=st.sampled_from([None, Decimal("0.0061")]),
    lines=st.lists(LINES, max_size=2).map(tuple),
    is_test=st.sampled_from([False, False, False, True]),
)


class BothWaysTests(TestCase):
    @settings(max_examples=50, deadline=None)
    @given(
        before=st.lists(ORDERS, max_size=2),
        orders=st.lists(ORDERS, max_size=12),
        size=st.integers(min_value=1, max_value=12),
    )
    def test_at_once_and_one_by_one_make_equal_rows(self, before, orders, size) -> None:
        with transaction.atomic():
            for order in [*before, *orders]:
                record_purchase(order=order, now=NOW)
            one_by_one = everything()
            transaction.set_rollback(True)

        for order in before:
            record_purchase(order=order, now=NOW)
        shop = FakeShop()
        for at in range(0, len(orders), size):
            result = import_batch(orders=orders[at : at + size], shop=shop, now=NOW)
            assert result.unread == []

        assert everything() == one_by_one


@pytest.fixture
def heard() -> Iterator[list[Purchase]]:
    heard: list[Purchase] = []

    def hear(purchase: Purchase, **kwargs: Any) -> None:
        heard.append(purchase)

    purchase_recorded.connect(hear)
    yield heard
    purchase_recorded.disconnect(hear)


@pytest.mark.django_db
def test_history_is_told_to_nobody(heard, django_capture_on_commit_callbacks) -> None:
    guest, account = Buyer(email="ada@example.com"), Buyer(account_id="42")
    both = Buyer(account_id="42", email="ada@example.com")
    orders = [make_order(customer=buyer) for buyer in (guest, account, both)]

    with django_capture_on_commit_callbacks(execute=True):
        result = import_batch(orders=orders, shop=FakeShop(), now=NOW)

    assert result.recorded == 3
    assert heard == []
    assert Customer.objects.filter(merged_into__isnull=False).count() == 1


@pytest.mark.django_db
def test_importing_twice_changes_nothing() -> None:
    orders = [make_order(), make_order(status=OrderStatus.CANCELLED)]
    import_batch(orders=orders, shop=FakeShop(), now=NOW)
    before = everything()

    result = import_batch(orders=orders, shop=FakeShop(), now=NOW + timedelta(days=1))

    assert (result.recorded, result.known) == (0, 2)
    assert everything() == before


@pytest.mark.django_db
def test_a_known_purchase_stays_as_it_is_and_gets_its_missing_entries() -> None:
    order = make_order(number="K-1", tax=Decimal("7.20"), total=Decimal(50))
    make_purchase(order)
    PurchaseEntry.objects.all().delete()

    changed = make_order(number="K-1", tax=Decimal("7.20"), total=Decimal(99))
    result = import_batch(orders=[changed], shop=FakeShop(), now=NOW)

    assert (result.recorded, result.known) == (0, 1)
    assert Purchase.objects.get().total_minor == 5000
    entry = PurchaseEntry.objects.get()
    assert (entry.gross_minor, entry.net_minor, entry.recorded_at) == (5000, 3790, NOW)


@pytest.mark.django_db
def test_what_can_not_be_read_is_named_and_stops_nothing() -> None:
    class PartlyBroken(FakeShop):
        def order(self, order: Any, request: Any = None) -> Order:
            if order.number == "B-2":
                raise KeyError("address")
            return order

    orders = [
        make_order(number="B-1", total=Decimal(-1)),
        make_order(number="B-2"),
        make_order(number="B-3", customer=Buyer(email="ada@example.com")),
        make_order(number="B-4", currency="QQQ"),
    ]

    result = import_batch(orders=orders, shop=PartlyBroken(), now=NOW)

    assert [(unread.number, unread.reason) for unread in result.unread] == [
        ("B-1", "An order's total can't be negative."),
        ("B-2", "KeyError: 'address'"),
        ("B-4", "'QQQ' is no ISO 4217 currency."),
    ]
    assert [purchase.order_ref for purchase in Purchase.objects.all()] == ["B-3"]


@pytest.mark.django_db
def test_numbers_that_differ_in_case_alone_stop_nothing() -> None:
    orders = [make_order(number=number) for number in ("ab1", "AB1", "ab2")]

    result = import_batch(orders=orders, shop=FakeShop(), now=NOW)

    if connection.vendor == "mysql":  # compares without case
        assert [unread.number for unread in result.unread] == ["AB1"]
        assert result.recorded == 2
    else:
        assert result.recorded == 3


@pytest.mark.django_db
def test_a_batch_in_whose_way_something_is_is_recorded_order_by_order(monkeypatch) -> None:
    def refuse(*args: Any) -> None:
        raise InvalidOrder("not all at once")

    monkeypatch.setattr("django_ppx.core.importing._store", refuse)

    result = import_batch(orders=[make_order(), make_order()], shop=FakeShop(), now=NOW)

    assert (result.recorded, result.unread) == (2, [])
    assert PurchaseEntry.objects.count() == 2


@pytest.mark.django_db
def test_where_the_database_returns_no_keys_the_rows_are_the_same(monkeypatch) -> None:
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    order = make_order(customer=Buyer(account_id="42", email="ada@example.com"))

    import_batch(orders=[order], shop=FakeShop(), now=NOW)

    entry = PurchaseEntry.objects.get()
    assert entry.purchase.order_ref == order.number
    assert entry.customer == entry.purchase.customer
    assert set(CustomerKey.objects.values_list("customer", flat=True)) == {entry.customer_id}


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 20])
def test_the_statements_of_a_batch_do_not_depend_on_its_size(count) -> None:
    orders = [make_order() for _number in range(count)]

    with CaptureQueriesContext(connection) as captured:
        import_batch(orders=orders, shop=FakeShop(), now=NOW)

    said = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(said) == 7, said


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_four_imports_of_the_same_history_at_once_are_one() -> None:
    people = [
        Buyer(account_id=str(number % 7), email=f"{number % 9}@example.com") for number in range(40)
    ]
    orders = [
        make_order(number=f"R-{number}", customer=buyer, placed_at=NOW + timedelta(hours=number))
        for number, buyer in enumerate(people)
    ]

    results = run_together(
        lambda number: import_batch(orders=orders, shop=FakeShop(), now=NOW), times=4
    )

    assert sum(result.recorded for result in results) == 40
    assert all(result.recorded + result.known == 40 for result in results)
    assert Purchase.objects.count() == PurchaseEntry.objects.count() == 40
    assert not Customer.objects.filter(merged_into=None, purchases=None).exists()
