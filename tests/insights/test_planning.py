"""The planner: figures as `experiments.planning` gives them, refusals, what it was made from, in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from django_ppx.core.models import PurchaseEntry
from django_ppx.experiments.models import Experiment, Metric
from django_ppx.experiments.planning import (
    EVEN,
    HOLDOUT,
    CannotPlan,
    Design,
    Split,
    Volume,
    project,
    rate_effect,
)
from django_ppx.insights.plan_words import REFUSALS, plan_in_words
from django_ppx.insights.planning import Lack, PlanQuestion, make_plan, split_of
from django_ppx.testing import make_customer, make_offer
from tests.insights.ledger import NOW, bought

pytestmark = pytest.mark.django_db
Reason = CannotPlan.Reason


def ask(**overrides: Any) -> PlanQuestion:
    """Return a question about a rate of 5% that grows by a fifth, of 400 customers a day, half and half."""
    values: dict[str, Any] = {
        "metric": Metric.REPEAT,
        "window_days": 30,
        "lift": 0.2,
        "weights": (1, 1),
        "control": 0,
        "refund_lag_days": 14,
        "assumed_rate": 0.05,
        "assumed_daily": 400.0,
    }
    return PlanQuestion(**{**values, **overrides})


def history_of(*, customers: int, again: int) -> None:
    """Write `customers` who ordered 60 days ago, of whom `again` did so again 20 days later."""
    for number in range(customers):
        customer = make_customer()
        bought(customer, days_ago=60)
        if number < again:
            bought(customer, days_ago=40)


def test_the_figures_are_those_of_the_planning() -> None:
    plan = make_plan(ask(), now=NOW)

    effect = rate_effect(base_rate=0.05, lift=0.2)
    volume = Volume(daily_customers=400, window_days=30, refund_lag_days=14)
    even = project(effect, EVEN, volume, design=Design.HYBRID)
    assert (even.customers, even.days, even.weeks) == (17_458, 88, 13)
    for row, split in zip(plan.rows, (EVEN, HOLDOUT), strict=True):
        for design in (Design.HYBRID, Design.ANYTIME):
            expected = project(effect, split, volume, design=design)
            cell = row.cell(design)
            assert (cell.customers, cell.weeks) == (expected.customers, expected.weeks)
            assert cell.expected == date(2026, 3, 10) + timedelta(days=expected.days)
    assert [row.is_entered for row in plan.rows] == [True, False]
    assert plan.customers == 17_458


def test_the_plan_that_was_chosen_gives_the_planned_size() -> None:
    assert make_plan(ask(plan=Experiment.Plan.ANYTIME), now=NOW).customers == 27_737
    assert make_plan(ask(plan=Experiment.Plan.EXACT), now=NOW).customers == 27_737


@pytest.mark.parametrize(
    ("entered", "split", "shares"),
    [
        ({"weights": (1,), "holdout_percent": 10}, HOLDOUT, (0.9, 0.1)),
        ({"weights": (3, 1), "control": 1}, Split(treatment=0.75, control=0.25), (0.75, 0.25)),
        (
            {"weights": (1, 1, 0), "holdout_percent": 20},
            Split(treatment=0.4, control=0.2, variants=2),
            (0.4, 0.4, 0.2),
        ),
        (
            {"weights": (2, 1, 1), "control": 0},
            Split(treatment=0.25, control=0.5, variants=2),
            (0.25, 0.25, 0.5),
        ),
    ],
)
def test_shares_become_a_split_of_the_smallest_variant_and_the_control(
    entered, split, shares
) -> None:
    assert split_of(ask(**entered)) == (split, pytest.approx(shares))


def test_other_shares_have_a_row_of_their_own() -> None:
    plan = make_plan(ask(weights=(7, 3), control=1), now=NOW)

    assert [row.shares for row in plan.rows] == [
        (50, 50),
        (90, 10),
        (pytest.approx(70), pytest.approx(30)),
    ]
    assert [row.is_entered for row in plan.rows] == [False, False, True]


def test_part_of_the_customers_takes_longer() -> None:
    whole = make_plan(ask(), now=NOW)
    half = make_plan(ask(coverage_percent=50), now=NOW)

    assert (whole.daily, half.daily) == (400, 200)
    assert (whole.rows[0].hybrid.days, half.rows[0].hybrid.days) == (88, 132)


def test_what_happens_with_the_offer_waits_for_no_refunds() -> None:
    offer = make_offer()
    plan = make_plan(ask(metric=Metric.CLICKED, offer_id=offer.pk), now=NOW)

    assert plan.rows[0].hybrid.days == 88 - 14


def test_a_start_in_the_future_moves_the_expected_day() -> None:
    later = make_plan(ask(starts_at=NOW + timedelta(days=10)), now=NOW)

    assert later.rows[0].hybrid.expected == date(2026, 3, 20) + timedelta(days=88)


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"lift": 0.0}, Reason.NO_EFFECT),
        ({"assumed_rate": 0.0}, Reason.NO_EFFECT),
        ({"assumed_rate": 0.9}, Reason.RATE_IMPOSSIBLE),
        ({"assumed_daily": 0.0}, Reason.NO_TRAFFIC),
        ({"weights": (1, 0)}, Reason.SHARE_IMPOSSIBLE),
        ({"weights": (0, 0)}, Reason.SHARE_IMPOSSIBLE),
        ({"control": None}, Reason.SHARE_IMPOSSIBLE),
        ({"weights": (0,), "holdout_percent": 10}, Reason.SHARE_IMPOSSIBLE),
        ({"assumed_rate": 0.00001, "lift": 5.0}, Reason.TOO_RARE),
        ({"assumed_daily": 20.0}, Reason.TOO_LONG),
    ],
)
def test_what_can_not_answer_is_refused_with_its_reason(overrides, reason) -> None:
    plan = make_plan(ask(**overrides), now=NOW)

    chosen = plan.chosen
    assert (plan.refusal or (chosen and chosen.refusal)) == reason
    assert plan.customers is None
    words = plan_in_words(plan)
    assert words.answer == ""
    assert words.refusal.startswith(str(REFUSALS[reason]))


def test_every_reason_has_a_sentence() -> None:
    assert set(REFUSALS) == set(Reason)


def test_a_refused_plan_says_what_it_would_take() -> None:
    plan = make_plan(ask(assumed_daily=20.0), now=NOW)

    assert plan.chosen is not None
    assert (plan.chosen.customers, plan.chosen.weeks) == (17_458, 131)
    assert plan_in_words(plan).refusal == (
        "No answer within a year. Look for a larger effect, or decide by something that happens more often. "
        "As entered it would need 17,458 customers and take 131 weeks."
    )


def test_without_history_it_asks_and_invents_nothing() -> None:
    plan = make_plan(ask(assumed_rate=None, assumed_daily=None), now=NOW)

    assert plan.lacks == (Lack.RATE, Lack.TRAFFIC)
    assert plan.rows == ()
    assert plan.customers is None
    words = plan_in_words(plan)
    assert words.asks == (
        "There is no history to plan from. Say what share of customers you expect to do it.",
        "There are too few days with orders to say how many customers take part. Say how many you expect a day.",
    )
    assert words.sources == ("You have no orders of the last eight weeks yet.",)


def test_too_little_history_is_named_with_its_numbers() -> None:
    history_of(customers=12, again=3)

    plan = make_plan(ask(assumed_rate=None), now=NOW)

    assert plan.lacks == (Lack.RATE,)
    assert plan_in_words(plan).asks == (
        "History is too short: 3 of 12 customers did it. Say what share of customers you expect to do it.",
    )


def test_history_with_enough_in_it_is_planned_from_and_shown() -> None:
    history_of(customers=60, again=15)  # 60 · 0.25 · 0.75 = 11.25

    plan = make_plan(ask(assumed_rate=None), now=NOW)

    expected = project(
        rate_effect(base_rate=0.25, lift=0.2),
        EVEN,
        Volume(daily_customers=400, window_days=30, refund_lag_days=14),
        design=Design.HYBRID,
    )
    assert plan.customers == expected.customers
    assert plan_in_words(plan).sources == (
        "Your assumption: 400 customers a day would take part.",
        "Of those who ordered from Oct. 11, 2025 to Feb. 7, 2026: 25% bought again within 30 days "
        "(15 of 60 customers).",
    )


def test_the_traffic_of_the_orders_is_shown_with_its_days() -> None:
    for days_ago in range(1, 9):
        bought(days_ago=days_ago)

    words = plan_in_words(make_plan(ask(assumed_daily=None), now=NOW))

    assert words.sources[0] == (
        "From your orders of the last 8 days: 1.0 customers a day would take part (8 customers)."
    )


def test_an_offer_that_was_not_shown_yet_says_that_all_buyers_are_counted() -> None:
    for days_ago in range(1, 9):
        bought(days_ago=days_ago)

    plan = make_plan(ask(assumed_daily=None, offer_id=make_offer().pk), now=NOW)

    assert (
        "The offer was not shown yet, so all who buy are counted" in plan_in_words(plan).sources[0]
    )


def test_revenue_is_planned_from_mean_and_variance() -> None:
    history_of(customers=60, again=15)

    plan = make_plan(ask(metric=Metric.REVENUE, assumed_rate=None), now=NOW)

    assert plan.lacks == ()
    assert plan.history.values.mean == 1_250
    # variance 4,766,949; U = 4.4 variances, δ = 250: 7.85 · 4.4 · 4,766,949 / 62,500 · 1.07, and the pooling
    assert plan.customers == 2_825
    assert plan_in_words(plan).sources[1] == (
        "Of those who ordered from Oct. 11, 2025 to Feb. 7, 2026: €12.50 per customer within 30 days, those who "
        "bought nothing included (60 customers, 15 of whom bought). The largest 1% of orders are cut."
    )


def test_revenue_is_not_planned_from_an_assumed_rate() -> None:
    plan = make_plan(ask(metric=Metric.REVENUE), now=NOW)

    assert plan.lacks == (Lack.MONEY,)
    assert "Decide by “Bought again”" in plan_in_words(plan).asks[0]


def test_holding_out_a_tenth_is_weighed_against_half() -> None:
    held = plan_in_words(make_plan(ask(weights=(1,), holdout_percent=50), now=NOW))
    variants = plan_in_words(make_plan(ask(), now=NOW))
    three = plan_in_words(make_plan(ask(weights=(1, 1, 1)), now=NOW))

    assert held.advice[0] == (
        "Holding out 10% instead of half needs 2.9 times the customers, but 9 of 10 see the offer."
    )
    assert variants.advice[0] == (
        "Leaving 10% with the old variant instead of half needs 2.9 times the customers, but 9 of 10 see the new one."
    )
    assert three.advice[0].startswith("A comparison group of 10% instead of 33.3% needs ")


def test_a_small_shop_is_told_what_even_shares_would_do() -> None:
    plan = make_plan(ask(weights=(1,), holdout_percent=10, assumed_daily=60.0), now=NOW)

    assert plan.chosen is not None
    assert plan.chosen.refusal == Reason.TOO_LONG
    assert plan_in_words(plan).advice[1] == (
        "With your volume, 50/50 answers in 48 weeks instead of 125 weeks."
    )


def test_a_smaller_size_and_an_early_end_are_spoken_of() -> None:
    plan = make_plan(ask(), now=NOW)

    words = plan_in_words(plan, planned=500, ends_at=NOW + timedelta(days=20))

    assert words.advice[1:] == (
        "You planned 500 customers, fewer than that: an effect of 20% would then often go unnoticed.",
        "It ends on March 30, 2026, before enough customers can have taken part: that takes 7 weeks.",
    )
    assert plan_in_words(plan, planned=17_458, ends_at=NOW + timedelta(days=44)).advice[1:] == ()


@pytest.mark.parametrize("customers", [1, 30])
def test_a_plan_takes_as_many_queries_for_much_as_for_little(
    customers, django_assert_num_queries
) -> None:
    history_of(customers=customers, again=1)
    offer = make_offer()

    with django_assert_num_queries(3):
        make_plan(ask(assumed_rate=None, assumed_daily=None, offer_id=offer.pk), now=NOW)
    with django_assert_num_queries(5):
        make_plan(ask(metric=Metric.REVENUE, offer_id=offer.pk), now=NOW)
    assert PurchaseEntry.objects.exists()
