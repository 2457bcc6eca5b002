"""Whether the numbers may be looked at yet, and what stands in the way. Pure: standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.samples import NotComputable

LEAST_INFORMATION: Final = 10
"""n·p(1 − p) of the smallest arm, from which on a count is near enough to normal."""
LEAST_DAYS: Final = 7
"""Every day of the week once: who buys on a Sunday is not who buys on a Tuesday."""


class Obstacle(StrEnum):
    """Why there is no verdict yet. They come in this order; the first is the one to say."""

    SAMPLE_RATIO = "sample_ratio"
    TOO_EARLY = "too_early"
    EMPTY_ARM = "empty_arm"
    TOO_FEW = "too_few"


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmCount:
    """Matured customers of an arm, and how many of them did it: clicked, bought, brought in anything at all."""

    customers: int
    successes: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.customers:
            raise NotComputable(NotComputable.Reason.IMPOSSIBLE)


def information(arms: Sequence[ArmCount]) -> float:
    """Return n_min·p(1 − p), p over all arms. 900 and 100 customers, 45 and 5 of whom bought: 100 · 0.05 · 0.95 = 4.75.

    The rate is taken over all arms, so that a small holdout without a purchase is not taken for a rate of zero.
    """
    everybody = sum(arm.customers for arm in arms)
    if not everybody:
        return 0.0
    rate = sum(arm.successes for arm in arms) / everybody
    return min(arm.customers for arm in arms) * rate * (1 - rate)


def obstacles(
    arms: Sequence[ArmCount], *, full_days: int, ratio: RatioState
) -> tuple[Obstacle, ...]:
    """Return what stands between the numbers and a verdict; empty when nothing does.

    :raises ValueError: when there are fewer than two arms.
    """
    if len(arms) < 2:
        raise ValueError("one arm alone is not compared with anything")
    found = []
    if ratio is RatioState.RED:
        found.append(Obstacle.SAMPLE_RATIO)
    if full_days < LEAST_DAYS:
        found.append(Obstacle.TOO_EARLY)
    if min(arm.customers for arm in arms) < 2:
        found.append(Obstacle.EMPTY_ARM)
    elif information(arms) < LEAST_INFORMATION:
        found.append(Obstacle.TOO_FEW)
    return tuple(found)
