from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.core.models import Customer, CustomerKey, Purchase, PurchaseLine
from django_ppx.core.recording import LineRecord, load_purchase, record_purchase
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop import types
from django_ppx.signals import purchase_recorded
from django_ppx.testing import make_order

NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def statements(context: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in context if "SAVEPOINT" not in query["sql"]]


def test_an_order_becomes_a_purchase_with_everything_it_said() -> None:
    order = make_order(
        number="T-1",
        discount_total=Decimal("5.00"),
        discount_codes=("SPRING",),
        campaign=types.Campaign(
            source="newsletter", medium="email", name="spring", term="bowls", content="top"
        ),
    )

    record = record_purchase(order=order, now=NOW)

    purchase = Purchase.objects.get()
    assert record.is_new
    assert record.is_new_customer
    assert purchase == record.purchase
    assert purchase.order_ref == "T-1"
    assert purchase.status == Purchase.Status.PLACED
    assert purchase.placed_at == order.placed_at
    assert purchase.recorded_at == NOW
    assert purchase.total_minor == 5000
    assert purchase.total.amount == Decimal("50.00")
    assert purchase.discount_minor == 500
    assert purchase.shipping_minor == 490
    assert purchase.refunded_minor == 0
    assert purchase.discount_codes == ["SPRING"]
    assert (purchase.language, purchase.country, purchase.currency) == ("en", "DE", "EUR")
    assert purchase.utm_source == "newsletter"
    assert purchase.utm_campaign == "spring"
    assert purchase.customer.email == order.customer.email
    assert purchase.customer.is_guest


def test_lines_keep_their_order_and_fractions() -> None:
    lines = (
        types.OrderLine(title="Flour", quantity=Decimal("0.5"), unit_price=Decimal(3)),
        types.OrderLine(title="Bowl", sku="B-1", total=Decimal("22.55")),
    )

    record = record_purchase(order=make_order(lines=lines), now=NOW)

    assert [line.title for line in record.lines] == ["Flour", "Bowl"]
    assert record.lines[0].quantity == Decimal("0.5")
    assert record.lines[0].unit_price_minor == 300
    assert record.lines[1].total_minor == 2255
    assert list(PurchaseLine.objects.order_by("position").values_list("position", "sku")) == [
        (0, ""),
        (1, "B-1"),
    ]


def test_the_same_order_again_is_the_same_purchase() -> None:
    order = make_order()
    first = record_purchase(order=order, now=NOW)

    second = record_purchase(order=order, now=NOW + timedelta(hours=1))

    assert second.purchase == first.purchase
    assert not second.is_new
    assert not second.is_new_customer
    assert second.lines == first.lines
    assert (Purchase.objects.count(), Customer.objects.count()) == (1, 1)


def test_the_snapshot_stays_as_first_recorded() -> None:
    order = make_order(total=Decimal(50))
    record_purchase(order=order, now=NOW)

    again = record_purchase(
        order=replace(order, total=Decimal(10), customer=types.Customer(email="b@example.com")),
        now=NOW,
    )

    assert again.purchase.total_minor == 5000
    assert not Customer.objects.filter(email="b@example.com").exists()


def test_what_is_loaded_is_what_was_recorded(django_assert_num_queries) -> None:
    recorded = record_purchase(order=make_order(), now=NOW)

    with django_assert_num_queries(1):
        loaded = load_purchase(order_ref=recorded.purchase.order_ref)
        assert loaded is not None
        assert loaded.purchase.customer.email == recorded.purchase.customer.email

    assert loaded.purchase == recorded.purchase
    assert loaded.lines == recorded.lines
    assert loaded.customer_orders == 1
    assert not loaded.is_new


def test_one_query_loads_however_many_lines(django_assert_num_queries) -> None:
    lines = tuple(types.OrderLine(title=f"Bowl {number}") for number in range(30))
    record_purchase(order=make_order(number="T-30", lines=lines), now=NOW)

    with django_assert_num_queries(1):
        loaded = load_purchase(order_ref="T-30")

    assert loaded is not None
    assert [line.title for line in loaded.lines] == [f"Bowl {number}" for number in range(30)]


def test_an_order_without_lines_loads_without_lines() -> None:
    record_purchase(order=make_order(number="T-0", lines=()), now=NOW)

    loaded = load_purchase(order_ref="T-0")

    assert loaded is not None
    assert loaded.lines == ()


def test_an_unknown_order_is_none() -> None:
    assert load_purchase(order_ref="T-404") is None


def test_a_new_customer_takes_six_statements() -> None:
    order = make_order()

    with CaptureQueriesContext(connection) as context:
        record_purchase(order=order, now=NOW)

    assert len(statements(context)) == 6


def test_a_known_customer_takes_four_statements() -> None:
    order = make_order()
    record_purchase(order=order, now=NOW)

    with CaptureQueriesContext(connection) as context:
        record_purchase(order=replace(order, number="T-next"), now=NOW)

    assert len(statements(context)) == 4


def test_orders_of_a_customer_are_counted_with_this_one() -> None:
    customer = types.Customer(email="ada@example.com")
    counts = [
        record_purchase(order=make_order(customer=customer), now=NOW).customer_orders
        for _time in range(3)
    ]

    assert counts == [1, 2, 3]


def test_cancelled_and_test_orders_do_not_count() -> None:
    customer = types.Customer(email="ada@example.com")
    record_purchase(
        order=make_order(customer=customer, status=types.OrderStatus.CANCELLED), now=NOW
    )
    trial = record_purchase(order=make_order(customer=customer, is_test=True), now=NOW)

    record = record_purchase(order=make_order(customer=customer), now=NOW)

    assert trial.customer_orders == 0
    assert record.customer_orders == 1
    loaded = load_purchase(order_ref=record.purchase.order_ref)
    assert loaded is not None
    assert loaded.customer_orders == 1


@pytest.mark.parametrize(
    ("status", "stored"),
    [
        (types.OrderStatus.PLACED, "placed"),
        (types.OrderStatus.PAID, "placed"),
        (types.OrderStatus.SHIPPED, "placed"),
        (types.OrderStatus.DELIVERED, "placed"),
        (types.OrderStatus.CANCELLED, "cancelled"),
        (types.OrderStatus.REFUNDED, "refunded"),
    ],
)
def test_the_status_is_what_counts_for_rewards(status: types.OrderStatus, stored: str) -> None:
    purchase = record_purchase(order=make_order(status=status), now=NOW).purchase

    assert purchase.status == stored
    assert (purchase.cancelled_at is not None) == (stored == "cancelled")
    assert purchase.refunded_minor == (5000 if stored == "refunded" else 0)


@pytest.mark.parametrize(
    "overrides",
    [
        {"number": ""},
        {"number": " "},
        {"number": "x" * 101},
        {"placed_at": None},
        {"total": None},
        {"total": "much"},
        {"lines": (types.OrderLine(title="Bowl", quantity=None),)},
        {"placed_at": datetime(2026, 3, 2)},  # noqa: DTZ001 - naive on purpose
        {"currency": ""},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"currency": "QQQ"},
        {"total": Decimal("-0.01")},
        {"total": Decimal("NaN")},
        {"total": Decimal("Infinity")},
        {"total": Decimal("1e40")},
        {"total": Decimal("1e17")},
        {"placed_at": datetime.max.replace(tzinfo=UTC)},
        {"shipping": Decimal("sNaN")},
        {"tax": "some"},
        {"tax": Decimal("1e30")},
        {"base_rate": Decimal(0)},
        {"base_rate": Decimal(-1)},
        {"base_rate": Decimal("NaN")},
        {"currency": "JPY", "base_rate": Decimal("1e40")},
        {"currency": "JPY", "base_rate": Decimal("1e17")},
        {"lines": (types.OrderLine(title="Bowl", cost="cheap"),)},
        {"lines": (types.OrderLine(title="Bowl", cost=Decimal("1e30")),)},
        {"lines": (types.OrderLine(title="Bowl", total=Decimal("1e30")),)},
        {"lines": (types.OrderLine(title="Bowl", quantity=Decimal("1e10")),)},
        {"lines": (types.OrderLine(title="Bowl", quantity=Decimal("NaN")),)},
    ],
    ids=str,
)
def test_an_order_that_cannot_be_stored_is_refused_and_leaves_nothing(
    settings,
    overrides: dict[str, Any],
) -> None:
    settings.PPX_BASE_CURRENCY = "EUR"

    with pytest.raises(InvalidOrder):
        record_purchase(order=make_order(**overrides), now=NOW)

    assert not Purchase.objects.exists()
    assert not Customer.objects.exists()


def test_an_order_of_zero_and_without_anybody_is_an_order() -> None:
    order = make_order(total=Decimal(0), shipping=Decimal(0), customer=types.Customer(), lines=())

    record = record_purchase(order=order, now=NOW)

    assert record.purchase.total_minor == 0
    assert not CustomerKey.objects.exists()


def test_yen_have_no_minor_units() -> None:
    record = record_purchase(order=make_order(currency="JPY", total=Decimal(5000)), now=NOW)

    assert record.purchase.total_minor == 5000


def test_text_that_no_database_takes_is_cleaned() -> None:
    order = make_order(
        customer=types.Customer(email="ada\x00@example.com", first_name="A\ud800da" + "x" * 200),
        lines=(types.OrderLine(title="Bo\x00wl" + "x" * 400),),
    )

    record = record_purchase(order=order, now=NOW)

    assert record.purchase.customer.email == "ada@example.com"
    assert len(record.purchase.customer.first_name) == 150
    assert len(record.lines[0].title) == 300


def test_what_a_loosely_written_adapter_gives_is_taken() -> None:
    order = make_order(
        number=1007,
        total=19.9,
        shipping="4.90",
        customer=types.Customer(
            email="ada@example.com", phone=None, first_name=None, interests=None
        ),
        discount_codes=None,
        lines=(types.OrderLine(title="Bowl", sku=None, quantity=2, unit_price=9.95, total=19.9),),
    )

    record = record_purchase(order=order, now=NOW)

    loaded = load_purchase(order_ref=" 1007 ")
    assert loaded is not None
    assert loaded.purchase == record.purchase
    assert record.purchase.total_minor == 1990
    assert record.purchase.shipping_minor == 490
    assert record.lines[0].quantity == Decimal(2)
    assert record.purchase.customer.phone == ""
    assert loaded.lines == record.lines


def test_an_order_without_lines_at_all_is_an_order() -> None:
    assert record_purchase(order=make_order(lines=None), now=NOW).lines == ()


def test_a_number_that_differs_only_in_case_is_never_the_same_order() -> None:
    record_purchase(order=make_order(number="ab1"), now=NOW)

    try:
        record = record_purchase(order=make_order(number="AB1"), now=NOW)
    except InvalidOrder:  # MariaDB and MySQL compare without case
        assert connection.vendor == "mysql"
        assert load_purchase(order_ref="AB1") is None
    else:
        assert record.purchase.order_ref == "AB1"
        assert record.is_new


def test_the_signal_is_sent_once_after_commit(django_capture_on_commit_callbacks) -> None:
    received: list[Purchase] = []

    def receiver(sender: type[Purchase], purchase: Purchase, **kwargs: Any) -> None:
        received.append(purchase)

    purchase_recorded.connect(receiver)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            record = record_purchase(order=make_order(number="T-9"), now=NOW)
            record_purchase(order=make_order(number="T-9"), now=NOW)
            assert received == []
    finally:
        purchase_recorded.disconnect(receiver)

    assert received == [record.purchase]


def test_a_line_record_holds_minor_units() -> None:
    record = record_purchase(order=make_order(), now=NOW)

    assert record.lines == (
        LineRecord(
            sku="BOWL-1",
            title="Bowl",
            category_path="Kitchen/Bowls",
            quantity=Decimal("2.0000"),
            unit_price_minor=2255,
            total_minor=4510,
            product_url="/products/bowl/",
            image_url="",
        ),
    )
