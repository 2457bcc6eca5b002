"""Which arm of a result is which."""

from __future__ import annotations

import math
from collections.abc import Iterator

from django_ppx.experiments.evaluability import LEAST_INFORMATION
from django_ppx.insights.results import (
    ArmFigure,
    ArmResult,
    Counted,
    Difference,
    ExperimentResult,
    VerdictState,
)


def control_of(result: ExperimentResult) -> ArmResult | None:
    return next((arm for arm in result.arms if arm.is_control), None)


def arm_of(result: ExperimentResult) -> ArmResult | None:
    """Return the arm that the verdict is about."""
    label = result.verdict.arm_label
    return next((arm for arm in result.arms if label and arm.label == label), None)


def winning_label(result: ExperimentResult) -> str | None:
    """Return the arm that the verdict speaks for: the better one, or the control where its only rival is worse."""
    verdict, control = result.verdict, control_of(result)
    if verdict.state is VerdictState.BETTER:
        return verdict.arm_label
    is_alone = len(result.arms) == 2
    if verdict.state is VerdictState.WORSE and control and is_alone:
        return control.label
    return None


def in_order(result: ExperimentResult) -> list[ArmResult]:
    """Return the control first, then the others as they come."""
    return sorted(result.arms, key=lambda arm: not arm.is_control)


def difference_of(arm: ArmResult, counted: Counted) -> Difference | None:
    figure = arm.figures.get(counted)
    return figure.difference if figure else None


def compared(result: ExperimentResult, counted: Counted) -> Iterator[tuple[ArmResult, Difference]]:
    """Yield each arm that is compared with the control, and what came of it."""
    for arm in result.arms:
        if found := difference_of(arm, counted):
            yield arm, found


def most_uneven(result: ExperimentResult) -> ArmResult:
    """Return the arm whose number of customers is farthest from its share, measured by what chance moves.

    Of two that are equally far, the one that has too few: what is missing is what is looked for.
    """
    everybody = sum(arm.exposed for arm in result.arms)

    def distance(arm: ArmResult) -> tuple[float, bool]:
        missing = arm.share * everybody - arm.exposed
        return round(abs(missing) / math.sqrt(max(arm.share, 1e-9)), 6), missing > 0

    return max(result.arms, key=distance)


def customers_needed(result: ExperimentResult) -> int | None:
    """Return how many customers the smallest arm needs for a verdict: 10 / p(1 − p), p over all arms.

    5 % of all did it: 10 / (0.05 · 0.95) = 211. None where nobody or everybody did.
    """
    figures: list[ArmFigure] = [
        figure for arm in result.arms if (figure := arm.figures.get(result.primary))
    ]
    customers = sum(figure.customers for figure in figures)
    rate = sum(figure.total for figure in figures) / customers if customers else 0.0
    return math.ceil(LEAST_INFORMATION / (rate * (1 - rate))) if 0 < rate < 1 else None
