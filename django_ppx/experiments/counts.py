"""The exact test for rare events and tiny holdouts, by counts alone. Pure: standard library only.

With no effect, each event falls to the treatment with probability θ, its share of the customers. That needs no
normal approximation: it holds from the first event on, at every look.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django_ppx.experiments.samples import NotComputable

CONCENTRATION: Final = 200
"""The weight of the prior, in events: a = 200θ, b = 200(1 − θ)."""

_HALVINGS: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class EventCounts:
    """Events per arm, and the treatment's share of the customers of both (0.9 in a 90/10 holdout)."""

    treatment: int
    control: int
    share: float

    def __post_init__(self) -> None:
        if self.treatment < 0 or self.control < 0 or not 0 < self.share < 1:
            raise NotComputable(NotComputable.Reason.IMPOSSIBLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RateRatio:
    """The treatment's rate over the control's: 1 is no effect. `high` is None where nothing bounds it yet."""

    low: float
    high: float | None


def count_log_e(counts: EventCounts) -> float:
    """Return ln E = ln B(a+s₁, b+s₀) − ln B(a, b) − s₁ ln θ − s₀ ln(1−θ).

    The beta-binomial mixture: Robbins, Ann. Math. Stat. 1970; Lindon and Malek, NeurIPS 2022. For 40 and 10 events at
    θ = 0.5 it is 1.69980.
    """
    return _mixture(counts) - _log_likelihood(counts, counts.share)


def count_p_value(counts: EventCounts, *, lowest: float = 1.0) -> float:
    """Return the always-valid p-value 1/E, or the `lowest` of the looks before. 40 and 10 give 0.182721."""
    return min(lowest, math.exp(min(-count_log_e(counts), 0.0)))


def rate_ratio(counts: EventCounts, *, alpha: float = 0.05) -> RateRatio:
    """Return all ratios of the rates that the counts do not speak against at `alpha`, at any number of looks.

    The shares φ whose E stays below 1/α, as odds over the odds of θ. 40 and 10 events at θ = 0.5 with α = 0.05 give
    0.919898 to 31.0956.
    """
    threshold = _mixture(counts) + math.log(alpha)
    events = counts.treatment + counts.control
    peak = counts.treatment / events if events else counts.share

    def is_inside(share: float) -> bool:
        return _log_likelihood(counts, share) > threshold

    low = 0.0 if not counts.treatment else _edge(is_inside, outside=0.0, inside=peak)
    high = None if not counts.control else _edge(is_inside, outside=1.0, inside=peak)
    odds = counts.share / (1 - counts.share)
    return RateRatio(
        low=low / (1 - low) / odds, high=None if high is None else high / (1 - high) / odds
    )


def _edge(is_inside: Callable[[float], bool], *, outside: float, inside: float) -> float:
    for _ in range(_HALVINGS):
        middle = (outside + inside) / 2
        if middle in (outside, inside):
            break
        outside, inside = (outside, middle) if is_inside(middle) else (middle, inside)
    return inside


def _mixture(counts: EventCounts) -> float:
    a, b = CONCENTRATION * counts.share, CONCENTRATION * (1 - counts.share)
    return _log_beta(a + counts.treatment, b + counts.control) - _log_beta(a, b)


def _log_likelihood(counts: EventCounts, share: float) -> float:
    of_treatment = counts.treatment * math.log(share) if counts.treatment else 0.0
    return of_treatment + (counts.control * math.log1p(-share) if counts.control else 0.0)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
