"""What the page says first, from the last look. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django_ppx.experiments.evaluability import Obstacle
from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.looks import LookResults
from django_ppx.insights.results import Verdict, VerdictState

_WITHHELD: Final = {
    Obstacle.SAMPLE_RATIO: VerdictState.SAMPLE_RATIO,
    Obstacle.TOO_EARLY: VerdictState.TOO_EARLY,
    Obstacle.EMPTY_ARM: VerdictState.NOT_MATURED,
    Obstacle.TOO_FEW: VerdictState.TOO_FEW,
}


def verdict_of(results: LookResults | None, labels: Mapping[int, str]) -> Verdict:
    """Return the verdict as of the last look; `labels` are those of the arms by their ids.

    A broken sample ratio withholds it, whatever was said before. Anything else does so before the first outcome
    alone: what a look has decided, later refunds do not undo. With several arms one that is better decides; that one
    is worse is the verdict when no arm is open any more.
    """
    if results is None:
        return Verdict(state=VerdictState.NOT_MEASURED)
    outcomes = {arm: trail.trail.outcome for arm, trail in results.primary.items()}
    is_decided = any(outcome is not Outcome.OPEN for outcome in outcomes.values())
    held_back = [
        each for each in results.obstacles if each is Obstacle.SAMPLE_RATIO or not is_decided
    ]
    if held_back:
        return Verdict(state=_WITHHELD[held_back[0]])
    if Outcome.BETTER in outcomes.values():
        best = max(_of(outcomes, Outcome.BETTER), key=lambda arm: _size(results, arm))
        return Verdict(state=VerdictState.BETTER, arm_label=labels[best])
    if Outcome.OPEN in outcomes.values():
        return Verdict(state=VerdictState.OPEN)
    if Outcome.WORSE in outcomes.values():
        worst = min(_of(outcomes, Outcome.WORSE), key=lambda arm: _size(results, arm))
        return Verdict(state=VerdictState.WORSE, arm_label=labels[worst])
    return Verdict(state=VerdictState.NOT_SHOWN)


def _of(outcomes: Mapping[int, Outcome], outcome: Outcome) -> list[int]:
    return [arm for arm, each in outcomes.items() if each is outcome]


def _size(results: LookResults, arm: int) -> float:
    difference = results.primary[arm].difference
    return difference.difference if difference else 0.0
