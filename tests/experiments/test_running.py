"""Starting, changing, stopping, deciding and rolling out, as staff do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import ProtectedError

from django_ppx.core.models import PurchaseEntry
from django_ppx.experiments.changing import CannotChange, change_coverage, open_phase
from django_ppx.experiments.ending import CannotEnd, decide_experiment, stop_experiment
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentDecision
from django_ppx.experiments.quarters import close_quarters, open_quarter
from django_ppx.experiments.starting import (
    CannotStart,
    money_terms,
    start_experiment,
    start_problems,
)
from django_ppx.offers.models import Offer, OfferVariant
from django_ppx.offers.rolling_out import roll_out
from django_ppx.testing import make_offer, make_purchase, make_variant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def make_draft(*, weights: tuple[int, ...] = (1, 1), **columns: Any) -> Experiment:
    offer = make_offer("message")
    for label in "BCD"[: len(weights) - 1]:
        make_variant(offer, label=label)
    experiment = Experiment.objects.create(
        **{"name": "Wording", "offer_id": offer.pk, "planned_customers": 100, **columns}
    )
    variants = offer.variants.order_by("label")
    for variant, weight in zip(variants, weights, strict=True):
        ExperimentArm.objects.create(
            experiment=experiment, variant=variant, label=variant.label, weight=weight
        )
    return experiment


def start(experiment: Experiment, planned: int | None = None) -> Any:
    return start_experiment(experiment=experiment, planned_customers=planned, by=None, now=NOW)


def make_running(**columns: Any) -> Experiment:
    experiment = make_draft(**columns)
    start(experiment)
    return experiment


def stop(experiment: Experiment) -> ExperimentDecision:
    return stop_experiment(
        experiment=experiment, reason="Enough", by=None, snapshot={"arms": []}, now=NOW
    )


def decide(experiment: Experiment, arm_label: str = "B", reason: str = "Better") -> Any:
    return decide_experiment(
        experiment=experiment,
        arm_label=arm_label,
        reason=reason,
        by=None,
        snapshot={"p": 0.01},
        now=NOW,
    )


def rolled_out(experiment: Experiment, label: str) -> ExperimentDecision:
    arm = experiment.arms.get(label=label)
    return roll_out(experiment=experiment, arm=arm, reason="", by=None, snapshot={}, now=NOW)


def test_starting_freezes_the_terms():
    experiment = make_draft(window_days=14, control_label="B", secondary_metrics=["revenue"])

    phase = start(experiment)

    a, b = experiment.arms.order_by("label")
    assert (phase.number, phase.window_days, phase.planned_customers) == (1, 14, 100)
    assert phase.shares == {str(a.pk): 100, str(b.pk): 100}
    assert (phase.control_id, phase.primary_metric) == (b.pk, "repeat")
    assert phase.start_day_no == 20522
    assert (experiment.status, experiment.running_offer_id) == ("running", experiment.offer_id)
    assert experiment.decisions.get().action == "started"


def test_a_holdout_gets_its_share_beside_the_weights():
    experiment = make_draft(weights=(3, 1), holdout_percent=10)

    phase = start(experiment)

    a, b, nothing = experiment.arms.order_by("is_holdout", "label")
    assert phase.shares == {str(a.pk): 270, str(b.pk): 90, str(nothing.pk): 40}
    assert phase.control_id == nothing.pk


def test_the_holdout_has_a_label_of_its_own_also_where_a_variant_is_called_that():
    experiment = make_draft(holdout_percent=10)
    experiment.arms.filter(label="B").update(label="nothing shown")

    start(experiment)

    assert experiment.arms.get(is_holdout=True).label == "Nothing shown 2"


def test_one_variant_against_nothing_is_enough():
    assert start(make_draft(weights=(1,), holdout_percent=50)).shares


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"weights": (1,)}, "It needs two sides: two variants, or a variant and nothing."),
        ({"weights": (1, 0)}, "It needs two sides: two variants, or a variant and nothing."),
        ({"control_label": "Z"}, "Say which variant the others are compared with."),
        (
            {"holdout_percent": 10, "primary_metric": "clicked"},
            "Who is shown nothing can't do that. Decide by what customers buy instead.",
        ),
        (
            {"plan": "exact", "primary_metric": "revenue"},
            "Exact counts are for a yes or no, not for money.",
        ),
        (
            {"planned_customers": None},
            "Say how many customers are planned, or let the planner.",
        ),
    ],
)
def test_what_could_never_answer_does_not_start(columns: dict[str, Any], sentence: str):
    experiment = make_draft(**columns)

    with pytest.raises(CannotStart, match=sentence.replace("?", r"\?")):
        start(experiment)

    experiment.refresh_from_db()
    assert (experiment.status, experiment.phases.count()) == ("draft", 0)


def test_the_planners_figure_fills_what_staff_left_empty():
    assert start(make_draft(planned_customers=None), planned=640).planned_customers == 640


def test_an_offer_has_one_running_experiment():
    running = make_running()
    second = make_draft()
    Experiment.objects.filter(pk=second.pk).update(offer=running.offer_id)
    for arm, variant in zip(second.arms.all(), running.offer.variants.all(), strict=True):
        arm.variant = variant
        arm.save()
    second.refresh_from_db()

    with pytest.raises(CannotStart, match="“Wording” runs on this offer"):
        start(second)


def test_a_variant_of_another_offer_is_refused():
    experiment = make_draft()
    arm = experiment.arms.last()
    arm.variant = make_variant(make_offer("message"))
    arm.save()

    assert start_problems(experiment) == ("A variant is not one of this offer.",)


def test_starting_twice_is_refused():
    experiment = make_running()

    with pytest.raises(CannotStart, match="It was started before"):
        start(experiment)

    assert experiment.phases.count() == 1


def test_the_cap_is_the_99th_percentile_of_the_orders_before():
    purchase = make_purchase()
    PurchaseEntry.objects.all().delete()
    PurchaseEntry.objects.bulk_create(
        PurchaseEntry(
            purchase=purchase,
            customer=purchase.customer,
            type="purchase",
            key=f"purchase {number}",
            currency="EUR",
            base_currency="EUR",
            gross_minor=number,
            net_minor=number,
            base_net_minor=number,
            occurred_at=NOW,
            recorded_at=NOW,
            local_date=NOW.date(),
            day_no=20500,
            month_no=24314,
            order_day_no=20500,
            recorded_day_no=20500,
        )
        for number in range(1, 201)
    )

    terms = money_terms(now=NOW)

    assert (terms.currency, terms.winsor_cap_minor) == ("EUR", 198)
    PurchaseEntry.objects.filter(base_net_minor__gt=99).delete()
    assert money_terms(now=NOW).winsor_cap_minor is None


def test_coverage_only_grows():
    experiment = make_running(coverage_percent=20)

    change_coverage(experiment=experiment, percent=60, by=None, now=NOW)

    assert experiment.coverage_percent == 60
    for percent in (60, 20, 101):
        with pytest.raises(CannotChange):
            change_coverage(experiment=experiment, percent=percent, by=None, now=NOW)
    assert experiment.decisions.filter(action="coverage").count() == 1


def test_other_weights_open_a_new_phase_with_a_salt_of_its_own():
    experiment = make_running()
    first = experiment.phases.get()
    a, b = experiment.arms.order_by("label")

    second = open_phase(
        experiment=experiment,
        weights={a.pk: 1, b.pk: 9},
        reason="B looks fine",
        by=None,
        now=NOW + timedelta(days=3),
    )

    first.refresh_from_db()
    assert first.ended_at == NOW + timedelta(days=3)
    assert (second.number, second.start_day_no) == (2, 20525)
    assert second.shares == {str(a.pk): 100, str(b.pk): 900}
    assert second.salt != first.salt
    assert second.pk != first.pk


@pytest.mark.parametrize("weights", [(0, 0), (0, 1), (-1, 2)])
def test_weights_that_compare_nobody_are_refused(weights: tuple[int, int]):
    experiment = make_running()
    keys = list(experiment.arms.order_by("label").values_list("pk", flat=True))

    with pytest.raises(CannotChange):
        open_phase(
            experiment=experiment,
            weights=dict(zip(keys, weights, strict=True)),
            reason="",
            by=None,
            now=NOW,
        )

    assert experiment.phases.count() == 1


def test_stopping_frees_the_offer_and_ends_the_phase():
    experiment = make_running()

    stop(experiment)

    assert (experiment.status, experiment.running_offer) == ("stopped", None)
    assert experiment.phases.get().ended_at == NOW
    with pytest.raises(CannotEnd, match="It does not run"):
        stop(experiment)


def test_deciding_stops_and_keeps_the_figures():
    experiment = make_running()

    line = decide(experiment)

    assert (experiment.status, experiment.stopped_at, experiment.decided_at) == (
        "decided",
        NOW,
        NOW,
    )
    assert (line.arm_label, line.reason, line.snapshot) == ("B", "Better", {"p": 0.01})
    with pytest.raises(CannotEnd, match="and once"):
        decide(experiment)


@pytest.mark.parametrize(
    ("arm", "reason", "sentence"),
    [("Z", "Better", "It has no such arm"), ("B", " ", "Say why")],
)
def test_a_decision_needs_an_arm_of_its_own_and_a_reason(arm: str, reason: str, sentence: str):
    experiment = make_running()

    with pytest.raises(CannotEnd, match=sentence):
        decide(experiment, arm, reason)

    experiment.refresh_from_db()
    assert experiment.status == "running"


def test_a_line_of_the_log_never_changes():
    line = decide(make_running())
    line.reason = "Worse"

    with pytest.raises(TypeError):
        line.save()

    assert ExperimentDecision.objects.get(pk=line.pk).reason == "Better"


def test_rolling_out_shows_the_winner_with_every_further_order():
    experiment = make_running()
    decide(experiment)

    rolled_out(experiment, "B")

    weights = dict(OfferVariant.objects.values_list("label", "weight"))
    assert weights == {"A": 0, "B": 1}
    assert experiment.decisions.filter(action="rolled_out").count() == 1


def test_where_nothing_shown_won_the_offer_is_paused():
    experiment = make_running(holdout_percent=50)
    decide(experiment, "Nothing shown")

    rolled_out(experiment, "Nothing shown")

    assert Offer.objects.get().status == "paused"
    assert set(OfferVariant.objects.values_list("weight", flat=True)) == {1}


def test_it_is_rolled_out_once():
    experiment = make_running()
    decide(experiment)
    rolled_out(experiment, "B")

    with pytest.raises(CannotEnd, match="rolled out before"):
        rolled_out(experiment, "A")

    weights = experiment.offer.variants.order_by("label").values_list("weight", flat=True)
    assert list(weights) == [0, 1]
    assert experiment.decisions.filter(action="rolled_out").count() == 1


def test_only_what_was_decided_is_rolled_out():
    experiment = make_running()

    with pytest.raises(CannotEnd, match="Decide it first"):
        rolled_out(experiment, "B")

    assert set(OfferVariant.objects.values_list("weight", flat=True)) == {1}


def test_a_variant_in_an_experiment_and_its_offer_can_not_be_deleted():
    experiment = make_running()

    with pytest.raises(ProtectedError):
        experiment.offer.delete()
    with pytest.raises(ProtectedError):
        experiment.arms.first().variant.delete()


def test_a_quarter_is_opened_once_and_closed_when_it_is_over(settings):
    settings.PPX_HOLDOUT_PERCENT = 5

    assert open_quarter(now=NOW)
    assert not open_quarter(now=NOW)

    quarter = Experiment.objects.get()
    assert (quarter.quarter, quarter.status) == ("2026-Q1", "running")
    assert set(quarter.phases.get().shares.values()) == {95, 5}
    assert close_quarters(now=NOW) == 0
    assert close_quarters(now=datetime(2026, 4, 1, 12, tzinfo=UTC)) == 1
    assert Experiment.objects.get().status == "stopped"
    assert not open_quarter(now=NOW)


@pytest.mark.parametrize("percent", [0, 51, -1, "5", None, 4.5, True])
def test_a_wrong_setting_holds_nobody_out(settings, percent: Any):
    settings.PPX_HOLDOUT_PERCENT = percent

    opened = open_quarter(now=NOW)

    assert not opened
    assert not Experiment.objects.exists()


def test_a_quarter_begins_at_midnight_of_the_shop(settings):
    settings.PPX_HOLDOUT_PERCENT = 5
    settings.PPX_TIME_ZONE = "Asia/Tokyo"

    open_quarter(now=datetime(2026, 3, 31, 15, 0, tzinfo=UTC))

    assert Experiment.objects.get().quarter == "2026-Q2"


def test_a_planned_start_begins_the_phase():
    starts = NOW + timedelta(days=3)

    phase = start(make_draft(starts_at=starts))

    assert (phase.started_at, phase.start_day_no) == (starts, 20525)
