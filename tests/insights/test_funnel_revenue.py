"""What the orders that used an offer's codes brought in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from django_ppx.insights.funnel_reading import read_funnel
from django_ppx.testing import make_offer, make_variant
from tests.insights.funnel_rows import MARCH, act, at, enter, give_code, make_discount, show, use

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def utc(settings: Any) -> None:
    settings.PPX_TIME_ZONE = "UTC"


def test_revenue_is_net_per_customer_who_was_shown_the_offer() -> None:
    offer = make_discount()
    first, second = show(offer, at(3, 2)), show(offer, at(3, 2))
    enter(use(first, at(3, 5)), 4000, at(3, 5))
    enter(use(second, at(3, 5)), 2000, at(3, 5))
    show(offer, at(3, 2))
    show(offer, at(3, 2))

    [revenue] = read_funnel(offer=offer, period=MARCH).total.revenue

    assert (revenue.currency, revenue.so_far_minor) == ("EUR", 6000)
    assert (revenue.closed.customers, revenue.closed.total, revenue.closed.squares) == (
        4,
        6000,
        20_000_000,
    )
    assert revenue.mean_minor == 1500
    # s² = (4 · 20,000,000 − 6,000²) / 12 = 3,666,666.7; 1.95996 · √(s² / 4) = 1876.5
    assert revenue.interval is not None
    assert round(revenue.interval.high - 1500, 1) == 1876.5


def test_refunds_count_from_the_day_on_which_they_are_known() -> None:
    offer = make_discount()
    order = use(show(offer, at(3, 2)), at(3, 5))
    enter(order, 4000, at(3, 5))
    enter(order, -1500, at(4, 20))

    early = read_funnel(offer=offer, period=replace(MARCH, as_of=date(2026, 4, 19)))
    late = read_funnel(offer=offer, period=replace(MARCH, as_of=date(2026, 4, 20)))

    assert early.total.revenue[0].so_far_minor == 4000
    assert late.total.revenue[0].so_far_minor == 2500


def test_several_orders_with_one_code_add_up_to_one_customer() -> None:
    offer = make_discount()
    shown = show(offer, at(3, 2))
    give_code(shown, max_uses=2)
    enter(use(shown, at(3, 5)), 1000, at(3, 5))
    enter(use(shown, at(3, 7)), 2000, at(3, 7))

    total = read_funnel(offer=offer, period=MARCH).total

    assert (total.orders, total.revenue[0].closed.squares) == (2, 9_000_000)


def test_an_order_without_a_rate_stands_in_its_own_currency() -> None:
    offer = make_discount()
    dollars = use(show(offer, at(3, 2)), at(3, 5), currency="USD")
    enter(dollars, 4000, at(3, 5), base_net_minor=3500)
    enter(dollars, -1000, at(3, 6), base_net_minor=None)
    francs = use(show(offer, at(3, 2)), at(3, 5), currency="CHF")
    enter(francs, 5000, at(3, 5), base_net_minor=5200)

    total = read_funnel(offer=offer, period=MARCH).total

    assert [(revenue.currency, revenue.so_far_minor) for revenue in total.revenue] == [
        ("EUR", 5200),
        ("USD", 3000),
    ]


def test_orders_that_the_ledger_does_not_know_are_counted_as_unknown() -> None:
    offer = make_discount()
    enter(use(show(offer, at(3, 2)), at(3, 5)), 4000, at(3, 5))
    use(show(offer, at(3, 2)), at(3, 5))

    total = read_funnel(offer=offer, period=MARCH).total

    assert (total.orders, total.unknown_orders) == (2, 1)


def test_revenue_of_customers_whose_days_are_not_over_is_not_in_the_mean() -> None:
    offer = make_discount()
    enter(use(show(offer, at(3, 1)), at(3, 5)), 4000, at(3, 5))
    enter(use(show(offer, at(3, 2)), at(3, 5)), 2000, at(3, 5))

    period = replace(MARCH, as_of=date(2026, 3, 31))
    [revenue] = read_funnel(offer=offer, period=period).total.revenue

    assert revenue.so_far_minor == 6000
    assert (revenue.closed.customers, revenue.mean_minor, revenue.interval) == (1, 4000, None)


def test_orders_that_did_not_use_the_code_and_uses_too_late_bring_nothing() -> None:
    offer = make_discount()
    shown = show(offer, at(3, 2))
    act(shown, "copy", at(3, 2))
    enter(shown.purchase, 9000, at(3, 2))
    enter(use(shown, at(4, 2)), 4000, at(4, 2))

    total = read_funnel(offer=offer, period=MARCH).total

    assert (total.revenue, total.orders) == ((), 0)


def test_revenue_stands_with_the_variant_that_gave_the_code() -> None:
    offer = make_discount()
    second = make_variant(offer, label="B")
    show(offer, at(3, 2))
    enter(use(show(offer, at(3, 2), variant=second), at(3, 5)), 4000, at(3, 5))

    a, b = read_funnel(offer=offer, period=MARCH).variants

    assert (a.funnel.revenue[0].mean_minor, a.funnel.revenue[0].so_far_minor) == (0, 0)
    assert b.funnel.revenue[0].mean_minor == 4000


def test_where_nobody_ordered_the_mean_is_zero_and_has_no_interval() -> None:
    offer = make_discount()
    second = make_variant(offer, label="B")
    show(offer, at(3, 2))
    show(offer, at(3, 2))
    enter(use(show(offer, at(3, 2), variant=second), at(3, 5)), 4000, at(3, 5))

    [revenue] = read_funnel(offer=offer, period=MARCH).variants[0].funnel.revenue

    assert (revenue.closed.customers, revenue.mean_minor, revenue.interval) == (2, 0, None)


def test_a_kind_without_codes_has_no_revenue() -> None:
    offer = make_offer()
    enter(use(show(offer, at(3, 2)), at(3, 5)), 4000, at(3, 5))

    total = read_funnel(offer=offer, period=MARCH).total

    assert (total.revenue, total.orders) == ((), 0)
