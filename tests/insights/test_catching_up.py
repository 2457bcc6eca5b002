"""Looks that are missing: which they are, and that taking them late gives what taking them daily gives."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_ppx.experiments.models import Experiment
from django_ppx.experiments.quarters import open_quarter
from django_ppx.insights.catching_up import measure_experiments
from django_ppx.insights.due import due_looks
from django_ppx.insights.models import ExperimentLook
from django_ppx.testing import make_customer, make_entry, make_experiment, make_phase
from tests.insights.days import START, at, buy, expose, place
from tests.racing import run_together

pytestmark = pytest.mark.django_db


def due_days(day: int, **options: Any) -> list[list[int]]:
    due = due_looks(now=at(day, 1), **options)
    return [[number - START for number in each.days] for each in due]


def test_every_complete_day_since_the_start_is_due() -> None:
    make_experiment()

    assert due_days(0) == [[]]
    assert due_days(1) == [[0]]
    assert due_days(3) == [[0, 1, 2]]


def test_a_draft_is_not_measured() -> None:
    make_experiment(status="draft")

    assert due_days(3) == []


def test_missed_days_are_caught_up_with_in_order() -> None:
    make_experiment(window_days=7)

    first = measure_experiments(now=at(2, 1))
    second = measure_experiments(now=at(5, 1))
    third = measure_experiments(now=at(5, 2))

    assert [each.new_looks for each in (*first, *second, *third)] == [2, 3, 0]
    assert second[0].last_day is not None
    assert second[0].last_day.isoformat() == "2026-03-06"
    looks = ExperimentLook.objects.order_by("pk").values_list("day_no", flat=True)
    assert list(looks) == [START + day for day in range(5)]


@pytest.mark.parametrize("status", ["stopped", "decided"])
def test_a_stopped_one_is_measured_until_its_last_customer_has_matured(status: str) -> None:
    experiment = make_experiment(
        status=status, window_days=3, stopped_at=at(2, 15), phase={"ended_at": at(2, 15)}
    )

    assert due_days(20) == [[0, 1, 2, 3, 4, 5]]

    measure_experiments(now=at(20))

    assert due_days(21) == []
    assert experiment.phases.get().looks.count() == 6


def test_one_that_was_stopped_without_an_end_of_its_phase_ends_too() -> None:
    make_experiment(status="stopped", window_days=3, stopped_at=at(2, 15))

    assert due_days(20) == [[0, 1, 2, 3, 4, 5]]


def test_each_phase_is_measured_apart() -> None:
    experiment = make_experiment(window_days=2, phase={"ended_at": at(1, 9)})
    make_phase(experiment, shares={"A": 90, "nothing": 10}, started_at=at(1, 9))

    assert due_days(6) == [[0, 1, 2, 3], [1, 2, 3, 4, 5]]

    measured = measure_experiments(now=at(6, 1))

    assert [each.new_looks for each in measured] == [9]


def test_one_experiment_can_be_named() -> None:
    experiment, other = make_experiment(), make_experiment()

    measured = measure_experiments(now=at(3), experiment_id=experiment.pk)

    assert [each.experiment for each in measured] == [experiment]
    assert not other.phases.get().looks.exists()


def test_one_that_fails_is_logged_and_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = make_experiment(shares={"A": 1})
    make_experiment()
    seen: list[tuple[int, int]] = []

    with caplog.at_level(logging.ERROR, logger="django_ppx"):
        measured = measure_experiments(
            now=at(2), on_look=lambda done, total: seen.append((done, total))
        )

    assert [each.has_failed for each in measured] == [True, False]
    assert [each.new_looks for each in measured] == [0, 2]
    assert f"Measuring experiment {broken.pk} failed." in caplog.text
    assert seen == [(1, 4), (2, 4)]


@pytest.mark.parametrize("experiments", [1, 4])
def test_what_is_due_costs_two_queries(experiments: int, django_assert_num_queries: Any) -> None:
    for _number in range(experiments):
        make_experiment()

    with django_assert_num_queries(2):
        due_looks(now=at(9))


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_of_two_processes_at_once_each_look_is_stored_once() -> None:
    experiment = make_experiment(window_days=1)
    buy(expose(experiment), day=1)

    results = run_together(lambda number: measure_experiments(now=at(6)), times=4)

    assert sum(each.new_looks for [each] in results) == 6
    assert not any(each.has_failed for [each] in results)
    days = ExperimentLook.objects.order_by("day_no").values_list("day_no", flat=True)
    assert list(days) == [START + day for day in range(6)]


FACTS = st.lists(
    st.tuples(
        st.integers(0, 3),  # whose
        st.integers(0, 6),  # day of the order
        st.sampled_from([0, 300, 900]),
        st.integers(0, 4),  # days until it was recorded
        st.sampled_from(["", "refund", "cancellation", "chargeback"]),
        st.integers(0, 5),  # days until it was taken back
        st.integers(0, 4),  # and until that was recorded
    ),
    max_size=8,
)


@given(facts=FACTS, shuffled=st.randoms(use_true_random=False))
@hypothesis_settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_catching_up_gives_what_looking_daily_gives(facts: list[Any], shuffled: Any) -> None:
    """The ledger is written as things become known, in any order; the last look sees all of it either way."""
    daily, late = (make_experiment(window_days=3) for _number in range(2))
    writes = [*_writes(daily, facts), *_writes(late, facts)]
    shuffled.shuffle(writes)
    writes.sort(key=lambda write: write[0])  # stable: random within a day

    for day in range(16):
        for _day, write in (each for each in writes if each[0] == day):
            write()
        measure_experiments(now=at(day + 1), experiment_id=daily.pk)
    measure_experiments(now=at(16), experiment_id=late.pk)

    assert _looks(late) == _looks(daily)
    assert len(_looks(daily)) == 16


def _writes(experiment: Experiment, facts: list[Any]) -> list[tuple[int, Any]]:
    """Return what is written into the ledger, and on which day."""
    arms = ("A", "A", "nothing", "nothing")
    exposures = [expose(experiment, arm, day=1, customer=make_customer()) for arm in arms]
    writes: list[tuple[int, Any]] = []
    for who, day, net, recorded_after, undone, undone_after, undone_known_after in facts:
        purchase = place(exposures[who].customer, at(day))
        known = day + recorded_after

        def bought(purchase: Any = purchase, net: int = net, known: int = known) -> None:
            make_entry(purchase, net=net, recorded_at=at(known))

        writes.append((known, bought))
        if undone:
            happened = day + undone_after
            heard = happened + undone_known_after

            def undo(
                purchase: Any = purchase,
                net: int = net,
                undone: str = undone,
                happened: int = happened,
                heard: int = heard,
            ) -> None:
                make_entry(purchase, type=undone, net=-net, at=at(happened), recorded_at=at(heard))

            writes.append((heard, undo))
    return writes


def _looks(experiment: Experiment) -> list[Any]:
    """Return the stored looks with the arms by their labels, so that two experiments can be compared."""
    labels = {str(arm.pk): arm.label for arm in experiment.arms.all()}
    looks = experiment.phases.get().looks.order_by("day_no")
    return [
        (look.day_no, _named(look.arms, labels), _named(look.results, labels)) for look in looks
    ]


def _named(value: Any, labels: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {labels.get(key, key): _named(each, labels) for key, each in value.items()}
    return value


def test_the_holdout_of_a_quarter_that_is_over_is_stopped_and_measured_to_its_end(settings) -> None:
    settings.PPX_HOLDOUT_PERCENT = 5
    open_quarter(now=at(27))  # 29 March

    measure_experiments(now=at(29, 1))  # 31 March
    before = Experiment.objects.get().status
    measure_experiments(now=at(31, 1))  # 2 April
    measure_experiments(now=at(90, 1))

    quarter = Experiment.objects.get()
    assert (before, quarter.status, quarter.stopped_at) == ("running", "stopped", at(31, 1))
    assert ExperimentLook.objects.order_by("day_no").last().day_no == START + 31 + 30
