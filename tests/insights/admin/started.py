"""Experiments in the database, started as staff would have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentPhase
from django_ppx.testing import make_offer

STARTED_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
START_DAY_NO = 20513  # 1 March 2026


def make_draft(**overrides: Any) -> Experiment:
    """Return a draft on an offer of its own, with the variant "B" and a holdout, "A"."""
    offer = overrides.pop("offer", None) or make_offer()
    experiment = Experiment.objects.create(
        **{"name": "Thanks", "offer": offer, "holdout_percent": 50, **overrides}
    )
    ExperimentArm.objects.create(experiment=experiment, label="A", is_holdout=True)
    ExperimentArm.objects.create(
        experiment=experiment, label="B", variant=offer.variants.first() if offer else None
    )
    return experiment


def make_started(**overrides: Any) -> Experiment:
    """Return a running experiment with its first phase."""
    values = {"status": "running", "started_at": STARTED_AT}
    experiment = make_draft(**{**values, **overrides})
    if experiment.status == "running":
        Experiment.objects.filter(pk=experiment.pk).update(running_offer=experiment.offer_id)
    make_phase(experiment)
    return experiment


def make_phase(experiment: Experiment, **overrides: Any) -> ExperimentPhase:
    arms = {arm.label: arm for arm in experiment.arms.all()}
    values: dict[str, Any] = {
        "number": 1,
        "salt": "salt",
        "shares": {str(arm.pk): 1 for arm in arms.values()},
        "control": arms["A"],
        "primary_metric": "repeat",
        "window_days": 30,
        "plan": "hybrid",
        "planned_customers": 17_458,
        "currency": "EUR",
        "started_at": STARTED_AT,
        "start_day_no": START_DAY_NO,
    }
    return ExperimentPhase.objects.create(experiment=experiment, **{**values, **overrides})
