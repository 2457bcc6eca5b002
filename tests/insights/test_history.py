"""The shop's own history, counted by hand on small ledgers. The last complete day is 9 March 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from django_ppx.events.models import OfferEvent
from django_ppx.experiments.models import Metric
from django_ppx.experiments.samples import Arm
from django_ppx.insights.history import (
    MoneyFacts,
    Traffic,
    read_history,
    read_money_facts,
    read_traffic,
)
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption
from django_ppx.testing import make_benefit, make_code, make_customer, make_offer
from tests.insights.ledger import NOW, bought, entry

pytestmark = pytest.mark.django_db


def history(metric: Metric = Metric.REPEAT, *, days: int = 30, offer_id: int | None = None):
    return read_history(metric=metric, window_days=days, offer_id=offer_id, now=NOW)


def present(offer, customer=None, *, days_ago: int, code=None) -> OfferPresentation:
    purchase = bought(customer, days_ago=days_ago)
    return OfferPresentation.objects.create(
        offer_id=offer.pk,
        variant=offer.variants.get(),
        purchase=purchase,
        customer=purchase.customer,
        placement="thank_you",
        presented_at=purchase.placed_at,
        code=code,
    )


def act(presentation, name: str, *, after: timedelta, bot_score: int = 0) -> None:
    OfferEvent.objects.create(
        name=name,
        offer_id=presentation.offer_id,
        presentation=presentation,
        customer=presentation.customer,
        source="link",
        bot_score=bot_score,
        occurred_at=presentation.presented_at + after,
        dedupe_key=f"{presentation.pk}:{name}:{after}",
    )


def test_a_shop_without_orders_has_no_rate_and_no_traffic() -> None:
    found = history()

    assert (found.customers, found.active, found.rate) == (0, 0, None)
    assert read_traffic(offer_id=None, now=NOW) == Traffic(customers=0, days=0)
    assert read_traffic(offer_id=None, now=NOW).daily == 0.0


def test_who_bought_again_within_the_window_is_counted_once() -> None:
    for gap in (1, 30):  # the first and the last day that count
        again = make_customer()
        bought(again, days_ago=60)
        bought(again, days_ago=60 - gap)
    often = make_customer()
    for days_ago in (60, 50, 40, 31):
        bought(often, days_ago=days_ago)
    for gap in (0, 31):  # the same day is one occasion; day 31 is too late
        late = make_customer()
        bought(late, days_ago=60)
        bought(late, days_ago=60 - gap)

    found = history()

    assert (found.customers, found.active, found.rate) == (5, 3, 0.6)
    assert found.values == Arm(customers=5, total=3, squares=3)


def test_only_customers_whose_window_is_over_are_counted() -> None:
    bought(days_ago=31)  # 7 February; its window ends with 9 March, the last complete day
    bought(days_ago=30)

    found = history()

    assert found.customers == 1
    assert (found.first_day, found.last_day) == (date(2025, 10, 11), date(2026, 2, 7))


def test_customers_who_began_before_the_observed_days_begin_with_their_next_order() -> None:
    regular = make_customer()
    bought(regular, days_ago=151)  # one day too early
    bought(regular, days_ago=150)
    bought(days_ago=151)

    assert history().customers == 1


def test_a_cancelled_order_neither_begins_nor_counts() -> None:
    for days_ago in (60, 50):
        entry(bought(days_ago=days_ago), "cancellation", gross=-5_000, net=-5_000)
    stayed = make_customer()
    bought(stayed, days_ago=60)
    entry(bought(stayed, days_ago=50), "cancellation", gross=-5_000, net=-5_000)

    found = history()

    assert (found.customers, found.active) == (1, 0)


def test_a_refunded_order_begins_but_does_not_count_as_bought_again() -> None:
    customer = make_customer()
    entry(bought(customer, days_ago=60), "refund", gross=-5_000, net=-5_000)
    entry(bought(customer, days_ago=50), "refund", gross=-5_000, net=-5_000)
    partly = make_customer()
    bought(partly, days_ago=60)
    entry(bought(partly, days_ago=50), "refund", gross=-2_000, net=-2_000)

    found = history()

    assert (found.customers, found.active) == (2, 1)


def test_a_free_order_counts_as_bought_again() -> None:
    customer = make_customer()
    bought(customer, days_ago=60)
    bought(customer, days_ago=50, gross=0)

    assert history().active == 1


def test_revenue_has_its_zeros_and_its_refunds() -> None:
    bought(days_ago=60)
    buyer = make_customer()
    bought(buyer, days_ago=60)
    bought(buyer, days_ago=55, net=3_000)
    entry(bought(buyer, days_ago=50, net=2_000), "refund", gross=-500, net=-500)

    found = history(Metric.REVENUE)

    assert found.values == Arm(customers=2, total=4_500, squares=20_250_000)
    assert (found.values.mean, found.values.variance) == (2_250, 10_125_000)
    assert (found.active, found.currency, found.left_out) == (1, "EUR", 0)


def test_the_largest_hundredth_of_orders_counts_as_the_largest_of_the_others() -> None:
    for number in range(1, 199):
        bought(days_ago=60, net=number)
    buyer = make_customer()
    bought(buyer, days_ago=60, net=199)
    bought(buyer, days_ago=50, net=1_000_000)

    found = history(Metric.REVENUE)

    # 200 orders: rank 198 is the last that counts whole, and it was one of 198 minor units.
    assert found.values == Arm(customers=199, total=198, squares=198 * 198)


def test_margin_leaves_out_customers_whose_costs_are_not_known() -> None:
    for cost in (1_000, None):
        buyer = make_customer()
        bought(buyer, days_ago=60)
        bought(buyer, days_ago=50, net=3_000, cost=cost)
    bought(days_ago=60)

    found = history(Metric.MARGIN)

    assert found.values == Arm(customers=2, total=2_000, squares=4_000_000)
    assert (found.active, found.left_out) == (1, 1)


def test_revenue_without_a_rate_or_of_another_currency_is_left_out() -> None:
    for strange in ({"base": None}, {"base_currency": "USD"}):
        buyer = make_customer()
        bought(buyer, days_ago=60)
        bought(buyer, days_ago=50, **strange)
    bought(days_ago=60, base_currency="USD")  # what begins is not counted

    found = history(Metric.REVENUE)

    assert (found.customers, found.left_out, found.currency) == (1, 2, "EUR")


def test_traffic_counts_each_customer_of_eight_weeks_once() -> None:
    often = make_customer()
    for days_ago in (1, 2, 56):
        bought(often, days_ago=days_ago)
    bought(days_ago=20)
    bought(days_ago=57)  # before the eight weeks
    bought(days_ago=0)  # today is not over

    assert read_traffic(offer_id=None, now=NOW) == Traffic(customers=2, days=56)


def test_traffic_of_a_young_shop_is_over_the_days_it_has_sold_for() -> None:
    for _time in range(3):
        bought(days_ago=6)

    found = read_traffic(offer_id=None, now=NOW)

    assert (found.customers, found.days, found.daily) == (3, 6, 0.5)


def test_traffic_of_an_offer_is_who_saw_it_and_without_it_who_bought() -> None:
    offer = make_offer()
    bought(days_ago=20)

    assert read_traffic(offer_id=offer.pk, now=NOW) == Traffic(customers=1, days=20)

    seen = present(offer, days_ago=10)
    present(offer, seen.customer, days_ago=5)

    assert read_traffic(offer_id=offer.pk, now=NOW) == Traffic(
        customers=1, days=10, is_of_offer=True
    )


def test_clicks_are_counted_per_customer_within_the_window_and_of_people_only() -> None:
    offer = make_offer()
    act(present(offer, days_ago=40), "click", after=timedelta(hours=1))
    act(present(offer, days_ago=40), "copy", after=timedelta(days=7))
    act(present(offer, days_ago=40), "click", after=timedelta(days=8))  # too late
    act(present(offer, days_ago=40), "click", after=timedelta(hours=1), bot_score=90)
    twice = present(offer, days_ago=40)
    present(offer, twice.customer, days_ago=30)
    act(present(make_offer(), days_ago=40), "click", after=timedelta(hours=1))  # another offer

    clicked = history(Metric.CLICKED, days=7, offer_id=offer.pk)
    claimed = history(Metric.CLAIMED, days=7, offer_id=offer.pk)

    assert (clicked.customers, clicked.active, clicked.is_from_offer) == (5, 2, True)
    assert (claimed.customers, claimed.active) == (5, 1)


def test_who_did_what_the_offer_asks_has_claimed_it() -> None:
    offer = make_offer()
    done = present(offer, days_ago=40)
    done.done_at = done.presented_at + timedelta(days=2)
    done.save()
    present(offer, days_ago=40)

    assert history(Metric.CLAIMED, days=7, offer_id=offer.pk).active == 1
    assert history(Metric.CLICKED, days=7, offer_id=offer.pk).active == 0


def test_a_code_redeemed_with_a_later_order_counts_and_one_given_back_does_not() -> None:
    offer = make_offer()
    for order in ("later", "same", "given back"):
        status = "released" if order == "given back" else "redeemed"
        code = make_code(make_benefit(), now=NOW - timedelta(days=40))
        shown = present(offer, days_ago=40, code=code)
        CodeRedemption.objects.create(
            code=code,
            order_ref=shown.purchase.order_ref if order == "same" else f"R-{order}",
            status=status,
            currency="EUR",
            discount_minor=500,
            redeemed_at=shown.presented_at + timedelta(days=3),
            released_at=None if status == "redeemed" else NOW,
        )

    found = history(Metric.REDEEMED, days=14, offer_id=offer.pk)

    assert (found.customers, found.active) == (3, 1)


def test_an_offer_that_has_not_run_has_no_rate() -> None:
    assert history(Metric.CLICKED, offer_id=make_offer().pk).rate is None
    assert history(Metric.CLICKED, offer_id=None).rate is None


def test_the_currency_is_that_of_the_settings_and_else_that_of_most_orders(settings) -> None:
    assert read_money_facts(now=NOW) == MoneyFacts(currency="", has_costs=False)

    bought(days_ago=5, cost=100)
    bought(days_ago=5, base_currency="USD")
    bought(days_ago=5)
    assert read_money_facts(now=NOW) == MoneyFacts(currency="EUR", has_costs=True)

    settings.PPX_CURRENCY = "CHF"
    assert read_money_facts(now=NOW).currency == "CHF"


@pytest.mark.parametrize("orders", [1, 30])
def test_history_takes_as_many_queries_for_much_as_for_little(
    orders, django_assert_num_queries
) -> None:
    offer = make_offer()
    for days_ago in range(31, 31 + orders):
        present(offer, days_ago=days_ago)

    with django_assert_num_queries(1):
        history(Metric.REPEAT)
    with django_assert_num_queries(3):
        history(Metric.REVENUE)
    with django_assert_num_queries(2):
        history(Metric.CLICKED, offer_id=offer.pk)
    with django_assert_num_queries(1):
        read_traffic(offer_id=offer.pk, now=NOW)
    with django_assert_num_queries(1):
        read_traffic(offer_id=None, now=NOW)
    with django_assert_num_queries(3):
        read_money_facts(now=NOW)
