"""What is read back from the stored looks: verdict, arms, days, increments, progress."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from django_ppx.core.calendar import day_of_number
from django_ppx.core.customers import merge_customers
from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.models import Experiment
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.judging import judge
from django_ppx.insights.looking import take_look, terms_of
from django_ppx.insights.looks import LookResults
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.reading import load_result
from django_ppx.insights.results import (
    Counted,
    ExperimentResult,
    Progress,
    RatioResult,
    Verdict,
    VerdictState,
)
from django_ppx.insights.sums import ArmSums, CountedSums, sums_as_json
from django_ppx.testing import make_experiment
from tests.insights.days import START, at, buy, expose

pytestmark = pytest.mark.django_db


def store(
    experiment: Experiment, day: int, *, full_days: int = 30, **arms: ArmSums
) -> ExperimentLook:
    """Store the look of a day with these sums, by the labels of the arms."""
    phase = experiment.phases.get()
    sums = {arm.pk: arms[arm.label] for arm in experiment.arms.all()}
    before = phase.looks.order_by("-day_no").first()
    results = judge(
        terms_of(phase),
        sums,
        full_days=full_days,
        previous=LookResults.from_json(before.results) if before else None,
    )
    return ExperimentLook.objects.create(
        phase=phase,
        day_no=START + day,
        local_date=day_of_number(START + day),
        taken_at=at(day + 1),
        arms=sums_as_json(sums),
        results=results.as_json(),
        ratio_state=results.ratio.state.value,
    )


def arm(customers: int, yes: int, *, exposed: int | None = None, **more: Any) -> ArmSums:
    counted = {Counted(what): sums for what, sums in more.items() if what in list(Counted)}
    numbers = {what: number for what, number in more.items() if what not in list(Counted)}
    return ArmSums(
        exposed=customers if exposed is None else exposed,
        matured=customers,
        counted={Counted.REPEAT: CountedSums.of_yes(customers=customers, yes=yes), **counted},
        **numbers,
    )


def read(experiment: Experiment, *, day: int = 40) -> ExperimentResult:
    return load_result(phase=experiment.phases.get(), now=at(day))


def verdict(experiment: Experiment) -> Verdict:
    return read(experiment).verdict


# The verdict.


def test_before_the_first_look_it_is_not_measured() -> None:
    experiment = make_experiment()
    expose(experiment, "A")
    expose(experiment, "A", day=60)

    result = read(experiment)

    assert result.verdict == Verdict(state=VerdictState.NOT_MEASURED)
    assert (result.as_of, result.days, result.increments) == (None, (), ())
    assert [(arm.label, arm.exposed, arm.matured) for arm in result.arms] == [
        ("A", 1, 0),
        ("nothing", 0, 0),
    ]
    assert all(arm.figures == {} for arm in result.arms)
    assert result.ratio == RatioResult(state=RatioState.CLEAN, p_value=None, always_valid_p=1.0)


@pytest.mark.parametrize(
    ("a", "nothing", "full_days", "state"),
    [
        (arm(1000, 150), arm(1000, 100), 6, VerdictState.TOO_EARLY),
        (arm(1000, 150), arm(1, 0, exposed=1000), 30, VerdictState.NOT_MATURED),
        (arm(1000, 15), arm(1000, 4), 30, VerdictState.TOO_FEW),
        (arm(1000, 150), arm(1000, 100, exposed=1400), 6, VerdictState.SAMPLE_RATIO),
        (arm(1000, 110), arm(1000, 100), 30, VerdictState.OPEN),
        (arm(2000, 205), arm(2000, 200), 30, VerdictState.NOT_SHOWN),
    ],
)
def test_why_there_is_no_winner(
    a: ArmSums, nothing: ArmSums, full_days: int, state: VerdictState
) -> None:
    experiment = make_experiment(planned_customers=4000)
    store(experiment, 30, full_days=full_days, A=a, nothing=nothing)

    assert verdict(experiment) == Verdict(state=state)


@pytest.mark.parametrize(("yes", "state"), [(260, VerdictState.BETTER), (140, VerdictState.WORSE)])
def test_the_arm_that_won_or_lost_is_named(yes: int, state: VerdictState) -> None:
    experiment = make_experiment(planned_customers=4000)
    store(experiment, 30, A=arm(2000, yes), nothing=arm(2000, 200))

    assert verdict(experiment) == Verdict(state=state, arm_label="A")


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (300, 400, Verdict(state=VerdictState.BETTER, arm_label="B")),
        (100, 400, Verdict(state=VerdictState.BETTER, arm_label="B")),
        (100, 80, Verdict(state=VerdictState.WORSE, arm_label="B")),
        (100, 205, Verdict(state=VerdictState.WORSE, arm_label="A")),
        (205, 205, Verdict(state=VerdictState.NOT_SHOWN)),
    ],
)
def test_of_several_arms_the_best_or_else_the_worst_is_named(
    a: int, b: int, expected: Verdict
) -> None:
    experiment = make_experiment(shares={"A": 1, "B": 1, "nothing": 1}, planned_customers=6000)
    store(experiment, 30, A=arm(2000, a), B=arm(2000, b), nothing=arm(2000, 200))

    assert verdict(experiment) == expected


def test_one_arm_that_is_worse_is_no_verdict_while_another_is_open() -> None:
    experiment = make_experiment(shares={"A": 1, "B": 1, "nothing": 1}, planned_customers=60_000)
    store(experiment, 30, A=arm(2000, 60), B=arm(2000, 205), nothing=arm(2000, 200))

    result = read(experiment)

    outcomes = {
        each.label: difference.outcome
        for each in result.arms
        if (difference := each.figures[Counted.REPEAT].difference)
    }
    assert outcomes == {"A": Outcome.WORSE, "B": Outcome.OPEN}
    assert result.verdict == Verdict(state=VerdictState.OPEN)


def test_a_verdict_stays_whatever_later_looks_say() -> None:
    experiment = make_experiment(planned_customers=4000)
    store(experiment, 30, A=arm(2000, 260), nothing=arm(2000, 200))
    store(experiment, 31, A=arm(2100, 200), nothing=arm(2100, 260))
    store(experiment, 32, A=arm(2100, 5), nothing=arm(2100, 5))  # all sent back: too few

    assert verdict(experiment) == Verdict(state=VerdictState.BETTER, arm_label="A")


def test_a_broken_sample_ratio_withholds_even_a_verdict() -> None:
    experiment = make_experiment(planned_customers=4000)
    store(experiment, 30, A=arm(2000, 260), nothing=arm(2000, 200))
    store(experiment, 31, A=arm(2100, 270), nothing=arm(2000, 200, exposed=3000))

    assert verdict(experiment) == Verdict(state=VerdictState.SAMPLE_RATIO)
    assert read(experiment).ratio.state is RatioState.RED


# Arms and figures.


def test_the_figures_of_an_arm() -> None:
    experiment = make_experiment(
        shares={"A": 75, "nothing": 25},
        plan="anytime",
        secondary_metrics=["revenue"],
        phase={"winsor_cap_minor": 10_000},
    )
    a = CountedSums(customers=600, total=150_000, squares=900_000_000, active=30, raw_total=160_000)
    nothing = CountedSums(
        customers=200, total=40_000, squares=200_000_000, active=8, raw_total=40_000
    )
    store(
        experiment,
        30,
        A=arm(600, 30, exposed=610, revenue=a, new=6, crossovers=2, other_currency=1),
        nothing=arm(200, 20, exposed=203, revenue=nothing, new=2, crossovers=1, other_currency=3),
    )

    result = read(experiment)

    shown, control = result.arms
    assert (shown.label, shown.is_control, shown.is_holdout, shown.share) == (
        "A",
        False,
        False,
        0.75,
    )
    assert (control.label, control.is_control, control.is_holdout) == ("nothing", True, True)
    assert (shown.exposed, shown.matured, shown.crossovers) == (610, 600, 2)
    assert (result.crossovers, result.other_currency_customers) == (3, 4)
    assert (result.primary, result.secondary) == (Counted.REPEAT, (Counted.REVENUE,))
    assert (result.currency, result.phase_number) == ("EUR", 1)
    assert result.as_of == date(2026, 4, 1)
    repeat, revenue = shown.figures[Counted.REPEAT], shown.figures[Counted.REVENUE]
    assert (repeat.customers, repeat.total, repeat.mean, repeat.raw_mean) == (600, 30, 0.05, None)
    assert repeat.interval == Interval(
        low=pytest.approx(0.0352453, abs=1e-6), high=pytest.approx(0.0704803, abs=1e-6)
    )
    assert (revenue.mean, revenue.raw_mean) == (250.0, pytest.approx(266.6667, abs=1e-4))
    # 250 ± 1.95996 · √((600·900,000,000 − 150,000²)/(600·599)/600)
    assert revenue.interval == Interval(
        low=pytest.approx(153.9851, abs=1e-3), high=pytest.approx(346.0149, abs=1e-3)
    )
    assert revenue.difference is not None
    assert revenue.difference.difference == 50.0
    assert control.figures[Counted.REPEAT].difference is None


def test_without_a_cap_there_is_no_raw_mean() -> None:
    experiment = make_experiment()
    money = CountedSums(customers=600, total=150_000, squares=900_000_000, raw_total=150_000)
    store(experiment, 30, A=arm(600, 30, revenue=money), nothing=arm(600, 30, revenue=money))

    assert read(experiment).arms[0].figures[Counted.REVENUE].raw_mean is None


def test_an_empty_arm_has_neither_a_mean_nor_an_interval() -> None:
    experiment = make_experiment()
    store(experiment, 0, A=arm(0, 0), nothing=arm(0, 0))

    figure = read(experiment).arms[0].figures[Counted.REPEAT]

    assert (figure.mean, figure.interval, figure.difference) == (None, None, None)


def test_increments_are_the_difference_for_every_matured_customer() -> None:
    experiment = make_experiment(plan="anytime", planned_customers=1600)
    orders = {
        "A": CountedSums(customers=800, total=120, squares=180, active=90, raw_total=120),
        "nothing": CountedSums(customers=800, total=80, squares=120, active=60, raw_total=80),
    }
    margins = {
        "A": CountedSums(customers=500, total=50_000, squares=50_000_000, active=40),
        "nothing": CountedSums(customers=500, total=30_000, squares=30_000_000, active=40),
    }
    store(
        experiment,
        30,
        A=arm(800, 90, orders=orders["A"], margin=margins["A"]),
        nothing=arm(800, 60, orders=orders["nothing"], margin=margins["nothing"]),
    )

    result = read(experiment)

    by_what = {each.counted: each for each in result.increments}
    assert set(by_what) == {Counted.ORDERS, Counted.MARGIN}
    assert by_what[Counted.ORDERS].arm_label == "A"
    assert by_what[Counted.ORDERS].amount == pytest.approx(40.0)
    assert by_what[Counted.MARGIN].amount == pytest.approx(20_000.0)
    difference = result.arms[0].figures[Counted.ORDERS].difference
    assert difference is not None
    assert by_what[Counted.ORDERS].interval == Interval(
        low=difference.interval.low * 800, high=difference.interval.high * 800
    )


# Days.


def test_each_look_is_a_point_and_one_that_was_held_back_has_no_interval() -> None:
    experiment = make_experiment(plan="anytime", planned_customers=4000)
    store(experiment, 6, full_days=6, A=arm(500, 60, new=5), nothing=arm(500, 50, new=4))
    store(experiment, 7, full_days=7, A=arm(1000, 150, new=500), nothing=arm(1000, 100, new=500))
    store(experiment, 8, full_days=8, A=arm(1000, 0), nothing=arm(1000, 0))

    early, day, odd = read(experiment).days

    assert (early.day, early.customers) == (date(2026, 3, 8), 1000)
    assert early.exposed == {"A": 5, "nothing": 4}
    assert early.differences == {"A": pytest.approx(0.02)}
    assert early.intervals == {"A": None}
    assert day.differences == {"A": pytest.approx(0.05)}
    assert day.intervals == {
        "A": Interval(
            low=pytest.approx(0.00438199775, abs=1e-9), high=pytest.approx(0.09561800225, abs=1e-9)
        )
    }
    assert (odd.differences, odd.intervals) == ({"A": None}, {"A": None})
    assert day.ratio_state is RatioState.CLEAN


# Progress.


def test_the_expected_day_follows_from_the_last_fortnight() -> None:
    # 20 a day in the last 14 days: 700 more of 1,000 take 35 days, and the last one matures 30 days later
    experiment = make_experiment(planned_customers=1000)
    store(experiment, 6, A=arm(0, 0, exposed=10), nothing=arm(0, 0, exposed=10))
    store(experiment, 20, A=arm(40, 4, exposed=150), nothing=arm(41, 4, exposed=150))

    progress = read(experiment).progress

    assert progress == Progress(
        matured=81, exposed=300, planned=1000, share=0.081, expected=date(2026, 5, 26)
    )


def test_a_young_experiment_has_the_rate_of_its_days() -> None:
    # 50 a day in 4 days: 800 more take 16 days
    experiment = make_experiment(planned_customers=1000)
    store(experiment, 3, A=arm(0, 0, exposed=100), nothing=arm(0, 0, exposed=100))

    assert read(experiment).progress.expected == day_of_number(START + 3 + 16 + 30)


def test_once_the_planned_size_is_exposed_it_matures_a_window_later() -> None:
    experiment = make_experiment(planned_customers=200)
    store(experiment, 3, A=arm(0, 0, exposed=99), nothing=arm(0, 0, exposed=100))
    store(experiment, 4, A=arm(0, 0, exposed=100), nothing=arm(0, 0, exposed=100))
    store(experiment, 40, A=arm(150, 0, exposed=150), nothing=arm(151, 0, exposed=151))

    progress = read(experiment).progress

    assert progress.expected == day_of_number(START + 34)
    assert (progress.share, progress.matured) == (1.0, 301)


@pytest.mark.parametrize(
    ("phase", "exposed"),
    [({}, 0), ({"ended_at": at(20)}, 100), ({"planned_customers": 2_000_000_000}, 1)],
)
def test_the_day_is_unknown_without_customers_after_the_end_or_beyond_the_calendar(
    phase: dict[str, Any], exposed: int
) -> None:
    experiment = make_experiment(phase={"planned_customers": 1000, **phase})
    store(experiment, 20, A=arm(0, 0, exposed=exposed), nothing=arm(0, 0, exposed=0))

    assert read(experiment).progress.expected is None


def test_customers_since_the_last_look_are_in_the_progress_alone() -> None:
    experiment = make_experiment(window_days=1)
    expose(experiment, day=0)
    take_look(phase=experiment.phases.get(), day_no=START + 3, now=at(4))
    expose(experiment, day=4)
    guest = expose(experiment, day=4)
    account = expose(experiment, day=4)
    merge_customers(guest=guest.customer, into=account.customer)
    expose(experiment, day=41)

    result = read(experiment, day=40)

    assert result.arms[0].exposed == 1
    assert result.progress.exposed == 3


# From the page to the verdict.


def test_from_exposures_and_orders_to_the_result() -> None:
    experiment = make_experiment(window_days=1, primary_metric="revenue", plan="anytime")
    for number in range(6):
        a, nothing = expose(experiment, "A"), expose(experiment, "nothing")
        buy(a, day=1, net=1000 + number)
        if number < 2:
            buy(nothing, day=1, net=500)
    take_look(phase=experiment.phases.get(), day_no=START + 8, now=at(9))

    result = read(experiment, day=9)

    a, nothing = (each.figures[Counted.REVENUE] for each in result.arms)
    assert (a.customers, a.total, nothing.total) == (6, 6015, 1000)
    assert a.difference is not None
    assert a.difference.difference == pytest.approx(835.8333, abs=1e-4)
    assert result.verdict == Verdict(state=VerdictState.TOO_FEW)


@pytest.mark.parametrize("looks", [1, 40])
def test_reading_costs_four_queries_whatever_the_number_of_looks(
    looks: int, django_assert_num_queries: Any
) -> None:
    experiment = make_experiment()
    for day in range(looks):
        store(experiment, day, A=arm(1000, 150), nothing=arm(1000, 100))
    phase = experiment.phases.get()

    with django_assert_num_queries(4):
        load_result(phase=phase, now=at(60))
