"""From the shop's history to what a test needs: customers, weeks, a date; or why it could never answer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django_ppx.conf import ppx_settings
from django_ppx.experiments.evaluability import LEAST_DAYS, LEAST_INFORMATION
from django_ppx.experiments.models import Experiment, Metric
from django_ppx.experiments.models.experiments import MONEY, NEEDS_THE_OFFER
from django_ppx.experiments.planning import (
    LONGEST_DAYS,
    CannotPlan,
    Design,
    Effect,
    Split,
    Volume,
    mean_effect,
    project,
    rate_effect,
    required_customers,
)
from django_ppx.insights.history import History, Traffic, read_history, read_traffic

_ENDLESS: Final = 10**30


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanQuestion:
    """What an experiment asks, as far as a plan depends on it. Rates are 0 to 1."""

    metric: Metric
    window_days: int
    lift: float
    weights: tuple[int, ...]
    """Of the variants. Those of 0 take no part."""
    control: int | None = None
    """The place of the control among `weights`; without meaning where there is a holdout."""
    holdout_percent: int = 0
    coverage_percent: int = 100
    refund_lag_days: int = 0
    plan: Experiment.Plan = Experiment.Plan.HYBRID
    offer_id: int | None = None
    starts_at: datetime | None = None
    assumed_rate: float | None = None
    assumed_daily: float | None = None

    @property
    def design(self) -> Design:
        """The design by which its size is planned; exact counts are looked at without an end, too."""
        return Design.HYBRID if self.plan == Experiment.Plan.HYBRID else Design.ANYTIME

    @property
    def lag(self) -> int:
        """Days for which refunds come in after the window: none for what happens with the offer itself."""
        return 0 if self.metric in NEEDS_THE_OFFER else self.refund_lag_days


class Lack(StrEnum):
    """What history can't tell, so that somebody has to."""

    RATE = "rate"
    MONEY = "money"
    TRAFFIC = "traffic"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanCell:
    """What one design comes to. Refused, it says what it would have come to, where there is such a number."""

    design: Design
    customers: int | None = None
    days: int | None = None
    weeks: int | None = None
    expected: date | None = None
    refusal: CannotPlan.Reason | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRow:
    """One way to share customers out. `shares` are parts of 100, the control's last."""

    shares: tuple[float, ...]
    is_entered: bool
    hybrid: PlanCell
    anytime: PlanCell

    def cell(self, design: Design) -> PlanCell:
        return self.hybrid if design is Design.HYBRID else self.anytime


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The planner's answer, with what it was made from. Without `lacks` it has rows, the entered shares last."""

    question: PlanQuestion
    history: History
    traffic: Traffic
    daily: float
    """Customers a day who would take part."""
    lacks: tuple[Lack, ...] = ()
    refusal: CannotPlan.Reason | None = None
    """Why there are no rows at all although nothing lacks."""
    rows: tuple[PlanRow, ...] = ()
    times: float | None = None
    """How many times the customers of even shares a control of a tenth needs."""

    @property
    def chosen(self) -> PlanCell | None:
        """The cell of the entered shares and plan."""
        entered = next((row for row in self.rows if row.is_entered), None)
        return entered.cell(self.question.design) if entered else None

    @property
    def customers(self) -> int | None:
        """The planned size: None where it can't be told, or would never answer."""
        cell = self.chosen
        return None if cell is None or cell.refusal else cell.customers

    def answers_in_time(self, customers: int) -> bool:
        """Return whether so many customers can take part and mature within the longest time."""
        if not self.daily > 0:
            return False
        exposing = max(math.ceil(customers / self.daily), LEAST_DAYS)
        return exposing + self.question.window_days + self.question.lag <= LONGEST_DAYS


def make_plan(question: PlanQuestion, *, now: datetime) -> Plan:
    """Return what the question needs. At most five queries."""
    traffic = read_traffic(offer_id=question.offer_id, now=now)
    history = read_history(
        metric=question.metric,
        window_days=question.window_days,
        offer_id=question.offer_id,
        now=now,
    )
    daily = traffic.daily if question.assumed_daily is None else question.assumed_daily
    plan = Plan(
        question=question,
        history=history,
        traffic=traffic,
        daily=daily * question.coverage_percent / 100,
        lacks=_lacks(question, history, traffic),
    )
    if plan.lacks:
        return plan
    try:
        effect = effect_of(question, history)
        split, shares = split_of(question)
    except CannotPlan as refused:
        return replace(plan, refusal=refused.reason)
    return replace(
        plan,
        rows=tuple(_rows(plan, effect, split, shares, now=now)),
        times=_times(effect, split.variants),
    )


def split_of(question: PlanQuestion) -> tuple[Split, tuple[float, ...]]:
    """Return the split of the entered shares, and all shares (0 to 1), the control's last.

    Weights 3 and 1, of which the second is the control: treatment 0.75, control 0.25.

    :raises CannotPlan: when there are fewer than two arms with customers.
    """
    held = question.holdout_percent / 100
    total = sum(question.weights)
    shares = [weight / total * (1 - held) for weight in question.weights] if total else []
    if held:
        control = held
    elif question.control is not None and 0 <= question.control < len(shares):
        control = shares.pop(question.control)
    else:
        raise CannotPlan(CannotPlan.Reason.SHARE_IMPOSSIBLE)
    treatments = tuple(share for share in shares if share > 0)
    if not treatments or control <= 0:
        raise CannotPlan(CannotPlan.Reason.SHARE_IMPOSSIBLE)
    split = Split(treatment=min(treatments), control=control, variants=len(treatments))
    return split, (*treatments, control)


def effect_of(question: PlanQuestion, history: History) -> Effect:
    """Return the smallest effect worth knowing about, as history (or the assumption) says it would look.

    :raises CannotPlan: when the numbers do not have such an effect.
    """
    if question.metric in MONEY:
        return mean_effect(
            base_mean=history.values.mean,
            variance=history.values.variance,
            active_rate=history.rate or 0.0,
            lift=question.lift,
        )
    assumed = question.assumed_rate
    rate = (history.rate or 0.0) if assumed is None else assumed
    return rate_effect(base_rate=rate, lift=question.lift)


def even_shares(variants: int) -> tuple[float, ...]:
    """Return the shares of `variants` and a control of the same size."""
    return (1 / (variants + 1),) * (variants + 1)


def tenth_shares(variants: int) -> tuple[float, ...]:
    """Return the shares of `variants` beside a control of a tenth."""
    return (*((0.9 / variants,) * variants), 0.1)


def _rows(
    plan: Plan, effect: Effect, split: Split, shares: tuple[float, ...], *, now: datetime
) -> list[PlanRow]:
    """Return even shares, a control of a tenth, and those that were entered, unless they are one of these."""
    given = [even_shares(split.variants), tenth_shares(split.variants)]
    if not any(_are_same(shares, other) for other in given):
        given.append(shares)
    found = []
    for row in given:
        is_entered = _are_same(shares, row)
        one = Split(treatment=min(row[:-1]), control=row[-1], variants=split.variants)
        hybrid, anytime = (
            _cell(plan, effect, split if is_entered else one, design=design, now=now)
            for design in (Design.HYBRID, Design.ANYTIME)
        )
        parts = tuple(100 * share for share in row)
        found.append(PlanRow(shares=parts, is_entered=is_entered, hybrid=hybrid, anytime=anytime))
    return found


def _cell(plan: Plan, effect: Effect, split: Split, *, design: Design, now: datetime) -> PlanCell:
    volume = Volume(
        daily_customers=plan.daily,
        window_days=plan.question.window_days,
        refund_lag_days=plan.question.lag,
    )
    refusal = None
    try:
        projection = project(effect, split, volume, design=design)
    except CannotPlan as error:
        refusal = error.reason
        if refusal not in (CannotPlan.Reason.TOO_LONG, CannotPlan.Reason.TOO_RARE):
            return PlanCell(design=design, refusal=refusal)
        endless = replace(volume, longest_days=_ENDLESS)
        projection = project(effect, split, endless, design=design)
    return PlanCell(
        design=design,
        customers=projection.customers,
        days=projection.days,
        weeks=projection.weeks,
        expected=None if refusal else _day_after(_begin(plan, now), projection.days),
        refusal=refusal,
    )


def _begin(plan: Plan, now: datetime) -> date:
    begin = max(plan.question.starts_at or now, now)
    return begin.astimezone(ZoneInfo(ppx_settings.PPX_TIME_ZONE)).date()


def _day_after(begin: date, days: int) -> date:
    """Return the day `days` after `begin`, or the last there is: somebody may enter the year 9999."""
    return date.fromordinal(min(begin.toordinal() + days, date.max.toordinal()))


def _times(effect: Effect, variants: int) -> float | None:
    even, tenth = (
        Split(treatment=shares[0], control=shares[-1], variants=variants)
        for shares in (even_shares(variants), tenth_shares(variants))
    )
    try:
        return required_customers(effect, tenth, design=Design.HYBRID) / required_customers(
            effect, even, design=Design.HYBRID
        )
    except CannotPlan:
        return None


def _are_same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(abs(a - b) < 1e-9 for a, b in pairs)


def _lacks(question: PlanQuestion, history: History, traffic: Traffic) -> tuple[Lack, ...]:
    """Return what history is too short for: fewer than seven days, or a rate of n·p(1 − p) below 10."""
    found = []
    rate = history.rate or 0.0
    is_thin = history.customers * rate * (1 - rate) < LEAST_INFORMATION
    if question.metric in MONEY:
        if is_thin or history.values.mean <= 0:
            found.append(Lack.MONEY)
    elif question.assumed_rate is None and is_thin:
        found.append(Lack.RATE)
    if question.assumed_daily is None and (traffic.days < LEAST_DAYS or not traffic.customers):
        found.append(Lack.TRAFFIC)
    return tuple(found)
