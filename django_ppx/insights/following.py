"""One more look at the primary metric of one arm, by the plan of the phase. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django_ppx.experiments.counts import EventCounts, RateRatio, count_p_value, rate_ratio
from django_ppx.experiments.distributions import two_sided_z
from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.samples import NotComputable
from django_ppx.experiments.sequences import (
    Outcome,
    Plan,
    Trail,
    anytime_plan,
    hybrid_plan,
    look,
)
from django_ppx.experiments.statistics import (
    Comparison,
    compare,
    corrected_alpha,
    relative_lift,
)
from django_ppx.insights.looks import ArmTrail
from django_ppx.insights.results import Difference
from django_ppx.insights.sums import CountedSums

ALPHA: Final = 0.05
"""How often an experiment without an effect may be called better or worse; docs/statistics.md says how it is shared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrimaryPlan:
    """How one arm is compared with the control; `comparisons` arms share the error."""

    name: str
    """A value of `Experiment.Plan`; "exact" for a yes or no alone."""
    planned_customers: int
    """Of this arm and the control."""
    comparisons: int

    @property
    def plan(self) -> Plan:
        make = hybrid_plan if self.name == "hybrid" else anytime_plan
        return make(
            planned_customers=self.planned_customers, alpha=ALPHA, comparisons=self.comparisons
        )

    @property
    def alpha(self) -> float:
        return corrected_alpha(ALPHA, self.comparisons)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedLift:
    """The lift as it is printed; both None where the control has nothing to be a share of."""

    lift: float | None
    interval: Interval | None


def follow(
    before: ArmTrail,
    *,
    treatment: CountedSums,
    control: CountedSums,
    plan: PrimaryPlan,
    is_held_back: bool,
) -> ArmTrail:
    """Return the trail with this look; one that is held back, or gives no difference, leaves it as it was."""
    try:
        if plan.name == "exact":
            return _follow_counts(before, treatment, control, plan.alpha, is_held_back)
        comparison = compare(treatment.sample, control.sample)
    except NotComputable:
        return ArmTrail(trail=before.trail, ratio_bounds=before.ratio_bounds)
    rule = plan.plan
    trail = before.trail if is_held_back else look(before.trail, comparison, rule)
    interval = trail.final_interval or trail.interval or rule.sequence.interval(comparison)
    lift = lift_of(treatment, control, _multiplier(rule, trail, comparison))
    if before.trail.final_interval is not None and before.difference is not None:
        # the final test is made once: its interval stays, and so does the lift's
        lift = PrintedLift(lift=lift.lift, interval=before.difference.lift_interval)
    return ArmTrail(
        trail=trail,
        difference=Difference(
            difference=comparison.difference,
            interval=interval,
            p_value=trail.p_value,
            lift=lift.lift,
            lift_interval=lift.interval,
            outcome=trail.outcome,
        ),
    )


def _multiplier(rule: Plan, trail: Trail, comparison: Comparison) -> float:
    if trail.final_interval is not None and rule.final_alpha is not None:
        return two_sided_z(rule.final_alpha)
    return rule.sequence.multiplier(comparison.customers)


def lift_of(treatment: CountedSums, control: CountedSums, multiplier: float) -> PrintedLift:
    """Return the relative lift ± multiplier · √variance."""
    try:
        lift = relative_lift(treatment.sample, control.sample)
    except NotComputable:
        return PrintedLift(lift=None, interval=None)
    return PrintedLift(lift=lift.lift, interval=lift.interval(multiplier))


def _follow_counts(
    before: ArmTrail,
    treatment: CountedSums,
    control: CountedSums,
    alpha: float,
    is_held_back: bool,
) -> ArmTrail:
    """Return the trail of the exact test. Its intervals are those of the ratio of rates, times the control's rate."""
    counts = EventCounts(
        treatment=treatment.total,
        control=control.total,
        share=_share(treatment, control),
    )
    bounds = _common(before.ratio_bounds, rate_ratio(counts, alpha=alpha))
    rate = control.sample.mean
    difference = treatment.sample.mean - rate
    interval = _of_difference(bounds, rate)
    trail, kept = before.trail, before.ratio_bounds
    if not is_held_back:
        p_value = count_p_value(counts, lowest=trail.p_value)
        outcome = trail.outcome
        if outcome is Outcome.OPEN and p_value <= alpha:
            outcome = Outcome.BETTER if difference > 0 else Outcome.WORSE
        trail, kept = Trail(p_value=p_value, interval=interval, outcome=outcome), bounds
    return ArmTrail(
        trail=trail,
        ratio_bounds=kept,
        difference=Difference(
            difference=difference,
            interval=interval,
            p_value=trail.p_value,
            lift=difference / rate if rate else None,
            lift_interval=_of_lift(bounds) if rate else None,
            outcome=trail.outcome,
        ),
    )


def _share(treatment: CountedSums, control: CountedSums) -> float:
    """Return the treatment's part of the customers of both.

    :raises NotComputable: when there is nobody.
    """
    everybody = treatment.customers + control.customers
    if not everybody:
        raise NotComputable(NotComputable.Reason.EMPTY)
    return treatment.customers / everybody


def _common(before: RateRatio | None, now: RateRatio) -> RateRatio:
    if before is None:
        return now
    highs = [each for each in (before.high, now.high) if each is not None]
    return RateRatio(low=max(before.low, now.low), high=min(highs, default=None))


def _of_difference(bounds: RateRatio, rate: float) -> Interval:
    """Return the bounds as a difference of rates. Without a rate of the control only its sign can be said."""
    if not rate:
        return Interval(low=-1.0 if bounds.low <= 1 else 0.0, high=1.0)
    high = 1 - rate if bounds.high is None else (bounds.high - 1) * rate
    return Interval(low=(bounds.low - 1) * rate, high=high)


def _of_lift(bounds: RateRatio) -> Interval | None:
    return None if bounds.high is None else Interval(low=bounds.low - 1, high=bounds.high - 1)
