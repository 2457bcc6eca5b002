"""What may be concluded when staff look every day. Pure: standard library only.

A fixed test promises 5 % false positives for one look; looked at daily it gives 22 to 72 %. The confidence sequence
holds at every look at once. The hybrid keeps a part of the error for one planned test at the end, which makes it
nearly as quick as a fixed one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from django_ppx.experiments.distributions import two_sided_z
from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.statistics import Comparison, corrected_alpha

SEQUENCE_SHARE: Final = 0.2
"""Of the hybrid's error, for the sequence: .01 of .05. The rest is for the final test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfidenceSequence:
    """The normal-mixture sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Ann. Stat. 2024, theorem 2.2.

    It is narrowest near `planned_customers`, of both arms together, and holds everywhere.
    """

    alpha: float
    planned_customers: int

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1 or self.planned_customers < 1:
            raise ValueError("alpha lies between 0 and 1, and at least one customer is planned")

    @property
    def rho_squared(self) -> float:
        """(−2 ln α + ln(−2 ln α + 1)) / N*, which makes it narrowest near N*.

        For α = 0.05 and N* = 1000 it is 0.00793615.
        """
        doubled = -2 * math.log(self.alpha)
        return (doubled + math.log(doubled + 1)) / self.planned_customers

    def multiplier(self, customers: int) -> float:
        """c = √((1+k)/k · (ln(1+k) − 2 ln α)), k = nρ². For α = 0.05 at 1000 of 1000 planned it is 3.03521.

        :raises ValueError: when there is nobody.
        """
        if customers < 1:
            raise ValueError("without customers there is no interval")
        k = customers * self.rho_squared
        return math.sqrt((1 + k) / k * (math.log1p(k) - 2 * math.log(self.alpha)))

    def log_e(self, comparison: Comparison) -> float:
        """ln E = z²k / (2(1+k)) − ½ ln(1+k): how strongly the numbers speak against no difference.

        For α = 0.05 at 1000 of 1000 planned and z = 3.03521 it is ln 20 = 2.99573: the interval touches zero.
        """
        k = comparison.customers * self.rho_squared
        return comparison.z**2 * k / (2 * (1 + k)) - math.log1p(k) / 2

    def interval(self, comparison: Comparison) -> Interval:
        """Return difference ± c√V at this look."""
        return comparison.interval(self.multiplier(comparison.customers))


class Outcome(StrEnum):
    OPEN = "open"
    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "not_shown"
    """The planned size is reached and no difference was shown. That is not the same as no difference."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The rule that was agreed on before the start. `final_alpha` is None where there is no final test."""

    sequence: ConfidenceSequence
    final_alpha: float | None


def hybrid_plan(*, planned_customers: int, alpha: float = 0.05, comparisons: int = 1) -> Plan:
    """Return the default: the sequence at α = .01 on any day, and one test at α = .04 when the size is reached.

    By the union bound at most `alpha` in all, shared among `comparisons` variants against control: two variants have
    .005 and .02 each.
    """
    whole = corrected_alpha(alpha, comparisons)
    sequence = ConfidenceSequence(alpha=whole * SEQUENCE_SHARE, planned_customers=planned_customers)
    return Plan(sequence=sequence, final_alpha=whole * (1 - SEQUENCE_SHARE))


def anytime_plan(*, planned_customers: int, alpha: float = 0.05, comparisons: int = 1) -> Plan:
    """Return the plan without an end: the sequence alone, with all of `alpha`."""
    whole = corrected_alpha(alpha, comparisons)
    sequence = ConfidenceSequence(alpha=whole, planned_customers=planned_customers)
    return Plan(sequence=sequence, final_alpha=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trail:
    """What the looks so far come to. A new experiment begins with `Trail()`."""

    p_value: float = 1.0
    """Always valid: the smallest 1/E of any look (Johari, Koomen, Pekelis and Walsh, Oper. Res. 2022)."""
    interval: Interval | None = None
    """What all looks' intervals have in common; None before the first. Empty where the effect itself changed."""
    final_interval: Interval | None = None
    """The interval of the final test, once it was made."""
    outcome: Outcome = Outcome.OPEN


def look(trail: Trail, comparison: Comparison, plan: Plan) -> Trail:
    """Return the trail with one more look. Only looks that `evaluability.obstacles` lets pass belong here.

    The first look at or past the planned size makes the final test. An outcome stays: later looks move the interval
    and the p-value, never the verdict. The same look twice changes nothing.
    """
    now = plan.sequence.interval(comparison)
    interval = trail.interval.intersected(now) if trail.interval else now
    p_value = min(trail.p_value, math.exp(min(-plan.sequence.log_e(comparison), 0.0)))
    seen = replace(trail, p_value=p_value, interval=interval)
    if trail.outcome is not Outcome.OPEN:
        return seen
    if p_value <= plan.sequence.alpha:
        return replace(seen, outcome=_side(comparison))
    if plan.final_alpha is None or comparison.customers < plan.sequence.planned_customers:
        return seen
    final = comparison.fixed_interval(plan.final_alpha)
    is_shown = abs(comparison.z) >= two_sided_z(plan.final_alpha)
    outcome = _side(comparison) if is_shown else Outcome.NOT_SHOWN
    return replace(seen, final_interval=final, outcome=outcome)


def _side(comparison: Comparison) -> Outcome:
    return Outcome.BETTER if comparison.difference > 0 else Outcome.WORSE
