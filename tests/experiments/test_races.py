"""Two at once: one exposure, one start, one decision, one holdout of a quarter."""

from __future__ import annotations

from typing import Any

import pytest

from django_ppx.core.recording import record_purchase
from django_ppx.core.retrying import run_retrying
from django_ppx.exceptions import PpxError
from django_ppx.experiments import exposing
from django_ppx.experiments.ending import decide_experiment
from django_ppx.experiments.models import (
    Experiment,
    ExperimentArm,
    ExperimentDecision,
    ExperimentExposure,
    ExperimentPhase,
)
from django_ppx.experiments.quarters import open_quarter
from django_ppx.experiments.starting import start_experiment
from django_ppx.offers.presenting import present
from django_ppx.offers.snapshot import current_snapshot
from tests.experiments.test_running import NOW, make_draft, start
from tests.hosts import host_order
from tests.offers.test_experiments_on_pages import PAGE
from tests.racing import run_together

pytestmark = pytest.mark.django_db(transaction=True)


def expose_in_many_tabs() -> list[int]:
    start(make_draft())
    snapshot = current_snapshot()
    record = record_purchase(order=host_order("1"), now=NOW)
    return run_together(lambda _: len(present(snapshot, record, PAGE)), times=6)


def test_many_tabs_expose_a_customer_once():
    shown = expose_in_many_tabs()

    assert shown == [1] * 6
    assert ExperimentExposure.objects.count() == 1


def test_the_tabs_do_race(monkeypatch: Any):
    """The control: without skipping what stands already, a tab fails."""
    insert = ExperimentExposure.objects.bulk_create

    def colliding(rows: Any, ignore_conflicts: bool) -> Any:
        return insert(list(rows))

    monkeypatch.setattr(exposing.ExperimentExposure.objects, "bulk_create", colliding)

    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        expose_in_many_tabs()


def outcome(work: Any) -> str:
    try:
        run_retrying(work)
    except PpxError as error:
        return type(error).__name__
    return "done"


def test_an_experiment_is_started_once():
    experiment = make_draft()

    def start_it(_number: int) -> str:
        mine = Experiment.objects.get(pk=experiment.pk)
        return outcome(
            lambda: start_experiment(experiment=mine, planned_customers=None, by=None, now=NOW)
        )

    answers = run_together(start_it)

    assert sorted(answers) == ["CannotStart"] * 7 + ["done"]
    assert ExperimentPhase.objects.count() == ExperimentDecision.objects.count() == 1


def test_one_of_two_experiments_gets_the_offer():
    one = make_draft()
    two = Experiment.objects.create(name="Other", offer_id=one.offer_id, planned_customers=100)
    for arm in one.arms.all():
        ExperimentArm.objects.create(experiment=two, variant_id=arm.variant_id, label=arm.label)
    pair = [one.pk, two.pk]

    def start_it(number: int) -> str:
        mine = Experiment.objects.get(pk=pair[number % 2])
        return outcome(
            lambda: start_experiment(experiment=mine, planned_customers=None, by=None, now=NOW)
        )

    answers = run_together(start_it)

    assert answers.count("done") == 1
    assert ExperimentPhase.objects.count() == 1


def test_an_experiment_is_decided_once():
    experiment = make_draft()
    start(experiment)

    def decide(number: int) -> str:
        mine = Experiment.objects.get(pk=experiment.pk)
        return outcome(
            lambda: decide_experiment(
                experiment=mine,
                arm_label="AB"[number % 2],
                reason="Better",
                by=None,
                snapshot={},
                now=NOW,
            )
        )

    answers = run_together(decide)

    assert sorted(answers) == ["CannotEnd"] * 7 + ["done"]
    assert ExperimentDecision.objects.filter(action="decided").count() == 1


def test_a_quarter_is_begun_once(settings: Any):
    settings.PPX_HOLDOUT_PERCENT = 5

    begun = run_together(lambda _: open_quarter(now=NOW))

    assert begun.count(True) == 1
    assert Experiment.objects.count() == ExperimentPhase.objects.count() == 1
