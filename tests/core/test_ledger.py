"""What stands in the ledger: the first line, what goes back, and the days of both."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.ledger import note_adjustment, note_chargeback, note_complaint
from django_ppx.core.models import Purchase, PurchaseComplaint, PurchaseEntry
from django_ppx.shop.types import Customer, OrderLine, OrderStatus
from django_ppx.testing import make_purchase

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def amounts(purchase: Purchase) -> list[tuple[str, int, int]]:
    """Return key, gross and net of each entry, in the order of writing."""
    entries = PurchaseEntry.objects.filter(purchase=purchase).order_by("pk")
    return list(entries.values_list("key", "gross_minor", "net_minor"))


def sums(purchase: Purchase) -> tuple[int, ...]:
    """Return what is left of gross, net, base net and base cost."""
    left = PurchaseEntry.objects.filter(purchase=purchase).aggregate(
        gross=Sum("gross_minor"),
        net=Sum("net_minor"),
        base=Sum("base_net_minor"),
        cost=Sum("base_cost_minor"),
    )
    return tuple(left[name] for name in ("gross", "net", "base", "cost"))


def sold(cost: str | None = "8.00", **overrides: Any) -> Purchase:
    """Return a purchase of 50.00 EUR, of which 4.90 are shipping and 7.20 tax: 37.90 net."""
    line = OrderLine(title="Bowl", total=Decimal(45), cost=None if cost is None else Decimal(cost))
    return make_purchase(**{"tax": Decimal("7.20"), "lines": (line,), **overrides})


def test_an_order_brings_in_its_total_and_net_the_goods_alone() -> None:
    purchase = sold()

    entry = PurchaseEntry.objects.get()
    assert (entry.purchase, entry.customer) == (purchase, purchase.customer)
    assert (entry.type, entry.key) == ("purchase", "purchase")
    assert (entry.gross_minor, entry.net_minor, entry.currency) == (5000, 3790, "EUR")
    assert (entry.base_net_minor, entry.base_cost_minor, entry.base_currency) == (3790, 800, "EUR")


@pytest.mark.parametrize(
    ("includes", "net"),
    [((), 3790), (("tax",), 4510), (("shipping",), 4280), (("tax", "shipping"), 5000)],
)
def test_what_the_shop_counts_as_revenue_is_not_taken_off(settings, includes, net) -> None:
    settings.PPX_REVENUE_INCLUDES = includes

    sold()

    assert PurchaseEntry.objects.get().net_minor == net


@pytest.mark.parametrize(
    ("overrides", "net"),
    [
        ({"shipping": Decimal("60.00")}, 0),
        ({"shipping": Decimal("-5.00"), "tax": Decimal(0)}, 5000),
        ({"total": Decimal(0)}, 0),
    ],
    ids=str,
)
def test_net_is_within_zero_and_gross(overrides, net) -> None:
    sold(**overrides)

    assert PurchaseEntry.objects.get().net_minor == net


def test_a_free_order_has_a_line_of_zero_and_is_still_an_order() -> None:
    purchase = sold(total=Decimal(0), shipping=Decimal(0), tax=Decimal(0))

    refund_purchase(purchase=purchase, now=NOW)

    assert amounts(purchase) == [("purchase", 0, 0)]


def test_a_test_order_has_no_lines_whatever_becomes_of_it() -> None:
    purchase = sold(is_test=True)

    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(10))
    cancel_purchase(purchase=purchase, now=NOW)
    note_chargeback(purchase=purchase, amount=None, reference="CB", now=NOW)
    note_adjustment(purchase=purchase, amount=Decimal(1), reference="A", now=NOW)
    note_complaint(purchase=purchase, reference="T-1", at=NOW, now=NOW)

    assert not PurchaseEntry.objects.exists()
    assert not PurchaseComplaint.objects.exists()


def test_the_same_order_twice_has_one_line() -> None:
    purchase = sold(number="L-1")
    sold(number="L-1")

    assert amounts(purchase) == [("purchase", 5000, 3790)]


# Cost


@pytest.mark.parametrize(
    ("lines", "cost"),
    [
        ([("2", "8.00"), ("1", "3.505")], 1150),  # half even: 11.505 is 11.50
        ([("2", "8.00"), ("1", None)], None),
        ([("2", "8.00"), ("0", None)], 800),
        ([("2", "0.00")], 0),
        ([], None),
    ],
    ids=str,
)
def test_the_cost_is_known_when_every_line_with_goods_says_it(lines, cost) -> None:
    make_purchase(
        lines=tuple(
            OrderLine(
                title="Bowl",
                quantity=Decimal(quantity),
                cost=None if each is None else Decimal(each),
            )
            for quantity, each in lines
        )
    )

    assert PurchaseEntry.objects.get().base_cost_minor == cost


# Currencies


def test_yen_are_whole_and_become_cents_at_the_orders_rate(settings) -> None:
    settings.PPX_BASE_CURRENCY = "EUR"
    line = OrderLine(title="Bowl", cost=Decimal(4000))

    purchase = make_purchase(
        currency="JPY",
        total=Decimal(10000),
        shipping=Decimal(500),
        tax=Decimal(910),
        base_rate=Decimal("0.0061"),
        lines=(line,),
    )

    entry = PurchaseEntry.objects.get()
    assert (entry.gross_minor, entry.net_minor, entry.currency) == (10000, 8590, "JPY")
    assert (entry.base_net_minor, entry.base_currency) == (5240, "EUR")  # 52.399 EUR
    assert entry.base_cost_minor == 2440
    cancel_purchase(purchase=purchase, now=NOW)
    assert sums(purchase) == (0, 0, 0, 0)


def test_cents_become_yen_without_minor_units(settings) -> None:
    settings.PPX_BASE_CURRENCY = "JPY"

    make_purchase(total=Decimal("50.00"), shipping=Decimal(0), base_rate=Decimal("163.93"))

    entry = PurchaseEntry.objects.get()
    assert (entry.base_net_minor, entry.base_currency) == (8196, "JPY")  # 8196.5, half even


def test_another_currency_without_a_rate_is_never_converted(settings) -> None:
    settings.PPX_BASE_CURRENCY = "EUR"
    purchase = sold(currency="USD")

    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(10))

    entries = PurchaseEntry.objects.order_by("pk")
    assert [entry.net_minor for entry in entries] == [3790, -758]
    assert [entry.base_net_minor for entry in entries] == [None, None]
    assert [entry.base_cost_minor for entry in entries] == [None, None]
    assert {entry.base_currency for entry in entries} == {"EUR"}


@pytest.mark.parametrize(
    ("base", "shops", "expected"),
    [("CHF", "USD", "CHF"), ("", "USD", "USD"), ("", "", "EUR")],
)
def test_the_base_currency_is_the_shops_else_the_orders(settings, base, shops, expected) -> None:
    settings.PPX_BASE_CURRENCY, settings.PPX_CURRENCY = base, shops

    sold()

    assert PurchaseEntry.objects.get().base_currency == expected


def test_a_refund_uses_the_rate_of_the_order(settings) -> None:
    settings.PPX_BASE_CURRENCY = "EUR"
    purchase = sold(currency="USD", base_rate=Decimal("0.90"))

    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(25))

    entry = PurchaseEntry.objects.get(type="refund")
    assert (entry.gross_minor, entry.net_minor, entry.base_net_minor) == (-2500, -1895, -1705)
    assert sums(purchase) == (2500, 1895, 1706, 720)


# Going back


def test_a_full_refund_takes_back_exactly_the_net_and_leaves_the_cost() -> None:
    purchase = sold()

    refund_purchase(purchase=purchase, now=NOW)

    assert amounts(purchase) == [("purchase", 5000, 3790), ("refund:5000", -5000, -3790)]
    assert sums(purchase) == (0, 0, 0, 800)


def test_parts_of_a_refund_lose_no_cent() -> None:
    purchase = sold(total=Decimal("9.99"), shipping=Decimal("3.33"), tax=Decimal(0))

    for amount in ("3.33", "6.66", "6.66", "9.99"):
        refund_purchase(purchase=purchase, now=NOW, amount=Decimal(amount))

    assert amounts(purchase) == [
        ("purchase", 999, 666),
        ("refund:333", -333, -222),
        ("refund:666", -333, -222),
        ("refund:999", -333, -222),
    ]


def test_cents_of_net_that_do_not_divide_are_not_lost() -> None:
    purchase = sold(total=Decimal("0.10"), shipping=Decimal("0.07"), tax=Decimal(0))

    for cents in range(1, 11):
        refund_purchase(purchase=purchase, now=NOW, amount=Decimal(cents) / 100)

    assert len(amounts(purchase)) == 11
    assert sums(purchase)[:2] == (0, 0)


def test_a_cancellation_takes_back_what_is_left_and_the_cost() -> None:
    purchase = sold()
    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(10))

    cancel_purchase(purchase=purchase, now=NOW)
    cancel_purchase(purchase=purchase, now=NOW)

    assert amounts(purchase) == [
        ("purchase", 5000, 3790),
        ("refund:1000", -1000, -758),
        ("cancellation", -4000, -3032),
    ]
    assert sums(purchase) == (0, 0, 0, 0)


def test_a_refund_after_a_cancellation_adds_nothing() -> None:
    purchase = sold()
    cancel_purchase(purchase=purchase, now=NOW)

    refund_purchase(purchase=purchase, now=NOW)

    assert [key for key, _gross, _net in amounts(purchase)] == ["purchase", "cancellation"]
    assert sums(purchase) == (0, 0, 0, 0)


def test_a_cancellation_of_what_was_refunded_is_still_noted() -> None:
    purchase = sold()
    refund_purchase(purchase=purchase, now=NOW)

    cancel_purchase(purchase=purchase, now=NOW)

    assert amounts(purchase)[-1] == ("cancellation", 0, 0)


@pytest.mark.parametrize(
    ("status", "key", "left"),
    [
        (OrderStatus.REFUNDED, "refund:5000", (0, 0, 0, 800)),
        (OrderStatus.CANCELLED, "cancellation", (0, 0, 0, 0)),
    ],
)
def test_an_order_that_had_ended_before_we_saw_it_has_both_lines(status, key, left) -> None:
    purchase = sold(status=status, now=NOW)

    end = PurchaseEntry.objects.get(key=key)
    assert (end.gross_minor, end.net_minor) == (-5000, -3790)
    assert (end.occurred_at, end.recorded_at) == (purchase.placed_at, NOW)
    assert sums(purchase) == left


def test_a_chargeback_is_noted_once_per_reference_and_takes_no_more_than_is_left() -> None:
    purchase = sold()

    answers = [
        note_chargeback(purchase=purchase, amount=Decimal(amount), reference=name, now=NOW)
        for amount, name in (("20.00", "CB-1"), ("20.00", "CB-1"), ("40.00", "CB-2"))
    ]

    assert answers == [True, False, True]
    assert amounts(purchase)[1:] == [
        ("chargeback:CB-1", -2000, -1516),
        ("chargeback:CB-2", -3000, -2274),
    ]


def test_a_chargeback_without_an_amount_takes_all_that_is_left() -> None:
    purchase = sold()
    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(10))

    note_chargeback(purchase=purchase, amount=None, reference="", now=NOW)

    assert amounts(purchase)[-1] == ("chargeback", -4000, -3032)


def test_an_adjustment_is_signed_and_noted_once() -> None:
    purchase = sold()

    answers = [
        note_adjustment(purchase=purchase, amount=Decimal(amount), reference=name, now=NOW)
        for amount, name in (("5.00", "up"), ("-10.00", "down"), ("-10.00", "down"))
    ]

    assert answers == [True, True, False]
    assert amounts(purchase)[1:] == [("adjustment:up", 500, 379), ("adjustment:down", -1000, -758)]


def test_an_adjustment_never_leaves_less_than_nothing() -> None:
    purchase = sold()

    note_adjustment(purchase=purchase, amount=Decimal(-80), reference="too much", now=NOW)

    assert sums(purchase)[:2] == (0, 0)


def test_an_adjustment_of_a_free_order_is_net_as_it_stands() -> None:
    purchase = sold(total=Decimal(0), shipping=Decimal(0), tax=Decimal(0))

    note_adjustment(purchase=purchase, amount=Decimal(5), reference="paid later", now=NOW)

    assert sums(purchase)[:3] == (500, 500, 500)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity"])
def test_a_chargeback_that_is_no_amount_is_refused(amount: str) -> None:
    purchase = sold()

    with pytest.raises(ValueError, match="zero or more"):
        note_chargeback(purchase=purchase, amount=Decimal(amount), reference="x", now=NOW)

    assert len(amounts(purchase)) == 1


@pytest.mark.parametrize(("amount", "name"), [("NaN", "x"), ("1", ""), ("1", " ")])
def test_an_adjustment_without_an_amount_or_a_reference_is_refused(amount, name) -> None:
    purchase = sold()

    with pytest.raises(ValueError, match="adjustment"):
        note_adjustment(purchase=purchase, amount=Decimal(amount), reference=name, now=NOW)

    assert len(amounts(purchase)) == 1


def test_a_complaint_is_noted_once_per_reference() -> None:
    purchase = sold()
    heard_at = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)

    answers = [
        note_complaint(purchase=purchase, reference=name, at=heard_at, now=NOW)
        for name in ("T-1", "T-1", "T-2")
    ]

    assert answers == [True, False, True]
    complaint = PurchaseComplaint.objects.get(reference="T-1")
    assert complaint.customer == purchase.customer
    assert (complaint.occurred_at, complaint.recorded_at) == (heard_at, NOW)
    assert (complaint.day_no, complaint.recorded_day_no) == (20521, 20521)  # 9 March, in Berlin


def test_a_purchase_from_before_the_ledger_gets_its_lines_with_the_next_fact() -> None:
    purchase = sold()
    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(10))
    PurchaseEntry.objects.all().delete()

    refund_purchase(purchase=purchase, now=NOW, amount=Decimal(30))

    assert amounts(purchase) == [  # the tax was never kept
        ("purchase", 5000, 4510),
        ("refund:1000", -1000, -902),
        ("refund:3000", -2000, -1804),
    ]


# Days


def test_entries_of_one_day_share_its_number() -> None:
    purchase = sold()

    refund_purchase(purchase=purchase, now=purchase.placed_at + timedelta(hours=3))

    assert set(PurchaseEntry.objects.values_list("day_no", "order_day_no", "recorded_day_no")) == {
        (20514, 20514, 20514)
    }


def test_a_refund_after_the_dashboards_day_was_not_known_on_it() -> None:
    purchase = sold(number="L-7")

    refund_purchase(purchase=purchase, now=NOW)

    entries = PurchaseEntry.objects.filter(purchase=purchase)
    assert [entry.key for entry in entries.known_on(20513)] == []
    assert [entry.key for entry in entries.known_on(20520)] == ["purchase"]
    assert entries.known_on(20521).count() == 2
    assert entries.of_orders_in(20514, 20515).count() == 2
    assert [entry.key for entry in entries.happened_in(20521, 20522)] == ["refund:5000"]
    assert not entries.happened_in(20515, 20521).exists()


def test_a_cancelled_first_order_can_be_told_from_a_refunded_one() -> None:
    ada = Customer(email="ada@example.com")
    cancelled, refunded = sold(customer=ada), sold(customer=ada)
    cancel_purchase(purchase=cancelled, now=NOW)
    refund_purchase(purchase=refunded, now=NOW)

    ended = PurchaseEntry.objects.filter(type="cancellation")

    assert [entry.purchase for entry in ended] == [cancelled]


@pytest.mark.parametrize(
    ("placed_at", "zone", "day"),
    [
        ("2026-03-02T22:59:59.999999+00:00", "Europe/Berlin", date(2026, 3, 2)),
        ("2026-03-02T23:00:00+00:00", "Europe/Berlin", date(2026, 3, 3)),
        ("2026-03-02T23:00:00+00:00", "UTC", date(2026, 3, 2)),
        ("2026-01-01T04:59:00+00:00", "America/New_York", date(2025, 12, 31)),
        # 29 March has 23 hours in Berlin, 25 October has 25
        ("2026-03-28T23:00:00+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", "Europe/Berlin", date(2026, 3, 30)),
        ("2026-10-24T22:00:00+00:00", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-10-25T22:59:59+00:00", "Europe/Berlin", date(2026, 10, 25)),
        # 6 September 2026 begins at 1 o'clock in Santiago
        ("2026-09-06T03:59:59+00:00", "America/Santiago", date(2026, 9, 5)),
        ("2026-09-06T04:00:00+00:00", "America/Santiago", date(2026, 9, 6)),
    ],
)
def test_the_day_of_an_order_is_the_shops(settings, placed_at, zone, day) -> None:
    settings.PPX_TIME_ZONE = zone

    sold(placed_at=datetime.fromisoformat(placed_at))

    entry = PurchaseEntry.objects.get()
    assert entry.local_date == day
    assert entry.day_no == entry.order_day_no == (day - date(1970, 1, 1)).days
    assert entry.month_no == 12 * day.year + day.month - 1


# One customer


def test_a_guests_lines_and_complaints_move_to_the_account() -> None:
    guest = sold(customer=Customer(email="ada@example.com"))
    note_complaint(purchase=guest, reference="T-1", at=NOW, now=NOW)
    account = sold(customer=Customer(account_id="42")).customer

    sold(customer=Customer(account_id="42", email="ada@example.com"))

    assert set(PurchaseEntry.objects.values_list("customer", flat=True)) == {account.pk}
    assert PurchaseEntry.objects.count() == 3
    assert PurchaseComplaint.objects.get().customer == account


@pytest.mark.parametrize(
    ("first", "second", "people"),
    [
        ("zoe\u0301@example.com", "zo\u00e9@example.com", 1),  # NFD and NFC
        ("ada@b\u00fccher.example", "ADA@xn--bcher-kva.example", 1),  # IDN
        ("ada+shop@example.com", "ada@example.com", 2),  # a plus-tag is another person
    ],
)
def test_lines_of_one_address_are_one_persons(first, second, people) -> None:
    sold(customer=Customer(email=first))

    sold(customer=Customer(email=second))

    assert PurchaseEntry.objects.values("customer").distinct().count() == people


def test_a_refund_of_a_merged_guests_order_is_the_accounts() -> None:
    stale = sold(customer=Customer(email="ada@example.com"))
    sold(customer=Customer(account_id="42"))
    account = sold(customer=Customer(account_id="42", email="ada@example.com")).customer

    refund_purchase(purchase=stale, now=NOW)

    assert PurchaseEntry.objects.get(type="refund").customer == account
