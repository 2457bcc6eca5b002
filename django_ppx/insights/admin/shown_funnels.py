"""A funnel as its page shows it: every figure in words, every bar in coordinates. No query, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext

from django_ppx.core.admin import money_text
from django_ppx.insights.admin import funnel_words as words
from django_ppx.insights.admin.funnel_charts import DayBar, StepBar, draw_days, draw_step
from django_ppx.insights.funnels import (
    ACTION_DAYS,
    Funnel,
    FunnelPeriod,
    FunnelRevenue,
    FunnelStep,
    OfferFunnel,
    Rate,
    Step,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownRate:
    """A rate in words. All are "" where nobody counts."""

    value: str = ""
    interval: str = ""
    n: str = ""
    is_thin: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownStep:
    name: str
    label: str | Promise
    customers: str
    of_shown: ShownRate | None
    of_before: ShownRate | None
    before: str | Promise
    """The label of the step before, where there is a rate of it."""
    bar: StepBar | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownRevenue:
    currency: str
    so_far: str
    mean: ShownRate


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFunnel:
    label: str
    steps: list[ShownStep]
    revenue: list[ShownRevenue]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayColumn:
    """One column of a chart of days, with its day and figure for who points at it."""

    bar: DayBar
    title: str
    is_open: bool
    """Whether the windows of this day's customers are open: the figure may still grow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayChart:
    label: str | Promise
    summary: str
    highest: str
    columns: list[DayColumn]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayRow:
    day: str
    customers: list[tuple[str | Promise, str]]
    is_open: bool


def shown_funnel(funnel: Funnel, *, label: str = "") -> ShownFunnel:
    names = [step.step for step in funnel.steps]
    return ShownFunnel(
        label=label,
        steps=[
            _step(step, before=names[number - 1] if number else step.step)
            for number, step in enumerate(funnel.steps)
        ],
        revenue=[_revenue(revenue) for revenue in funnel.revenue],
    )


def freshness(funnel: OfferFunnel) -> list[str]:
    """Return who is not in the rates, a sentence for each window."""
    sentences = []
    for step, days in ((Step.CLICKED, ACTION_DAYS), (Step.REDEEMED, funnel.period.redeem_days)):
        fresh = sum(found.fresh for found in funnel.total.steps if found.step == step)
        if not fresh:
            continue
        sentence = words.fresh_text(fresh, days)
        if step == Step.REDEEMED:
            sentence = gettext("For redeemed and revenue: %(sentence)s") % {"sentence": sentence}
        elif Step.REDEEMED in funnel.steps:
            sentence = gettext("For clicked and claimed: %(sentence)s") % {"sentence": sentence}
        sentences.append(sentence)
    return sentences


def day_charts(funnel: OfferFunnel) -> list[DayChart]:
    """Return a chart for each step, each of a scale of its own."""
    charts = []
    for step in funnel.steps:
        values = [day.customers[step] for day in funnel.days]
        columns = [
            DayColumn(
                bar=bar,
                title=f"{date_format(day.day, 'SHORT_DATE_FORMAT')}: {words.number_text(value)}",
                is_open=_is_open(day.day, step, funnel.period),
            )
            for bar, day, value in zip(draw_days(values), funnel.days, values, strict=True)
        ]
        highest = words.number_text(max(values, default=0))
        label = words.STEP_LABELS[step]
        summary = gettext("%(step)s by day; the highest day has %(highest)s.") % {
            "step": label,
            "highest": highest,
        }
        charts.append(DayChart(label=label, summary=summary, highest=highest, columns=columns))
    return charts


def day_rows(funnel: OfferFunnel) -> list[DayRow]:
    """Return the days in words, the newest first."""
    last = funnel.steps[-1]
    return [
        DayRow(
            day=date_format(day.day, "SHORT_DATE_FORMAT"),
            customers=[
                (words.STEP_LABELS[step], words.number_text(day.customers[step]))
                for step in funnel.steps
            ],
            is_open=_is_open(day.day, last, funnel.period),
        )
        for day in reversed(funnel.days)
    ]


def _step(step: FunnelStep, *, before: Step) -> ShownStep:
    return ShownStep(
        name=step.step.value,
        label=words.STEP_LABELS[step.step],
        customers=words.number_text(step.customers),
        of_shown=_rate(step.of_shown),
        of_before=_rate(step.of_before),
        before=words.STEP_LABELS[before],
        bar=draw_step(step.of_shown),
    )


def _rate(rate: Rate | None) -> ShownRate | None:
    if rate is None:
        return None
    if rate.value is None or rate.interval is None:
        return ShownRate()
    return ShownRate(
        value=words.percent_text(rate.value),
        interval=words.rate_interval_text(rate.interval),
        n=words.of_customers_text(rate.customers),
        is_thin=rate.is_thin,
    )


def _revenue(revenue: FunnelRevenue) -> ShownRevenue:
    mean, interval = revenue.mean_minor, revenue.interval
    return ShownRevenue(
        currency=revenue.currency,
        so_far=money_text(revenue.so_far_minor, revenue.currency),
        mean=ShownRate()
        if mean is None
        else ShownRate(
            value=words.mean_text(mean, revenue.currency),
            interval=words.mean_interval_text(interval, revenue.currency) if interval else "",
            n=words.of_customers_text(revenue.closed.customers),
            is_thin=revenue.is_thin,
        ),
    )


def _is_open(day: date, step: Step, period: FunnelPeriod) -> bool:
    if step == Step.SHOWN:
        return False
    days = period.redeem_days if step == Step.REDEEMED else ACTION_DAYS
    return day > period.closed_until(days)
