"""A stored look: taken once, as of a day that is over, never changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from django_ppx.experiments.models import Experiment, ExperimentPhase
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.insights.looking import full_days, take_look
from django_ppx.insights.looks import LookResults
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.results import Counted
from django_ppx.insights.sums import sums_from_json
from django_ppx.testing import make_entry, make_experiment
from tests.insights.days import START, at, buy, expose
from tests.racing import run_together

pytestmark = pytest.mark.django_db


def phase_of(experiment: Experiment) -> ExperimentPhase:
    return ExperimentPhase.objects.select_related("experiment").get(experiment=experiment)


def revenue(look: ExperimentLook, experiment: Experiment) -> int:
    sums = sums_from_json(look.arms)[experiment.arms.get(label="A").pk]
    return sums.counted[Counted.REVENUE].total


def test_a_look_is_stored_with_its_sums_and_results() -> None:
    experiment = make_experiment(window_days=7)
    buy(expose(experiment, day=0), day=3, net=900)
    expose(experiment, "nothing", day=2)
    a, nothing = (str(experiment.arms.get(label=label).pk) for label in ("A", "nothing"))

    look = take_look(phase=phase_of(experiment), day_no=START + 8, now=at(9, 1))

    stored = ExperimentLook.objects.get()
    assert stored == look
    assert (stored.day_no, stored.local_date) == (START + 8, date(2026, 3, 10))
    assert stored.taken_at == at(9, 1)
    assert stored.ratio_state == "clean"
    assert stored.arms[a]["counted"]["revenue"] == {
        "customers": 1,
        "total": 900,
        "squares": 810_000,
        "active": 1,
        "raw_total": 900,
    }
    assert (stored.arms[nothing]["exposed"], stored.arms[nothing]["matured"]) == (1, 0)
    assert stored.results["obstacles"] == ["empty_arm"]
    assert stored.results["primary"][a]["trail"]["outcome"] == "open"
    assert LookResults.from_json(stored.results).as_json() == stored.results


def test_a_refund_after_the_look_is_in_the_next_one_alone() -> None:
    experiment = make_experiment(window_days=7)
    order = buy(expose(experiment, day=0), day=3, net=900)
    first = take_look(phase=phase_of(experiment), day_no=START + 8, now=at(9))
    make_entry(order.purchase, type="refund", net=-400, at=at(4), recorded_at=at(9))

    again = take_look(phase=phase_of(experiment), day_no=START + 8, now=at(10))
    second = take_look(phase=phase_of(experiment), day_no=START + 9, now=at(10))

    assert again == first
    assert again.taken_at == at(9)
    assert [revenue(look, experiment) for look in (again, second)] == [900, 500]


@pytest.mark.parametrize("day", [-1, 5, 6])
def test_no_look_before_the_start_or_on_a_day_that_is_not_over(day: int) -> None:
    phase = phase_of(make_experiment())

    with pytest.raises(ValueError, match="a complete day since the start"):
        take_look(phase=phase, day_no=START + day, now=at(5, 23, 59, 59))

    assert not ExperimentLook.objects.exists()


def test_the_day_is_over_at_midnight() -> None:
    look = take_look(phase=phase_of(make_experiment()), day_no=START + 4, now=at(5, 0))

    assert look.local_date == date(2026, 3, 6)


@pytest.mark.parametrize(
    ("started_at", "days"), [(at(0, 0), 7), (at(0, 0, 0, 1), 6), (at(0, 23), 6)]
)
def test_the_first_day_is_full_when_it_began_at_midnight(started_at: Any, days: int) -> None:
    phase = phase_of(make_experiment(phase={"started_at": started_at}))

    assert phase.start_day_no == START
    assert full_days(phase, START + 6) == days


def test_a_control_without_ghost_exposures_turns_the_ratio_red() -> None:
    experiment = make_experiment(window_days=1)
    for number in range(60):
        expose(experiment, "A", day=number % 3)
    for _number in range(5):
        expose(experiment, "nothing", day=0)

    look = take_look(phase=phase_of(experiment), day_no=START + 8, now=at(9))

    assert look.ratio_state == RatioState.RED
    assert look.results["obstacles"][0] == "sample_ratio"


def test_a_look_builds_on_the_one_before() -> None:
    experiment = make_experiment(window_days=1)
    phase = phase_of(experiment)
    for _number in range(60):
        expose(experiment, "A", day=0)
    take_look(phase=phase, day_no=START, now=at(1))
    for _number in range(60):
        expose(experiment, "nothing", day=1)

    look = take_look(phase=phase, day_no=START + 1, now=at(2))

    # the halves are even by now; that they were not is remembered
    assert look.results["ratio"]["p_value"] == 1.0
    assert look.results["ratio"]["always_valid_p"] < 0.01
    assert look.ratio_state == RatioState.RED


@pytest.mark.parametrize("customers", [1, 5])
def test_a_look_costs_eight_statements_whatever_the_number_of_customers(
    customers: int, django_assert_num_queries: Any
) -> None:
    experiment = make_experiment(window_days=1, secondary_metrics=["redeemed"])
    for _customer in range(customers):
        buy(expose(experiment), day=1)
    phase = phase_of(experiment)

    with django_assert_num_queries(10):  # two of them are the savepoint
        take_look(phase=phase, day_no=START + 5, now=at(9))


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_of_eight_who_look_at_once_one_stores_and_all_return_it() -> None:
    experiment = make_experiment(window_days=1)
    buy(expose(experiment), day=1)
    phase = phase_of(experiment)

    looks = run_together(
        lambda number: take_look(
            phase=phase, day_no=START + 5, now=at(9) + timedelta(seconds=number)
        )
    )

    stored = ExperimentLook.objects.get()
    assert {look.pk for look in looks} == {stored.pk}
    assert {look.taken_at for look in looks} == {stored.taken_at}
