"""The tables of the result page as rows of ready texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.admin.arms import control_of, difference_of, in_order
from django_ppx.insights.admin.figures import (
    MONEY,
    NOTHING,
    FigureText,
    lift_spread,
    lift_text,
    money,
    p_text,
    percent,
    signed,
    whole,
)
from django_ppx.insights.admin.names import NAMES, SUMS
from django_ppx.insights.charts.whiskers import Whisker, draw_whiskers
from django_ppx.insights.results import (
    GUARDRAILS,
    ArmResult,
    Counted,
    ExperimentResult,
    Increment,
    VerdictState,
)

NEEDS_THE_OFFER: Final = frozenset(
    {Counted.CLICKED, Counted.CLAIMED, Counted.REDEEMED, Counted.DISMISSED}
)
"""Who is shown nothing can't do these, so that a difference to them would say nothing."""
OUTCOMES: Final[dict[Outcome, tuple[str, str | Promise]]] = {
    Outcome.BETTER: ("running", _("better")),
    Outcome.WORSE: ("paused", _("worse")),
    Outcome.NOT_SHOWN: ("", _("no difference shown")),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmRow:
    """One arm, for what decides the experiment. `badge` is (look, text) of its outcome, or None."""

    label: str
    is_control: bool
    is_holdout: bool
    exposed: str
    share: str
    planned_share: str
    matured: str
    mean: str
    mean_spread: str
    raw_mean: str
    difference: str
    difference_spread: str
    whisker: Whisker | None
    lift: str
    lift_spread: str
    p_value: str
    badge: tuple[str, str | Promise] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SideRow:
    """One arm against the control, for something that does not decide."""

    name: str | Promise
    arm: str
    customers: str
    mean: str
    control: str
    difference: str
    difference_spread: str
    p_value: str
    is_warning: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """What an arm brought in beyond the control."""

    label: str | Promise
    amount: str
    spread: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Gains:
    """The gains of one arm."""

    arm: str
    customers: str
    items: tuple[Gain, ...]


def arm_rows(result: ExperimentResult) -> list[ArmRow]:
    """Return the control and then the other arms. Outcomes are left out where a verdict is withheld."""
    figure = FigureText.of(result, result.primary)
    everybody = sum(arm.exposed for arm in result.arms)
    arms = in_order(result)
    found = [difference_of(arm, result.primary) for arm in arms]
    pictures = iter(
        draw_whiskers([(d.difference, d.interval) for d in found if d and not d.interval.is_empty])
    )
    has_verdict = result.verdict.is_decided or result.verdict.state is VerdictState.OPEN
    rows = []
    for arm, difference in zip(arms, found, strict=True):
        mine = arm.figures.get(result.primary)
        is_drawn = difference is not None and not difference.interval.is_empty
        rows.append(
            ArmRow(
                label=arm.label,
                is_control=arm.is_control,
                is_holdout=arm.is_holdout,
                exposed=whole(arm.exposed),
                share=percent(arm.exposed / everybody) if everybody else NOTHING,
                planned_share=percent(arm.share),
                matured=whole(arm.matured),
                mean=figure.mean(mine.mean if mine else None),
                mean_spread=figure.mean_spread(mine.interval if mine else None),
                raw_mean=figure.mean(mine.raw_mean) if mine and mine.raw_mean is not None else "",
                difference=figure.change(difference.difference) if difference else NOTHING,
                difference_spread=figure.change_spread(difference.interval) if difference else "",
                whisker=next(pictures) if is_drawn else None,
                lift=lift_text(difference.lift if difference else None),
                lift_spread=lift_spread(
                    difference.lift_interval if difference else None, result.primary
                ),
                p_value=p_text(difference.p_value if difference else None),
                badge=OUTCOMES.get(difference.outcome) if difference and has_verdict else None,
            )
        )
    return rows


def secondary_rows(result: ExperimentResult) -> list[SideRow]:
    """Return what is shown beside what decides."""
    chosen = [counted for counted in result.secondary if counted is not result.primary]
    return _side_rows(result, [counted for counted in chosen if counted not in GUARDRAILS])


def guardrail_rows(result: ExperimentResult) -> list[SideRow]:
    """Return what must not get worse; a warning where the whole interval is more of it."""
    return _side_rows(result, GUARDRAILS)


def gains(result: ExperimentResult) -> list[Gains]:
    """Return orders, revenue and margin beyond the control, by arm."""
    found = []
    for arm in in_order(result):
        items = [
            _gain(increment, result.currency)
            for increment in result.increments
            if increment.arm_label == arm.label
        ]
        if items:
            found.append(Gains(arm=arm.label, customers=whole(arm.matured), items=tuple(items)))
    return found


def _gain(increment: Increment, currency: str) -> Gain:
    low, high = increment.interval.low, increment.interval.high
    return Gain(
        label=SUMS.get(increment.counted, NAMES[increment.counted]),
        amount=_sum(increment.amount, increment.counted, currency),
        spread=gettext("%(low)s to %(high)s")
        % {
            "low": _sum(low, increment.counted, currency),
            "high": _sum(high, increment.counted, currency),
        },
    )


def _sum(amount: float, counted: Counted, currency: str) -> str:
    """Return a sum with its sign, money without parts of a unit: what is estimated to hundreds has no cents."""
    text = money(amount, currency, 0) if counted in MONEY else whole(amount)
    return signed(text, amount)


def _side_rows(result: ExperimentResult, chosen: Sequence[Counted]) -> list[SideRow]:
    control = control_of(result)
    rows = []
    for counted in chosen:
        figure = FigureText.of(result, counted)
        for arm in result.arms:
            if arm.is_control or counted not in arm.figures:
                continue
            rows.append(_side_row(arm, control, figure))
    return rows


def _side_row(arm: ArmResult, control: ArmResult | None, figure: FigureText) -> SideRow:
    mine = arm.figures[figure.counted]
    theirs = control.figures.get(figure.counted) if control else None
    difference = mine.difference
    if control and control.is_holdout and figure.counted in NEEDS_THE_OFFER:
        theirs = difference = None
    is_worse = bool(difference and not difference.interval.is_empty and difference.interval.low > 0)
    return SideRow(
        name=NAMES[figure.counted],
        arm=arm.label,
        customers=whole(mine.customers),
        mean=figure.mean(mine.mean),
        control=figure.mean(theirs.mean if theirs else None),
        difference=figure.change(difference.difference) if difference else NOTHING,
        difference_spread=figure.change_spread(difference.interval) if difference else "",
        p_value=p_text(difference.p_value if difference else None),
        is_warning=figure.counted in GUARDRAILS and is_worse,
    )
