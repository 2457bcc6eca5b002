"""Whether the arms hold as many customers as the weights say. Pure: standard library only.

If they do not, something keeps customers of one arm from being counted, and no difference between the arms can be
believed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django_ppx.experiments.counts import CONCENTRATION
from django_ppx.experiments.distributions import chi_square_tail
from django_ppx.experiments.samples import NotComputable

AMBER_BELOW: Final = 0.001
RED_ALPHA: Final = 0.01


class RatioState(StrEnum):
    CLEAN = "clean"
    AMBER = "amber"
    """Odd today. Looked at daily, that happens by chance too: worth a look, no more."""
    RED = "red"
    """Broken, at every number of looks with at most 1 % of false alarms. Withholds the verdict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleRatio:
    chi_square: float
    p_value: float
    """Of the chi-square test, for today alone."""
    always_valid_p: float
    """Of the sequential test, the smallest so far. It is what the next look is given."""
    state: RatioState


def check_sample_ratio(
    customers: Sequence[int], weights: Sequence[float], *, lowest: float = 1.0
) -> SampleRatio:
    """Return how the customers of each arm agree with the weights; `lowest` is `always_valid_p` of the last look.

    Amber: Pearson's chi-square Σ(O − E)²/E, p < .001 (Fabijan et al., KDD 2019). Red: the sequential multinomial test
    ln E = ln B(α + n) − ln B(α) − Σ nᵢ ln θᵢ with α = 200θ, E ≥ 100 (Lindon and Malek, NeurIPS 2022). Red stays red.
    520 and 480 at equal weights: chi-square 1.6, p = 0.205903, E = 0.795, clean.

    :raises NotComputable: when there is nobody, a negative number, or an arm without a weight.
    """
    total, whole = sum(customers), sum(weights)
    if (
        len(customers) != len(weights)
        or len(weights) < 2
        or min(weights) <= 0
        or min(customers) < 0
    ):
        raise NotComputable(NotComputable.Reason.IMPOSSIBLE)
    if not total:
        raise NotComputable(NotComputable.Reason.EMPTY)
    shares = [weight / whole for weight in weights]
    chi_square = sum(
        (count - total * share) ** 2 / (total * share)
        for count, share in zip(customers, shares, strict=True)
    )
    p_value = chi_square_tail(chi_square, len(shares) - 1)
    always_valid = min(lowest, math.exp(min(-_log_e(customers, shares), 0.0)))
    state = RatioState.AMBER if p_value < AMBER_BELOW else RatioState.CLEAN
    return SampleRatio(
        chi_square=chi_square,
        p_value=p_value,
        always_valid_p=always_valid,
        state=RatioState.RED if always_valid <= RED_ALPHA else state,
    )


def _log_e(customers: Sequence[int], shares: Sequence[float]) -> float:
    log_e = math.lgamma(CONCENTRATION) - math.lgamma(CONCENTRATION + sum(customers))
    for count, share in zip(customers, shares, strict=True):
        prior = CONCENTRATION * share
        log_e += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    return log_e
