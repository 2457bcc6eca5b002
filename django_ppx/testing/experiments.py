"""Experiments, exposures and lines of the purchases ledger as they stand in the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from zoneinfo import ZoneInfo

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number, day_of_number, end_of_local_days, month_number
from django_ppx.core.models import Purchase, PurchaseEntry
from django_ppx.experiments.models import (
    Experiment,
    ExperimentArm,
    ExperimentExposure,
    ExperimentPhase,
)
from django_ppx.testing.core import make_purchase
from django_ppx.testing.offers import make_offer, make_variant

_numbers: Final = count(1)
STARTED_AT: Final = datetime(2026, 3, 1, 23, tzinfo=UTC)
"""2 March 2026, midnight in Berlin: day number 20514."""


def make_experiment(
    *, shares: dict[str, int] | None = None, phase: dict[str, Any] | None = None, **overrides: Any
) -> Experiment:
    """Return a running experiment with its first phase: an offer's variant A against showing nothing, half and half.

    `shares` names the arms and their weights; the one called "nothing" is the holdout, the last one the control:
    make_experiment(shares={"A": 45, "B": 45, "nothing": 10}). `phase` holds columns of the phase, everything else
    of the experiment. With `status="draft"` there is no phase; with `offer=None` it needs a `quarter`.
    """
    shares = shares or {"A": 50, "nothing": 50}
    values: dict[str, Any] = {
        "name": f"Experiment {next(_numbers)}",
        "status": Experiment.Status.RUNNING,
        "holdout_percent": shares.get("nothing", 0) * 100 // sum(shares.values()),
        **overrides,
    }
    if "offer" not in values:
        values["offer"] = make_offer()
    if values["status"] != Experiment.Status.DRAFT:
        values.setdefault("started_at", STARTED_AT)
    if values["status"] == Experiment.Status.RUNNING:
        values["running_offer"] = values["offer"]
    experiment = Experiment.objects.create(**values)
    for label, weight in shares.items():
        _make_arm(experiment, label, weight)
    if experiment.status != Experiment.Status.DRAFT:
        make_phase(experiment, shares=shares, **(phase or {}))
    return experiment


def _make_arm(experiment: Experiment, label: str, weight: int) -> ExperimentArm:
    """Return an arm with the offer's variant of this label, made where the offer has none."""
    is_holdout = label == "nothing"
    variant = None
    if experiment.offer is not None and not is_holdout:
        variant = experiment.offer.variants.filter(label=label).first()
        variant = variant or make_variant(experiment.offer, label=label)
    return experiment.arms.create(
        label=label, weight=weight, variant=variant, is_holdout=is_holdout
    )


def make_phase(
    experiment: Experiment, *, shares: dict[str, int] | None = None, **overrides: Any
) -> ExperimentPhase:
    """Return the next phase of `experiment`, with its terms; the last arm that `shares` names is the control."""
    shares = shares or {arm.label: arm.weight for arm in experiment.arms.all()}
    arms = {arm.label: arm for arm in experiment.arms.all()}
    started_at = overrides.get("started_at", STARTED_AT)
    values: dict[str, Any] = {
        "number": experiment.phases.count() + 1,
        "salt": f"salt {next(_numbers)}",
        "shares": {str(arms[label].pk): weight for label, weight in shares.items()},
        "control": arms[list(shares)[-1]],
        "primary_metric": experiment.primary_metric,
        "secondary_metrics": experiment.secondary_metrics,
        "window_days": experiment.window_days,
        "plan": experiment.plan,
        "planned_customers": experiment.planned_customers or 1000,
        "currency": "EUR",
        "started_at": started_at,
        "start_day_no": day_number(started_at, _zone()),
    }
    return experiment.phases.create(**{**values, **overrides})


def make_exposure(
    experiment: Experiment,
    arm: str = "A",
    *,
    purchase: Purchase | None = None,
    at: datetime | None = None,
    **overrides: Any,
) -> ExperimentExposure:
    """Return the first exposure of a customer to the arm of this label, in the newest phase.

    It happens at `at`, else when `purchase` (a new customer's, if none is given) was placed.
    """
    if purchase is None:
        purchase = make_purchase(placed_at=at) if at else make_purchase()
    exposed_at = at or purchase.placed_at
    phase = overrides.pop("phase", None) or experiment.phases.latest("number")
    values: dict[str, Any] = {
        "experiment": experiment,
        "phase": phase,
        "arm": experiment.arms.get(label=arm),
        "customer_id": purchase.customer_id,
        "purchase": purchase,
        "placement": "thank_you",
        "exposed_at": exposed_at,
        "day_no": day_number(exposed_at, _zone()),
        "window_ends_at": end_of_local_days(exposed_at, phase.window_days, _zone()),
    }
    return ExperimentExposure.objects.create(**{**values, **overrides})


def make_entry(
    purchase: Purchase,
    *,
    type: str = "purchase",
    net: int = 5000,
    at: datetime | None = None,
    recorded_at: datetime | None = None,
    **overrides: Any,
) -> PurchaseEntry:
    """Return a line of the ledger: `net` signed minor units, gross and base amount alike, no cost known.

    It happened at `at`, else when the order was placed, and was recorded at once unless told otherwise.
    """
    happened = at or purchase.placed_at
    recorded = recorded_at or happened
    day = day_number(happened, _zone())
    values: dict[str, Any] = {
        "purchase": purchase,
        "customer_id": purchase.customer_id,
        "type": type,
        "key": f"{type}:{next(_numbers)}",
        "currency": purchase.currency,
        "gross_minor": net,
        "net_minor": net,
        "base_currency": "EUR",
        "base_net_minor": net,
        "occurred_at": happened,
        "recorded_at": recorded,
        "local_date": day_of_number(day),
        "day_no": day,
        "month_no": month_number(day_of_number(day)),
        "order_day_no": day_number(purchase.placed_at, _zone()),
        "recorded_day_no": day_number(recorded, _zone()),
    }
    return PurchaseEntry.objects.create(**{**values, **overrides})


def _zone() -> ZoneInfo:
    return ZoneInfo(ppx_settings.PPX_TIME_ZONE)
