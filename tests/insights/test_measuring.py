"""What counts, and for whom: each rule with sums worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from django_ppx.core.customers import merge_customers
from django_ppx.core.models import PurchaseComplaint
from django_ppx.events.models import OfferEvent
from django_ppx.experiments.models import Experiment, ExperimentExposure
from django_ppx.insights.measuring import measure_arms
from django_ppx.insights.results import Counted
from django_ppx.insights.sums import ArmSums, CountedSums
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption
from django_ppx.testing import (
    make_code,
    make_customer,
    make_entry,
    make_experiment,
    make_phase,
)
from tests.insights.days import START, at, buy, expose, place

pytestmark = pytest.mark.django_db

LATER = START + 100


def measured(experiment: Experiment, arm: str = "A", *, day_no: int = LATER) -> ArmSums:
    phase = experiment.phases.latest("number")
    return measure_arms(phase=phase, day_no=day_no)[experiment.arms.get(label=arm).pk]


def sums(experiment: Experiment, what: str, arm: str = "A", *, day_no: int = LATER) -> CountedSums:
    return measured(experiment, arm, day_no=day_no).counted[Counted(what)]


def yes(experiment: Experiment, what: str, *, day_no: int = LATER) -> int:
    return sums(experiment, what, day_no=day_no).total


# Who counts.


def test_an_arm_that_nobody_saw_has_zeros() -> None:
    experiment = make_experiment()

    arm = measured(experiment, "nothing")

    assert (arm.exposed, arm.new, arm.matured, arm.crossovers) == (0, 0, 0, 0)
    assert arm.counted[Counted.REVENUE] == CountedSums(customers=0)


def test_customers_count_once_their_window_is_over() -> None:
    experiment = make_experiment()
    expose(experiment, day=0)
    expose(experiment, day=1)
    expose(experiment, day=31)

    before = measured(experiment, day_no=START + 29)
    on_the_day = measured(experiment, day_no=START + 30)
    day_after = measured(experiment, day_no=START + 31)

    assert [each.matured for each in (before, on_the_day, day_after)] == [0, 1, 2]
    assert [each.exposed for each in (before, on_the_day, day_after)] == [2, 2, 3]
    assert [each.new for each in (before, on_the_day, day_after)] == [0, 0, 1]


def test_what_an_immature_customer_bought_does_not_count_yet() -> None:
    experiment = make_experiment()
    buy(expose(experiment, day=5), day=6)

    early, late = (measured(experiment, day_no=START + day) for day in (34, 35))

    assert early.counted[Counted.REPEAT] == CountedSums.of_yes(customers=0, yes=0)
    assert late.counted[Counted.REPEAT] == CountedSums.of_yes(customers=1, yes=1)


def test_what_a_merged_guest_left_behind_does_not_count() -> None:
    experiment = make_experiment()
    guest, account = expose(experiment, "A"), expose(experiment, "nothing", day=1)

    merge_customers(guest=guest.customer, into=account.customer)

    a, nothing = measured(experiment), measured(experiment, "nothing")
    assert (a.exposed, a.matured, a.crossovers) == (1, 1, 1)
    assert (nothing.exposed, nothing.matured, nothing.crossovers) == (0, 0, 0)


def test_a_guest_who_joins_an_account_brings_the_orders_and_the_earliest_exposure() -> None:
    experiment = make_experiment()
    guest = expose(experiment, "A", day=0)
    buy(guest, day=3, net=1000)
    account = expose(experiment, "A", day=20)
    buy(account, day=25, net=2000)
    buy(account, day=45, net=4000)
    before = sums(experiment, "revenue")

    merge_customers(guest=guest.customer, into=account.customer)

    assert (before.customers, before.total) == (2, 7000)
    after = sums(experiment, "revenue")
    # from day 0: days 3, 20 (the page of the second exposure is an order too) and 25; day 45 is out
    assert (after.customers, after.total) == (1, 8000)
    assert measured(experiment).crossovers == 0


def test_each_phase_has_the_customers_who_saw_it_first() -> None:
    experiment = make_experiment()
    buy(expose(experiment, day=0), day=1)
    old = experiment.phases.get()
    make_phase(experiment, shares={"A": 90, "nothing": 10}, started_at=at(10))
    expose(experiment, day=11)

    arm = experiment.arms.get(label="A").pk
    first = measure_arms(phase=old, day_no=LATER)[arm]
    second = measured(experiment)

    assert (first.exposed, first.counted[Counted.REPEAT].total) == (1, 1)
    assert (second.exposed, second.counted[Counted.REPEAT].total) == (1, 0)


# Orders of the window.


def test_the_order_whose_page_it_was_never_counts() -> None:
    experiment = make_experiment()
    exposure = expose(experiment, day=0)
    # a shop whose clock is wrong dates it into the window
    exposure.purchase.entries.update(order_day_no=START + 1)

    assert yes(experiment, "repeat") == 0


def test_an_order_of_the_same_day_never_counts() -> None:
    experiment = make_experiment()
    buy(expose(experiment, day=0), day=0, hour=23)

    assert (yes(experiment, "repeat"), yes(experiment, "orders")) == (0, 0)


@pytest.mark.parametrize(("day", "counts"), [(1, 1), (29, 1), (30, 1), (31, 0)])
def test_the_window_holds_the_days_1_to_30(day: int, counts: int) -> None:
    experiment = make_experiment()
    buy(expose(experiment, day=0), day=day, net=700)

    assert yes(experiment, "repeat") == counts
    assert sums(experiment, "revenue").total == 700 * counts


def test_an_order_before_the_exposure_does_not_count() -> None:
    experiment = make_experiment()
    buy(expose(experiment, day=5), day=4)

    assert yes(experiment, "repeat") == 0


def test_midnight_parts_the_days_also_when_the_clocks_change() -> None:
    # 29 March 2026 is day 27: the night loses an hour, and 30 days after it is 28 April
    experiment = make_experiment()
    late = expose(experiment, at=at(27, 23, 59, 59))
    buy(late, day=28, hour=0, net=100)
    too_late = expose(experiment, at=at(27, 0, 0, 1))
    buy(too_late, day=58, hour=0, net=10)
    last = expose(experiment, at=at(27, 1))
    make_entry(place(last.customer, at(57, 23, 59, 59)), net=1)

    assert late.day_no == too_late.day_no == last.day_no == START + 27
    assert late.window_ends_at == datetime(2026, 4, 28, 22, tzinfo=UTC)
    assert measured(experiment, day_no=START + 56).matured == 0
    assert sums(experiment, "revenue", day_no=START + 57).total == 101


def test_several_orders_on_one_day_are_one_occasion() -> None:
    experiment = make_experiment()
    exposure = expose(experiment)
    buy(exposure, day=2, net=100, hour=8)
    buy(exposure, day=2, net=200, hour=20)
    buy(exposure, day=9, net=400)
    buy(expose(experiment), day=3, net=800)
    expose(experiment)

    assert sums(experiment, "repeat") == CountedSums.of_yes(customers=3, yes=2)
    assert sums(experiment, "orders") == CountedSums(
        customers=3, total=3, squares=5, active=2, raw_total=3
    )
    assert sums(experiment, "revenue") == CountedSums(
        customers=3, total=1500, squares=700**2 + 800**2, active=2, raw_total=1500
    )


def test_a_cancelled_order_does_not_count() -> None:
    experiment = make_experiment()
    order = buy(expose(experiment), day=2, net=900)
    make_entry(order.purchase, type="cancellation", net=-900, at=at(3))

    assert (yes(experiment, "repeat"), sums(experiment, "revenue").total) == (0, 0)
    assert yes(experiment, "refunded") == 1


def test_a_cancelled_free_order_does_not_count() -> None:
    experiment = make_experiment()
    order = buy(expose(experiment), day=2, net=0)
    make_entry(order.purchase, type="cancellation", net=0, at=at(3))

    assert yes(experiment, "repeat") == 0


def test_a_free_order_counts_and_a_fully_refunded_one_does_not() -> None:
    experiment = make_experiment()
    buy(expose(experiment), day=2, net=0)
    refunded = buy(expose(experiment), day=2, net=900)
    make_entry(refunded.purchase, type="refund", net=-900, at=at(3))
    partly = buy(expose(experiment), day=2, net=900)
    make_entry(partly.purchase, type="refund", net=-300, at=at(60), recorded_at=at(60))

    assert sums(experiment, "repeat") == CountedSums.of_yes(customers=3, yes=2)
    assert sums(experiment, "revenue") == CountedSums(
        customers=3, total=600, squares=360_000, active=1, raw_total=600
    )
    assert yes(experiment, "refunded") == 2


@pytest.mark.parametrize(("type", "counts"), [("refund", 1), ("chargeback", 1), ("adjustment", 0)])
def test_refunded_are_refunds_chargebacks_and_cancellations(type: str, counts: int) -> None:
    experiment = make_experiment()
    order = buy(expose(experiment), day=2, net=900)
    make_entry(order.purchase, type=type, net=-100, at=at(4))

    assert yes(experiment, "refunded") == counts


def test_a_refund_of_the_order_whose_page_it_was_is_not_of_the_window() -> None:
    experiment = make_experiment()
    make_entry(expose(experiment).purchase, type="refund", net=-5000, at=at(2))

    assert yes(experiment, "refunded") == 0


def test_only_what_was_recorded_by_the_day_is_known() -> None:
    experiment = make_experiment(window_days=7)
    order = buy(expose(experiment), day=2, net=900, recorded_at=at(8))
    make_entry(order.purchase, type="refund", net=-900, at=at(5), recorded_at=at(10))

    by_day = [sums(experiment, "revenue", day_no=START + day).total for day in (7, 8, 9, 10)]

    assert by_day == [0, 900, 900, 0]


# Money.


def test_a_large_order_counts_as_the_cap_and_the_raw_total_stands_beside() -> None:
    experiment = make_experiment(phase={"winsor_cap_minor": 1000})
    exposure = expose(experiment)
    buy(exposure, day=2, net=1001, base_cost_minor=300)
    buy(exposure, day=3, net=1000, base_cost_minor=400)
    buy(exposure, day=4, net=500, base_cost_minor=600)

    assert sums(experiment, "revenue") == CountedSums(
        customers=1, total=2500, squares=2500**2, active=1, raw_total=2501
    )
    assert sums(experiment, "margin") == CountedSums(
        customers=1, total=1200, squares=1200**2, active=1, raw_total=1201
    )


def test_the_cap_is_for_the_order_after_its_refund() -> None:
    experiment = make_experiment(phase={"winsor_cap_minor": 1000})
    order = buy(expose(experiment), day=2, net=1500)
    make_entry(order.purchase, type="refund", net=-700, at=at(5))

    assert sums(experiment, "revenue").total == 800


def test_money_of_another_currency_or_without_a_rate_is_not_counted_but_said() -> None:
    experiment = make_experiment()
    exposure = expose(experiment)
    buy(exposure, day=2, net=100)
    buy(exposure, day=3, net=7000, base_currency="JPY")
    buy(exposure, day=4, net=8000, base_net_minor=None)
    buy(expose(experiment), day=3, net=9000, base_net_minor=None)
    buy(expose(experiment), day=3, net=400)
    cancelled = buy(expose(experiment), day=3, net=9000, base_net_minor=None)
    make_entry(cancelled.purchase, type="cancellation", net=-9000, base_net_minor=None)

    arm = measured(experiment)
    assert arm.counted[Counted.REVENUE] == CountedSums(
        customers=4, total=500, squares=170_000, active=2, raw_total=500
    )
    assert arm.counted[Counted.ORDERS].total == 5
    assert arm.other_currency == 2


def test_customers_with_an_order_of_unknown_cost_are_left_out_of_the_margin() -> None:
    experiment = make_experiment()
    known = expose(experiment)
    buy(known, day=2, net=1000, base_cost_minor=600)
    half = expose(experiment)
    buy(half, day=2, net=1000, base_cost_minor=600)
    buy(half, day=3, net=1000)
    expose(experiment)
    dear = expose(experiment)
    buy(dear, day=2, net=1000, base_cost_minor=1300)

    assert sums(experiment, "margin") == CountedSums(
        customers=3, total=100, squares=250_000, active=2, raw_total=100
    )
    assert sums(experiment, "revenue").customers == 4


def test_a_refund_takes_its_cost_back_where_the_shop_says_so() -> None:
    experiment = make_experiment()
    order = buy(expose(experiment), day=2, net=1000, base_cost_minor=600)
    make_entry(order.purchase, type="refund", net=-500, base_cost_minor=-300, at=at(4))
    make_entry(order.purchase, type="refund", net=-100, at=at(5))

    assert sums(experiment, "margin").total == 100


def test_squares_of_large_sums_do_not_overflow() -> None:
    experiment = make_experiment()
    # a power of two, since SQLite has nothing but floats above 64 bits
    buy(expose(experiment), day=2, net=2**40, base_cost_minor=0)

    assert sums(experiment, "revenue").squares == 1_208_925_819_614_629_174_706_176
    assert sums(experiment, "margin").squares == 1_208_925_819_614_629_174_706_176


# Guardrails and answers.


@pytest.mark.parametrize(("day", "counts"), [(-1, 0), (0, 1), (30, 1), (31, 0)])
def test_a_complaint_within_the_window_counts_about_whichever_order(day: int, counts: int) -> None:
    experiment = make_experiment()
    complain(expose(experiment), day=day)

    assert yes(experiment, "complained") == counts


def test_complaints_count_once_per_customer_and_once_they_are_known() -> None:
    experiment = make_experiment(window_days=7)
    exposure = expose(experiment)
    complain(exposure, day=3, recorded=9, reference="a")
    complain(exposure, day=4, recorded=9, reference="b")

    by_day = [yes(experiment, "complained", day_no=START + day) for day in (8, 9)]

    assert by_day == [0, 1]


def complain(
    exposure: ExperimentExposure, *, day: int, recorded: int | None = None, reference: str = ""
) -> None:
    recorded = day if recorded is None else recorded
    PurchaseComplaint.objects.create(
        purchase=exposure.purchase,
        customer=exposure.customer,
        reference=reference,
        occurred_at=at(day),
        recorded_at=at(recorded),
        day_no=START + day,
        recorded_day_no=START + recorded,
    )


def answer(exposure: ExperimentExposure, name: str, moment: datetime, **overrides: Any) -> None:
    values: dict[str, Any] = {
        "name": name,
        "offer": exposure.experiment.offer,
        "customer": exposure.customer,
        "source": "beacon",
        "occurred_at": moment,
        "dedupe_key": f"test:{OfferEvent.objects.count()}",
    }
    OfferEvent.objects.create(**{**values, **overrides})


def answers(experiment: Experiment, *, day_no: int = LATER) -> tuple[int, int, int]:
    arm = measured(experiment, day_no=day_no)
    return tuple(
        arm.counted[what].total for what in (Counted.CLICKED, Counted.CLAIMED, Counted.DISMISSED)
    )  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("impression", (0, 0, 0)),
        ("click", (1, 0, 0)),
        ("copy", (1, 1, 0)),
        ("share", (1, 1, 0)),
        ("submit", (1, 1, 0)),
        ("dismiss", (0, 0, 1)),
    ],
)
def test_what_a_person_does_counts_by_its_name(name: str, counts: tuple[int, int, int]) -> None:
    experiment = make_experiment()
    exposure = expose(experiment)
    answer(exposure, name, at(0, 13))
    answer(exposure, name, at(1, 13))

    assert answers(experiment) == counts


def test_machines_do_not_count() -> None:
    experiment = make_experiment()
    answer(expose(experiment), "click", at(0, 13), bot_score=50)

    assert answers(experiment) == (0, 0, 0)


def test_a_likely_person_counts() -> None:
    experiment = make_experiment()
    answer(expose(experiment), "click", at(0, 13), bot_score=49)

    assert answers(experiment) == (1, 0, 0)


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        (at(0, 11, 59, 59), 0),
        (at(0, 12), 1),
        (at(30, 23, 59, 59), 1),
        (at(31, 0), 0),
    ],
)
def test_answers_count_from_the_exposure_to_the_end_of_the_window(
    moment: datetime, counts: int
) -> None:
    experiment = make_experiment()
    answer(expose(experiment), "click", moment)

    assert answers(experiment)[0] == counts


def test_answers_to_another_offer_or_by_somebody_else_do_not_count() -> None:
    experiment, other = make_experiment(), make_experiment()
    exposure = expose(experiment)
    answer(exposure, "click", at(1), offer=other.offer)
    answer(exposure, "click", at(1), customer=make_customer())

    assert answers(experiment) == (0, 0, 0)


def present(exposure: ExperimentExposure, **overrides: Any) -> OfferPresentation:
    offer = exposure.experiment.offer
    assert offer is not None
    values: dict[str, Any] = {
        "offer": offer,
        "variant": offer.variants.get(label="A"),
        "purchase": exposure.purchase,
        "customer": exposure.customer,
        "placement": "thank_you",
        "presented_at": exposure.exposed_at,
    }
    return OfferPresentation.objects.create(**{**values, **overrides})


@pytest.mark.parametrize(("moment", "counts"), [(at(0, 11), 0), (at(3), 1), (at(31), 0)])
def test_what_was_done_with_the_offer_within_the_window_is_claimed(
    moment: datetime, counts: int
) -> None:
    experiment = make_experiment()
    present(expose(experiment), done_at=moment)

    assert answers(experiment) == (0, counts, 0)


def redeem(presentation: OfferPresentation, moment: datetime, **overrides: Any) -> None:
    values: dict[str, Any] = {
        "code": presentation.code,
        "order_ref": "later",
        "status": "redeemed",
        "currency": "EUR",
        "discount_minor": 100,
        "redeemed_at": moment,
    }
    CodeRedemption.objects.create(**{**values, **overrides})


def test_redeemed_codes_count_once_per_customer_within_the_window() -> None:
    experiment = make_experiment(primary_metric="redeemed")
    twice = present(expose(experiment), code=make_code(max_uses=2))
    redeem(twice, at(3))
    redeem(twice, at(4), order_ref="later still")
    redeem(present(expose(experiment), code=make_code()), at(31))
    present(expose(experiment), code=make_code())

    assert sums(experiment, "redeemed") == CountedSums.of_yes(customers=3, yes=1)


def test_a_code_redeemed_by_the_order_whose_page_it_was_does_not_count() -> None:
    experiment = make_experiment(primary_metric="redeemed")
    presentation = present(expose(experiment), code=make_code())
    redeem(presentation, at(0, 12), order_ref=presentation.purchase.order_ref)

    assert yes(experiment, "redeemed") == 0


def test_a_reserved_code_is_not_redeemed_and_one_given_back_stood_until_then() -> None:
    experiment = make_experiment(secondary_metrics=["redeemed"], window_days=7)
    waiting = present(expose(experiment), code=make_code())
    redeem(
        waiting, at(3), status="reserved", redeemed_at=None, reserved_at=at(3), reserved_until=at(9)
    )
    given_back = present(expose(experiment), code=make_code())
    redeem(given_back, at(3), status="released", released_at=at(9), release_reason="refunded")

    by_day = [yes(experiment, "redeemed", day_no=START + day) for day in (8, 9)]

    assert by_day == [1, 0]


def test_redemptions_are_asked_for_only_where_the_phase_names_them() -> None:
    experiment = make_experiment()

    assert Counted.REDEEMED not in measured(experiment).counted


def test_the_holdout_of_a_quarter_knows_no_answers() -> None:
    experiment = make_experiment(offer=None, quarter="2026-Q1", shares={"offers": 95, "nothing": 5})
    buy(expose(experiment, "offers"), day=2)

    arm = measured(experiment, "offers")

    assert set(arm.counted) == {
        Counted.REPEAT,
        Counted.REVENUE,
        Counted.MARGIN,
        Counted.ORDERS,
        Counted.REFUNDED,
        Counted.COMPLAINED,
    }
    assert arm.counted[Counted.REPEAT].total == 1


# What it costs.


@pytest.mark.parametrize("customers", [1, 7])
def test_a_look_costs_five_statements_whatever_the_number_of_customers(
    customers: int, django_assert_num_queries: Any
) -> None:
    experiment = make_experiment(secondary_metrics=["redeemed"])
    for _customer in range(customers):
        buy(expose(experiment), day=2)
    phase = experiment.phases.select_related("experiment").get()

    with django_assert_num_queries(5):
        measure_arms(phase=phase, day_no=LATER)
