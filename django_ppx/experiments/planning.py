"""How many customers and days a question needs, before it is asked. Pure: standard library only."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django_ppx.experiments.distributions import normal_quantile, two_sided_z
from django_ppx.experiments.evaluability import LEAST_DAYS, LEAST_INFORMATION
from django_ppx.experiments.statistics import corrected_alpha


class Design(StrEnum):
    FIXED = "fixed"
    """One look at the end. Nobody keeps to it; it is what the others are measured by."""
    HYBRID = "hybrid"
    ANYTIME = "anytime"


FACTORS: Final = {Design.FIXED: 1.0, Design.HYBRID: 1.07, Design.ANYTIME: 1.7}
"""How many times the customers of a fixed test, for about its power."""
LONGEST_DAYS: Final = 365


class CannotPlan(ValueError):
    """A test that would never answer; `reason` says why."""

    class Reason(StrEnum):
        NO_EFFECT = "no_effect"
        """An effect of zero can't be looked for."""
        NO_VARIANCE = "no_variance"
        """Nobody does it, or everybody: there is nothing to tell apart, or no history to plan from."""
        RATE_IMPOSSIBLE = "rate_impossible"
        """The effect would need a rate below 0 or above 1."""
        NO_TRAFFIC = "no_traffic"
        SHARE_IMPOSSIBLE = "share_impossible"
        """An arm without customers, or more than all of them."""
        TOO_RARE = "too_rare"
        """What is counted happens so rarely that the smallest arm is not evaluable within the longest time."""
        TOO_LONG = "too_long"
        """It would be evaluable, but has no answer within the longest time."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """The smallest difference worth knowing about, and the variance of one customer in each arm."""

    difference: float
    treatment_variance: float
    control_variance: float
    active_rate: float
    """The share of customers who do it at all, over both arms. It says when the numbers become evaluable."""


def rate_effect(*, base_rate: float, lift: float) -> Effect:
    """Return the effect of a rate that grows by `lift` (0.2 is 20 % more): variances p₁q₁ and p₀q₀.

    A rate of 0.05 and a lift of 0.2: 0.06 against 0.05, variances 0.0564 and 0.0475.

    :raises CannotPlan: when the rate is 0 or 1, or would be outside of them.
    """
    if not 0 <= base_rate <= 1 or not 0 <= base_rate * (1 + lift) <= 1:
        raise CannotPlan(CannotPlan.Reason.RATE_IMPOSSIBLE)
    changed = base_rate * (1 + lift)
    return Effect(
        difference=changed - base_rate,
        treatment_variance=changed * (1 - changed),
        control_variance=base_rate * (1 - base_rate),
        active_rate=(changed + base_rate) / 2,
    )


def mean_effect(*, base_mean: float, variance: float, active_rate: float, lift: float) -> Effect:
    """Return the effect of a mean, zeros included, that grows by `lift` because more customers buy.

    The squares then grow with it, and the variance by as much or less. 3.00 a customer with a variance of 400 and a
    lift of 0.2: a difference of 0.60, variances 480 and 400.

    :raises CannotPlan: when the lift takes away more than everything.
    """
    if lift < -1:
        raise CannotPlan(CannotPlan.Reason.RATE_IMPOSSIBLE)
    return Effect(
        difference=base_mean * lift,
        treatment_variance=variance * (1 + lift),
        control_variance=variance,
        active_rate=active_rate,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """The shares of all exposed customers that the smallest variant and the control get, and how many variants."""

    treatment: float
    control: float
    variants: int = 1


EVEN: Final = Split(treatment=0.5, control=0.5)
HOLDOUT: Final = Split(treatment=0.9, control=0.1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """What the shop has: customers exposed a day, the metric's window and how long refunds come in, in days."""

    daily_customers: float
    window_days: int
    refund_lag_days: int = 0
    longest_days: int = LONGEST_DAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """What one design and split comes to."""

    design: Design
    split: Split
    customers: int
    """Over all arms, of whom each must have matured."""
    days: int

    @property
    def weeks(self) -> int:
        """Weeks, begun ones counted as whole."""
        return math.ceil(self.days / 7)


def required_customers(
    effect: Effect, split: Split, *, design: Design, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return N = (z₁₋α/₂√V + z_pw√U)² / δ², times the design's factor, over all arms.

    U = v₁/w₁ + v₀/w₀ is how much the difference varies, V = max(U, pooled) what `compare` measures it by (Fleiss, Levin
    and Paik, Statistical Methods for Rates and Proportions, 2003, without the continuity correction). With U alone a
    holdout of 10 % against a rate that grows from 0.08 to 0.10 has 75 % power where 80 % are planned. 0.06 against
    0.05, half and half: U = 0.2078, V = 0.2079, and N is 16,316 fixed, 17,458 hybrid, 27,737 anytime.

    :raises CannotPlan: when there is no effect, no variance or an impossible split.
    """
    if not effect.difference:
        raise CannotPlan(CannotPlan.Reason.NO_EFFECT)
    _check(effect, split)
    unpooled = effect.treatment_variance / split.treatment + effect.control_variance / split.control
    measured = max(unpooled, _pooled(effect, split))
    z = two_sided_z(corrected_alpha(alpha, split.variants))
    reach = z * math.sqrt(measured) + normal_quantile(power) * math.sqrt(unpooled)
    return math.ceil(FACTORS[design] * (reach / effect.difference) ** 2)


def _pooled(effect: Effect, split: Split) -> float:
    """Return s²(1/w₁ + 1/w₀), s² the variance over both arms as one: within them and between."""
    both = split.treatment + split.control
    w1, w0 = split.treatment / both, split.control / both
    within = w1 * effect.treatment_variance + w0 * effect.control_variance
    whole = within + w1 * w0 * effect.difference**2
    return whole * (1 / split.treatment + 1 / split.control)


def evaluable_customers(effect: Effect, split: Split) -> int:
    """Return how many customers, over all arms, give the smallest arm its n·p(1 − p) of 10.

    A rate of 0.02 with 10 % held out: 10 / (0.1 · 0.0196) = 5,103.

    :raises CannotPlan: when nobody or everybody does it, or the split is impossible.
    """
    _check(effect, split)
    rate = effect.active_rate
    smallest = min(split.treatment, split.control)
    return math.ceil(LEAST_INFORMATION / (smallest * rate * (1 - rate)))


def project(effect: Effect, split: Split, volume: Volume, *, design: Design) -> Projection:
    """Return the customers and days: N / daily + window + refund lag, and never fewer than 7 days of exposing.

    16,316 customers at 400 a day with a window of 30 and a lag of 14 days: 41 + 30 + 14 = 85 days.

    :raises CannotPlan: when the test could not become evaluable or could not answer within `volume.longest_days`.
    """
    needed = required_customers(effect, split, design=design)
    evaluable = evaluable_customers(effect, split)
    if not volume.daily_customers > 0:
        raise CannotPlan(CannotPlan.Reason.NO_TRAFFIC)
    if _days(evaluable, volume) > volume.longest_days:
        raise CannotPlan(CannotPlan.Reason.TOO_RARE)
    customers = max(needed, evaluable)
    days = _days(customers, volume)
    if days > volume.longest_days:
        raise CannotPlan(CannotPlan.Reason.TOO_LONG)
    return Projection(design=design, split=split, customers=customers, days=days)


def compare_designs(
    effect: Effect, volume: Volume, *, splits: Iterable[Split] = (EVEN, HOLDOUT)
) -> tuple[Projection | CannotPlan, ...]:
    """Return what each split and design comes to, or why it can't: what 90/10 costs against 50/50.

    With equal variances a holdout of 10 % needs (1/0.9 + 1/0.1) / 4 = 2.78 times the customers.
    """
    return tuple(
        _attempt(effect, split, volume, design)
        for split in splits
        for design in (Design.HYBRID, Design.ANYTIME)
    )


def _attempt(
    effect: Effect, split: Split, volume: Volume, design: Design
) -> Projection | CannotPlan:
    try:
        return project(effect, split, volume, design=design)
    except CannotPlan as error:
        return error


def _days(customers: int, volume: Volume) -> int:
    exposing = max(math.ceil(customers / volume.daily_customers), LEAST_DAYS)
    return exposing + volume.window_days + volume.refund_lag_days


def _check(effect: Effect, split: Split) -> None:
    spreads = (effect.treatment_variance, effect.control_variance)
    if not 0 < effect.active_rate < 1 or min(spreads) < 0 or not max(spreads) > 0:
        raise CannotPlan(CannotPlan.Reason.NO_VARIANCE)
    shares = (split.treatment, split.control)
    if min(shares) <= 0 or sum(shares) > 1 + 1e-9 or split.variants < 1:
        raise CannotPlan(CannotPlan.Reason.SHARE_IMPOSSIBLE)
