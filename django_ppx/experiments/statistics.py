"""How far two arms are apart: the difference, its variance, the relative lift. Pure: standard library only.

One engine for yes-or-no, revenue and ratios. What may be concluded from looking at it again and again is in
`sequences.py`; whether it may be looked at yet, in `evaluability.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django_ppx.experiments.distributions import two_sided_p, two_sided_z
from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.samples import NotComputable, Sample

SampleT = TypeVar("SampleT", bound=Sample)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Treatment less control, and the variance of that difference (which is above zero)."""

    difference: float
    variance: float
    customers: int
    """Of both arms together."""

    @property
    def z(self) -> float:
        return self.difference / math.sqrt(self.variance)

    @property
    def p_value(self) -> float:
        """Two-sided, for one look that was planned. Not for looking again: `sequences.py` has that one."""
        return two_sided_p(self.z)

    def interval(self, multiplier: float) -> Interval:
        """Return difference ± multiplier · √variance."""
        half = multiplier * math.sqrt(self.variance)
        return Interval(low=self.difference - half, high=self.difference + half)

    def fixed_interval(self, alpha: float) -> Interval:
        """Return the interval of one planned look. With `alpha` = 0.04 the multiplier is 2.05375."""
        return self.interval(two_sided_z(alpha))


def compare(treatment: SampleT, control: SampleT) -> Comparison:
    """Return how far the treatment's mean is from the control's.

    V = max(unpooled, pooled), with unpooled s₁²/n₁ + s₀²/n₀ (Welch) and pooled s²(1/n₁ + 1/n₀), s² over both arms
    as one. Alone, the unpooled variance of a small holdout without a purchase is near zero and anything looks
    significant: up to 58 % false positives. 30 of 600 against 20 of 400: the difference is 0, unpooled
    0.0475793/600 + 0.0476190/400 = 0.000198346, pooled 0.0475475 · (1/600 + 1/400) = 0.000198115, V the first.

    :raises NotComputable: when an arm has fewer than two customers, or nobody differs from anybody.
    """
    n, m = treatment.customers, control.customers
    unpooled = treatment.variance / n + control.variance / m
    pooled = treatment.combined(control).variance * (1 / n + 1 / m)
    variance = max(unpooled, pooled)
    if not variance > 0:
        raise NotComputable(NotComputable.Reason.NO_VARIANCE)
    return Comparison(difference=treatment.mean - control.mean, variance=variance, customers=n + m)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lift:
    """The difference as a share of the control's mean: 0.25 is 25 % more."""

    lift: float
    variance: float

    def interval(self, multiplier: float) -> Interval:
        """Return lift ± multiplier · √variance."""
        half = multiplier * math.sqrt(self.variance)
        return Interval(low=self.lift - half, high=self.lift + half)


def relative_lift(treatment: SampleT, control: SampleT) -> Lift:
    """Return m₁/m₀ − 1 with its variance by the delta method: v₁/m₀² + m₁²v₀/m₀⁴, v the variance of each mean.

    Deng, Knoblich and Lu, KDD 2018, for independent arms. It is printed beside the difference and
    decides nothing: near zero sales of the control it is far from normal. Means 0.06 and 0.05 with variances
    0.0001 each: the lift is 0.2, its variance 0.04 + 0.0576 = 0.0976.

    :raises NotComputable: when an arm has fewer than two customers, or the control's mean is not above zero.
    """
    base = control.mean
    if base <= 0:
        raise NotComputable(NotComputable.Reason.NO_BASE)
    ratio = treatment.mean / base
    of_treatment = treatment.variance / treatment.customers
    of_control = control.variance / control.customers
    return Lift(lift=ratio - 1, variance=(of_treatment + ratio * ratio * of_control) / base**2)


def corrected_alpha(alpha: float, comparisons: int) -> float:
    """Return `alpha` shared out among several variants against one control (Bonferroni). 0.05 for 2 is 0.025.

    :raises ValueError: when there is nothing to compare.
    """
    if comparisons < 1:
        raise ValueError("there is no comparison to share alpha among")
    return alpha / comparisons


def winsor_cap(values: Iterable[float], *, share: float = 0.99) -> float:
    """Return the value that `share` of the values do not exceed: the smallest of rank ⌈share · n⌉.

    Taken from orders before the experiment and frozen at its start; a larger order counts as this one, so that one
    wholesale order does not decide a test (Kohavi, Tang and Xu, 2020, chapter 18). Of 1, 2, …, 200 it is 198.

    :raises NotComputable: when there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise NotComputable(NotComputable.Reason.EMPTY)
    # 0.07 · 100 is 7.000000000000001 in floats; the rank is 7.
    return ordered[max(math.ceil(round(share * len(ordered), 9)), 1) - 1]
