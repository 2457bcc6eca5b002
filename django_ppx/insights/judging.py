"""What follows from the sums of one look and the look before. Pure: no database.

The formulas are those of `experiments`; here it is said which of them a phase's terms ask for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from django_ppx.experiments.evaluability import (
    LEAST_INFORMATION,
    ArmCount,
    Obstacle,
    information,
    obstacles,
)
from django_ppx.experiments.sample_ratio import RatioState, check_sample_ratio
from django_ppx.experiments.samples import NotComputable
from django_ppx.experiments.sequences import ConfidenceSequence, Outcome, anytime_plan
from django_ppx.experiments.statistics import compare
from django_ppx.insights.following import PrimaryPlan, follow, lift_of
from django_ppx.insights.looks import ArmTrail, LookResults
from django_ppx.insights.results import GUARDRAILS, MEANS, Counted, Difference, RatioResult
from django_ppx.insights.sums import ArmSums, CountedSums

_TURNED: Final = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What was agreed on before the start. Arms are named by their ids."""

    control: int
    weights: Mapping[int, int]
    """Of every arm that takes part, the control among them."""
    primary: Counted
    plan: str
    """A value of `Experiment.Plan`."""
    planned_customers: int
    """Of all arms together."""

    @property
    def treatments(self) -> tuple[int, ...]:
        return tuple(arm for arm in self.weights if arm != self.control)

    @property
    def plan_name(self) -> str:
        """The plan that holds for the primary metric: events are counted exactly, a mean can't be."""
        return "anytime" if self.plan == "exact" and self.primary in MEANS else self.plan

    def planned_with(self, arm: int) -> int:
        """Return the planned customers of `arm` and the control together."""
        part = (self.weights[arm] + self.weights[self.control]) / sum(self.weights.values())
        return max(round(self.planned_customers * part), 1)


def judge(
    terms: Terms, sums: Mapping[int, ArmSums], *, full_days: int, previous: LookResults | None
) -> LookResults:
    """Return what the look comes to after `previous`, the look before (None for the first).

    A look that something holds back leaves the trail of the primary metric as it was.

    :raises ValueError: when there are fewer than two arms, or one lacks the primary metric.
    """
    if len(terms.weights) < 2:
        raise ValueError("one arm alone is not compared with anything")
    ratio = _ratio(terms, sums, previous)
    held_back = _obstacles(terms, sums, full_days=full_days, ratio=ratio.state)
    return LookResults(
        full_days=full_days,
        obstacles=held_back,
        ratio=ratio,
        primary={
            arm: follow(
                previous.primary.get(arm, ArmTrail()) if previous else ArmTrail(),
                treatment=_primary(terms, sums, arm),
                control=_primary(terms, sums, terms.control),
                plan=PrimaryPlan(
                    name=terms.plan_name,
                    planned_customers=terms.planned_with(arm),
                    comparisons=len(terms.treatments),
                ),
                is_held_back=bool(held_back),
            )
            for arm in terms.treatments
        },
        others=_others(terms, sums, is_red=ratio.state is RatioState.RED),
    )


def _primary(terms: Terms, sums: Mapping[int, ArmSums], arm: int) -> CountedSums:
    counted = sums[arm].counted.get(terms.primary)
    if counted is None:
        raise ValueError(f"{terms.primary} is not counted in this experiment")
    return counted


def _ratio(terms: Terms, sums: Mapping[int, ArmSums], previous: LookResults | None) -> RatioResult:
    lowest = previous.ratio.always_valid_p if previous else 1.0
    try:
        found = check_sample_ratio(
            [sums[arm].exposed for arm in terms.weights],
            list(terms.weights.values()),
            lowest=lowest,
        )
    except NotComputable as nobody:
        if nobody.reason is not NotComputable.Reason.EMPTY:
            raise
        return RatioResult(state=RatioState.CLEAN, p_value=None, always_valid_p=lowest)
    return RatioResult(
        state=found.state, p_value=found.p_value, always_valid_p=found.always_valid_p
    )


def _obstacles(
    terms: Terms, sums: Mapping[int, ArmSums], *, full_days: int, ratio: RatioState
) -> tuple[Obstacle, ...]:
    """Return what holds the look back. The exact test is there for rare events: too few of them is no obstacle."""
    counts = [_primary(terms, sums, arm).count for arm in terms.weights]
    found = obstacles(counts, full_days=full_days, ratio=ratio)
    if terms.plan_name == "exact":
        found = tuple(each for each in found if each is not Obstacle.TOO_FEW)
    return found


def _others(
    terms: Terms, sums: Mapping[int, ArmSums], *, is_red: bool
) -> dict[Counted, dict[int, Difference]]:
    found: dict[Counted, dict[int, Difference]] = {}
    for what, control in sums[terms.control].counted.items():
        found[what] = {}
        for arm in terms.treatments:
            sequence = anytime_plan(planned_customers=terms.planned_with(arm)).sequence
            difference = _difference(what, sums[arm].counted[what], control, sequence)
            if difference is not None:
                found[what][arm] = (
                    replace(difference, outcome=Outcome.OPEN) if is_red else difference
                )
    return found


def _difference(
    what: Counted, treatment: CountedSums, control: CountedSums, sequence: ConfidenceSequence
) -> Difference | None:
    """Return an arm less the control by this look alone, valid however often one looks; None where there is none.

    Of guardrails less is better. With too few who did it, nothing is said to be better or worse.
    """
    try:
        comparison = compare(treatment.sample, control.sample)
    except NotComputable:
        return None
    interval = sequence.interval(comparison)
    outcome = Outcome.OPEN
    if 0 not in interval and _is_enough(treatment.count, control.count):
        outcome = Outcome.BETTER if comparison.difference > 0 else Outcome.WORSE
        outcome = _TURNED[outcome] if what in GUARDRAILS else outcome
    lift = lift_of(treatment, control, sequence.multiplier(comparison.customers))
    return Difference(
        difference=comparison.difference,
        interval=interval,
        p_value=math.exp(min(-sequence.log_e(comparison), 0.0)),
        lift=lift.lift,
        lift_interval=lift.interval,
        outcome=outcome,
    )


def _is_enough(*counts: ArmCount) -> bool:
    return information(counts) >= LEAST_INFORMATION
