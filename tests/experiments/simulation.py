"""Experiments that run by chance: a day is a draw of its sums, and every evening somebody looks."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from django_ppx.experiments.distributions import two_sided_z
from django_ppx.experiments.evaluability import ArmCount, obstacles
from django_ppx.experiments.planning import (
    EVEN,
    HOLDOUT,
    Design,
    Effect,
    Split,
    mean_effect,
    rate_effect,
    required_customers,
)
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.samples import Arm
from django_ppx.experiments.sequences import Outcome, Trail, anytime_plan, hybrid_plan, look
from django_ppx.experiments.statistics import compare, winsor_cap

WEEK = (1.0, 0.9, 0.9, 1.0, 1.1, 1.4, 1.3)
"""How the rate moves over the days of a week."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    name: str
    control: int
    treatments: tuple[int, ...]
    """Customers of each arm who mature on one day."""
    rate: float
    lift: float = 0.0
    days: int = 42
    planned_day: int = 28
    amount: Callable[[Random], float] | None = None
    """What a buyer spends; None where only yes or no counts."""
    is_weekly: bool = False

    @property
    def planned_customers(self) -> int:
        """Of one treatment and the control."""
        return self.planned_day * (self.control + self.treatments[0])


@dataclass(frozen=True, kw_only=True)
class Ending:
    naive: bool
    """Whether a z-test at .05 was significant on any day."""
    sequence: Outcome
    hybrid: Outcome


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The shares of runs in which a difference was claimed."""

    naive: float
    sequence: float
    hybrid: float


def lognormal(rng: Random) -> float:
    """Orders as a shop has them: the median 33, the mean 68, one in a hundred above 540."""
    return round(100 * rng.lognormvariate(3.5, 1.2))


def pareto(rng: Random) -> float:
    """Orders without a variance of their own: only the cap gives them one."""
    return round(1000 * rng.paretovariate(1.5))


SETTINGS = (
    Setting(name="50/50, 5 %", control=200, treatments=(200,), rate=0.05),
    Setting(name="50/50, 40 %", control=60, treatments=(60,), rate=0.4),
    Setting(name="90/10, 5 %", control=50, treatments=(450,), rate=0.05),
    Setting(name="95/5, 3 %", control=60, treatments=(1140,), rate=0.03),
    Setting(name="50/50, rare 0.3 %", control=1000, treatments=(1000,), rate=0.003),
    Setting(name="90/10, rare 0.5 %", control=150, treatments=(1350,), rate=0.005),
    Setting(name="50/50, weekly, 8 %", control=150, treatments=(150,), rate=0.08, is_weekly=True),
    Setting(
        name="50/50, lognormal revenue", control=120, treatments=(120,), rate=0.04, amount=lognormal
    ),
    Setting(name="50/50, Pareto revenue", control=120, treatments=(120,), rate=0.04, amount=pareto),
    Setting(name="90/10, Pareto revenue", control=30, treatments=(270,), rate=0.04, amount=pareto),
    Setting(name="two variants, 5 %", control=150, treatments=(150, 150), rate=0.05),
)


def simulate(setting: Setting, *, runs: int, seed: int) -> Rates:
    """Return in what share of `runs` each rule claimed a difference."""
    rng = Random(f"{seed}:{setting.name}")
    endings = [run(setting, rng) for _ in range(runs)]
    return Rates(
        naive=sum(ending.naive for ending in endings) / runs,
        sequence=sum(_is_claim(ending.sequence) for ending in endings) / runs,
        hybrid=sum(_is_claim(ending.hybrid) for ending in endings) / runs,
    )


def run(setting: Setting, rng: Random) -> Ending:
    """Return how one experiment ends that is looked at every day."""
    planned, variants = setting.planned_customers, len(setting.treatments)
    plans = (
        anytime_plan(planned_customers=planned, comparisons=variants),
        hybrid_plan(planned_customers=planned, comparisons=variants),
    )
    arms, counts = [Arm(customers=0, total=0, squares=0)] * (variants + 1), [0] * (variants + 1)
    trails = [[Trail()] * variants for _ in plans]
    is_naive = False
    for day in range(1, setting.days + 1):
        for index, customers in enumerate((setting.control, *setting.treatments)):
            drawn, successes = _day(setting, rng, day, customers, is_treated=index > 0)
            arms[index], counts[index] = arms[index].combined(drawn), counts[index] + successes
        control, *treatments = arms
        is_naive = is_naive or any(is_significant(arm, control) for arm in treatments)
        if is_naive and all(_is_claim(_together(trail)) for trail in trails):
            break
        for index, arm in enumerate(treatments):
            pair = [
                ArmCount(customers=control.customers, successes=counts[0]),
                ArmCount(customers=arm.customers, successes=counts[index + 1]),
            ]
            if obstacles(pair, full_days=day, ratio=RatioState.CLEAN):
                continue
            comparison = compare(arm, control)
            for plan, trail in zip(plans, trails, strict=True):
                trail[index] = look(trail[index], comparison, plan)
    sequence, hybrid = (_together(trail) for trail in trails)
    return Ending(naive=is_naive, sequence=sequence, hybrid=hybrid)


def is_significant(treatment: Arm, control: Arm) -> bool:
    """Return what a dashboard without safeguards says: |z| ≥ 1.96 with the unpooled variance."""
    variance = (
        treatment.variance / treatment.customers + control.variance / control.customers
        if min(treatment.customers, control.customers) > 1
        else 0
    )
    return variance > 0 and abs(treatment.mean - control.mean) >= 1.96 * math.sqrt(variance)


@dataclass(frozen=True, kw_only=True)
class PlannedTest:
    """A test of the size that the planner says, for an effect that is there."""

    name: str
    effect: Effect
    split: Split
    rate: float
    lift: float
    amount: Callable[[Random], float] | None = None

    def setting(self, design: Design, days: int = 28) -> Setting:
        customers = required_customers(self.effect, self.split, design=design)
        return Setting(
            name=f"{self.name}, {design}",
            control=math.ceil(customers * self.split.control / days),
            treatments=(math.ceil(customers * self.split.treatment / days),),
            rate=self.rate,
            lift=self.lift,
            amount=self.amount,
            days=days,
            planned_day=days,
        )


@dataclass(frozen=True, kw_only=True)
class Powers:
    """In what share of runs "better" was said by the planned day, each design at its own size."""

    fixed: float
    hybrid: float
    anytime: float


def planned_tests() -> list[PlannedTest]:
    return [
        _planned_rate("50/50, 5 to 6 %", 0.05, 0.2, EVEN),
        _planned_rate("90/10, 8 to 10 %", 0.08, 0.25, HOLDOUT),
        _planned_rate("50/50, rare 0.5 to 0.75 %", 0.005, 0.5, EVEN),
        PlannedTest(
            name="50/50, lognormal revenue",
            effect=_revenue_effect(0.1, 0.3, lognormal),
            split=EVEN,
            rate=0.1,
            lift=0.3,
            amount=lognormal,
        ),
    ]


def measure_power(planned: PlannedTest, *, runs: int, seed: int) -> Powers:
    shares = {}
    for design in Design:
        setting = planned.setting(design)
        rng = Random(f"{seed}:{setting.name}")
        shares[design.value] = sum(_is_found(setting, design, rng) for _ in range(runs)) / runs
    return Powers(**shares)


def _is_found(setting: Setting, design: Design, rng: Random) -> bool:
    make_plan = hybrid_plan if design is Design.HYBRID else anytime_plan
    plan = make_plan(planned_customers=setting.planned_customers)
    control = treatment = Arm(customers=0, total=0, squares=0)
    counts, trail = [0, 0], Trail()
    for day in range(1, setting.planned_day + 1):
        of_control, bought = _day(setting, rng, day, setting.control, is_treated=False)
        of_treatment, bought_too = _day(setting, rng, day, setting.treatments[0], is_treated=True)
        control, treatment = control.combined(of_control), treatment.combined(of_treatment)
        counts = [counts[0] + bought, counts[1] + bought_too]
        arms = [
            ArmCount(customers=control.customers, successes=counts[0]),
            ArmCount(customers=treatment.customers, successes=counts[1]),
        ]
        if design is not Design.FIXED and not obstacles(
            arms, full_days=day, ratio=RatioState.CLEAN
        ):
            trail = look(trail, compare(treatment, control), plan)
    if design is Design.FIXED:
        return compare(treatment, control).z >= two_sided_z(0.05)
    return trail.outcome is Outcome.BETTER


def _planned_rate(name: str, rate: float, lift: float, split: Split) -> PlannedTest:
    effect = rate_effect(base_rate=rate, lift=lift)
    return PlannedTest(name=name, effect=effect, split=split, rate=rate, lift=lift)


def _revenue_effect(rate: float, lift: float, amount: Callable[[Random], float]) -> Effect:
    """Return the effect as a planner learns it, from the orders before the experiment."""
    rng, cap = Random("planning"), _cap(amount)
    amounts = [min(amount(rng), cap) for _ in range(5000)]
    mean = rate * sum(amounts) / len(amounts)
    variance = rate * sum(value * value for value in amounts) / len(amounts) - mean**2
    return mean_effect(base_mean=mean, variance=variance, active_rate=rate, lift=lift)


def draw_binomial(rng: Random, trials: int, rate: float) -> int:
    """Return a binomial draw: one uniform, looked up in the exact distribution."""
    return bisect_left(_distribution(trials, rate), rng.random())


def _day(
    setting: Setting, rng: Random, day: int, customers: int, *, is_treated: bool
) -> tuple[Arm, int]:
    rate = setting.rate * (1 + setting.lift if is_treated else 1)
    if setting.is_weekly:
        rate *= WEEK[day % 7]
    buyers = draw_binomial(rng, customers, rate)
    if setting.amount is None:
        return Arm(customers=customers, total=buyers, squares=buyers), buyers
    cap = _cap(setting.amount)
    amounts = [min(setting.amount(rng), cap) for _ in range(buyers)]
    squares = sum(amount * amount for amount in amounts)
    return Arm(customers=customers, total=sum(amounts), squares=squares), buyers


def _together(trails: list[Trail]) -> Outcome:
    """Return the first claim of any variant."""
    return next((trail.outcome for trail in trails if _is_claim(trail.outcome)), Outcome.OPEN)


def _is_claim(outcome: Outcome) -> bool:
    return outcome in {Outcome.BETTER, Outcome.WORSE}


@cache
def _distribution(trials: int, rate: float) -> list[float]:
    whole = math.lgamma(trials + 1)
    chances = (
        math.exp(
            whole
            - math.lgamma(count + 1)
            - math.lgamma(trials - count + 1)
            + count * math.log(rate)
            + (trials - count) * math.log1p(-rate)
        )
        for count in range(trials)
    )
    return list(accumulate(chances))


@cache
def _cap(amount: Callable[[Random], float]) -> float:
    rng = Random("orders before the experiment")
    return winsor_cap(amount(rng) for _ in range(5000))
