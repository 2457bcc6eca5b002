"""What starting an experiment means, in sentences, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext

from django_ppx.experiments.models import Experiment, ExperimentArm, Metric
from django_ppx.experiments.planning import CannotPlan
from django_ppx.experiments.starting import start_problems
from django_ppx.insights.plan_figures import day_text, many_customers, many_weeks, percent
from django_ppx.insights.plan_words import REFUSALS
from django_ppx.insights.planning import Plan
from django_ppx.offers.admin.columns import STATES, state_of

NEVER: Final = frozenset(CannotPlan.Reason) - {CannotPlan.Reason.TOO_LONG}
"""What no planned size can mend. What takes too long may be started with fewer customers than the planner asks."""


def what_stops(experiment: Experiment, plan: Plan | None, *, now: datetime) -> tuple[str, ...]:
    """Return all that keeps a draft from being started, the planner's refusals among it."""
    problems = list(start_problems(experiment))
    if experiment.ends_at is not None and experiment.ends_at <= now:
        problems.append(gettext("Its end lies in the past."))
    if plan is None or problems:
        return tuple(problems)
    chosen = plan.chosen
    refusal = plan.refusal or (chosen.refusal if chosen else None)
    size = experiment.planned_customers
    if refusal in NEVER or (refusal and not (size and plan.answers_in_time(size))):
        problems.append(str(REFUSALS[refusal]))
    elif plan.lacks and not experiment.planned_customers:
        problems.append(
            gettext(
                "Your history is too short to say how many customers it needs. Enter the planned customers, or tell "
                "the planner what you expect."
            )
        )
    return tuple(problems)


def what_to_know(experiment: Experiment, *, now: datetime) -> tuple[str, ...]:
    """Return what does not stop a start but surprises who does not know it."""
    offer = experiment.offer
    if offer is None or state_of(offer, now=now) == "running":
        return ()
    text = gettext("The offer is not shown now (%(state)s): nobody takes part until it is.")
    return (text % {"state": STATES[state_of(offer, now=now)]},)


def start_in_words(
    experiment: Experiment, arms: Sequence[ExperimentArm], plan: Plan | None
) -> tuple[str, ...]:
    """Return who sees what, what decides, how long it takes and what is fixed from then on."""
    return (
        _who(experiment, arms),
        _what_decides(experiment, arms),
        _how_long(experiment, plan),
        gettext(
            "From the start on all of this is fixed. Later you can let more customers take part; other shares begin a "
            "new phase, which is analysed apart."
        ),
    )


def shares_in_words(weights: Sequence[tuple[str, int]], holdout_percent: int) -> str:
    """Return "45 % see “A”, 45 % see “B”, 10 % see nothing"."""
    total = sum(weight for _label, weight in weights)
    shown = 100 - holdout_percent
    parts = [
        gettext("%(share)s see “%(label)s”")
        % {"share": percent(shown * weight / total), "label": label}
        for label, weight in weights
        if weight
    ]
    if holdout_percent:
        parts.append(gettext("%(share)s see nothing") % {"share": percent(holdout_percent)})
    return ", ".join(parts)


def _who(experiment: Experiment, arms: Sequence[ExperimentArm]) -> str:
    weights = [(arm.label, arm.weight) for arm in arms if not arm.is_holdout]
    values = {
        "offer": experiment.offer.name if experiment.offer else "",
        "coverage": percent(experiment.coverage_percent),
        "shares": shares_in_words(weights, experiment.holdout_percent),
    }
    if experiment.coverage_percent < 100:
        text = gettext(
            "%(coverage)s of the customers for whom “%(offer)s” comes up take part. Of these, %(shares)s."
        )
    else:
        text = gettext("Of the customers for whom “%(offer)s” comes up, %(shares)s.")
    return text % values


def _what_decides(experiment: Experiment, arms: Sequence[ExperimentArm]) -> str:
    values = {
        "metric": Metric(experiment.primary_metric).label,
        "days": experiment.window_days,
        "control": experiment.control_label or next((arm.label for arm in arms), ""),
    }
    if experiment.holdout_percent:
        text = gettext(
            "What decides: “%(metric)s” within %(days)d days, against customers who see nothing."
        )
    else:
        text = gettext("What decides: “%(metric)s” within %(days)d days, against “%(control)s”.")
    return text % values


def _how_long(experiment: Experiment, plan: Plan | None) -> str:
    size = experiment.planned_customers or (plan.customers if plan else None)
    cell = plan.chosen if plan else None
    if experiment.plan == Experiment.Plan.HYBRID:
        text = gettext(
            "It is looked at every day. A difference that is sure is said at once; otherwise the verdict falls when "
            "%(customers)s are through."
        )
    else:
        text = gettext(
            "It is looked at every day and has no fixed end: a difference is said once it is sure. Plan with "
            "%(customers)s."
        )
    if size is None:
        return ""
    sentence = text % {"customers": many_customers(size)}
    if cell is None or cell.refusal or cell.weeks is None or cell.customers != size:
        return sentence
    return gettext("%(sentence)s With your volume that takes about %(weeks)s, until %(date)s.") % {
        "sentence": sentence,
        "weeks": many_weeks(cell.weeks),
        "date": day_text(cell.expected),
    }
