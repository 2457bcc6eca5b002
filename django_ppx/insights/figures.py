"""The figures of one arm, and what it brought in beyond the control, from a look's sums and results. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django_ppx.experiments.intervals import Interval, mean_interval, wilson
from django_ppx.experiments.models import ExperimentPhase
from django_ppx.experiments.samples import NotComputable
from django_ppx.insights.looks import LookResults
from django_ppx.insights.results import (
    MEANS,
    ArmFigure,
    ArmResult,
    Counted,
    Difference,
    Increment,
)
from django_ppx.insights.sums import ArmSums, CountedSums

_INCREMENTS: Final = (Counted.ORDERS, Counted.REVENUE, Counted.MARGIN)
_CAPPED: Final = (Counted.REVENUE, Counted.MARGIN)


def arm_figures(
    arm_id: int, sums: ArmSums, *, phase: ExperimentPhase, results: LookResults | None
) -> dict[Counted, ArmFigure]:
    """Return a figure for everything that the look has counted in this arm."""
    is_capped = phase.winsor_cap_minor is not None
    return {
        what: ArmFigure(
            customers=counted.customers,
            total=counted.total,
            mean=counted.total / counted.customers if counted.customers else None,
            interval=_interval(what, counted),
            raw_mean=counted.raw_total / counted.customers
            if is_capped and what in _CAPPED and counted.customers
            else None,
            difference=_difference(what, arm_id, phase, results),
        )
        for what, counted in sums.counted.items()
    }


def _interval(what: Counted, counted: CountedSums) -> Interval | None:
    try:
        if what in MEANS:
            return mean_interval(counted.sample)
        return wilson(successes=counted.total, customers=counted.customers)
    except NotComputable:
        return None


def _difference(
    what: Counted, arm_id: int, phase: ExperimentPhase, results: LookResults | None
) -> Difference | None:
    """Return the primary metric's difference from its trail, the others' from the last look alone."""
    if results is None:
        return None
    if what == phase.primary_metric:
        trail = results.primary.get(arm_id)
        return trail.difference if trail else None
    return results.others.get(what, {}).get(arm_id)


def increments_of(
    arms: Sequence[ArmResult], results: LookResults | None, *, currency: str
) -> tuple[Increment, ...]:
    """Return what each arm brought in beyond the control: difference × its matured customers.

    0.02 more orders a customer, always-valid interval −0.01 to 0.05, 600 customers: 12 orders, −6 to 30. Nothing is
    said of money in a phase that was started before anything told in which currency it is counted.
    """
    if results is None:
        return ()
    return tuple(
        _increment(arm, what, difference)
        for arm in arms
        for what in _INCREMENTS
        if (currency or what is Counted.ORDERS)
        and (difference := results.others.get(what, {}).get(arm.arm_id))
    )


def _increment(arm: ArmResult, what: Counted, difference: Difference) -> Increment:
    customers = arm.figures[what].customers
    return Increment(
        arm_label=arm.label,
        counted=what,
        amount=difference.difference * customers,
        interval=Interval(
            low=difference.interval.low * customers, high=difference.interval.high * customers
        ),
    )
