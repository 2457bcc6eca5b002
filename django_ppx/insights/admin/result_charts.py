"""The charts of the result page: positions from `insights.charts`, with their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile
from typing import Final

from babel.dates import format_skeleton
from django.utils.translation import get_language, gettext

from django_ppx.core.money import babel_locale
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.insights.admin.arms import in_order
from django_ppx.insights.admin.figures import NOTHING, FigureText, whole
from django_ppx.insights.admin.terms import Stage, Terms, day_text
from django_ppx.insights.charts.bars import BarChart, DayCounts, draw_bars
from django_ppx.insights.charts.scales import DayTick, Frame, Tick
from django_ppx.insights.charts.trails import TrailChart, TrailPoint, draw_trail, shown_range
from django_ppx.insights.results import ExperimentResult

WIDE: Final = Frame(width=860, height=260, left=64, right=16, top=24, bottom=28)
NARROW: Final = Frame(width=340, height=230, left=58, right=10, top=24, bottom=28)
FLAT: Final = Frame(width=860, height=180, left=64, right=16, top=10, bottom=34)
FLAT_NARROW: Final = Frame(width=340, height=170, left=46, right=10, top=10, bottom=34)


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A text beside an axis, and where along it."""

    position: float
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One drawing of a chart; there is a wide and a narrow one of each, and the style sheet shows one."""

    size: str
    chart: TrailChart | BarChart
    y_labels: tuple[Label, ...]
    x_labels: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailFigure:
    """The interval of one arm over time, with its table: day, customers, difference, interval."""

    key: str
    title: str
    unit: str
    """"in points", or "" where the labels have it."""
    description: str
    planned: str
    pictures: tuple[Picture, ...]
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BarFigure:
    """New customers a day by arm, with its table: the day, a count for each arm, what stands out."""

    title: str
    description: str
    arms: tuple[str, ...]
    has_marks: bool
    pictures: tuple[Picture, ...]
    rows: tuple[tuple[str, tuple[str, ...], str], ...]


def trail_figures(result: ExperimentResult, terms: Terms) -> list[TrailFigure]:
    """Return a chart for each arm that is compared and has an interval on some day. All have the same scale."""
    arms = [arm for arm in in_order(result) if not arm.is_control]
    trails = {
        arm.label: [
            TrailPoint(
                day=point.day,
                difference=point.differences.get(arm.label)
                if point.intervals.get(arm.label)
                else None,
                interval=point.intervals.get(arm.label),
            )
            for point in result.days
        ]
        for arm in arms
    }
    shown = shown_range(list(trails.values()))
    planned, planned_text = _planned(result, terms)
    figure = FigureText.of(result, result.primary)
    found = []
    for number, arm in enumerate(arms):
        points = trails[arm.label]
        if not any(point.interval for point in points):
            continue
        pictures = []
        for size, frame, labels in (("wide", WIDE, 8), ("narrow", NARROW, 3)):
            chart = draw_trail(points, frame, shown, planned=planned, day_labels=labels)
            pictures.append(_picture(size, chart, figure.tick))
        found.append(
            TrailFigure(
                key=f"trail-{number}",
                title=gettext("“%(arm)s” against “%(control)s”, day by day")
                % {"arm": arm.label, "control": _control_label(result)},
                unit=gettext("in points") if figure.is_in_points else "",
                description=_in_words(points, figure),
                planned=planned_text,
                pictures=tuple(pictures),
                rows=tuple(_trail_row(result, arm.label, figure)),
            )
        )
    return found


def bar_figure(result: ExperimentResult) -> BarFigure | None:
    """Return the chart of new customers a day; None before the first look."""
    if not result.days:
        return None
    arms = [arm.label for arm in in_order(result)]
    days = [
        DayCounts(
            day=point.day,
            counts=tuple(point.exposed.get(label, 0) for label in arms),
            is_marked=point.ratio_state is not RatioState.CLEAN,
        )
        for point in result.days
    ]
    pictures, chart = [], None
    for size, frame, labels in (("wide", FLAT, 8), ("narrow", FLAT_NARROW, 3)):
        chart = draw_bars(days, frame, day_labels=labels)
        pictures.append(_picture(size, chart, whole))
    is_weekly = chart is not None and chart.days_per_bar > 1
    totals = ", ".join(f"{arm.label}: {whole(arm.exposed)}" for arm in in_order(result))
    return BarFigure(
        title=gettext("New customers a week, by arm")
        if is_weekly
        else gettext("New customers a day, by arm"),
        description=gettext("From %(first)s to %(last)s. In all %(totals)s.")
        % {"first": day_text(days[0].day), "last": day_text(days[-1].day), "totals": totals},
        arms=tuple(arms),
        has_marks=any(day.is_marked for day in days),
        pictures=tuple(pictures),
        rows=tuple(
            (day_text(day.day), tuple(map(whole, day.counts)), _ratio_word(point.ratio_state))
            for day, point in zip(days, result.days, strict=True)
        ),
    )


def _planned(result: ExperimentResult, terms: Terms) -> tuple[date | None, str]:
    """Return the day on which the planned size had matured or should have, and what to write beside it."""
    if not terms.has_end:
        return None, ""
    reached = next(
        (point.day for point in result.days if point.customers >= result.progress.planned), None
    )
    if reached:
        return reached, gettext("planned size reached")
    if terms.stage is not Stage.RUNNING or result.progress.expected is None:
        return None, ""
    return result.progress.expected, gettext("planned size expected")


def _in_words(points: list[TrailPoint], figure: FigureText) -> str:
    last = [point for point in points if point.interval][-1]
    assert last.interval  # noqa: S101 - for the type checker; filtered above
    text = gettext(
        "The band is where the difference lies, however often one looks; it narrows as customers mature. At zero there "
        "is no difference. On %(day)s: %(interval)s."
    )
    return text % {"day": day_text(last.day), "interval": figure.change_spread(last.interval)}


def _trail_row(
    result: ExperimentResult, label: str, figure: FigureText
) -> Iterable[tuple[str, str, str, str]]:
    for point in dropwhile(lambda each: each.differences.get(label) is None, result.days):
        difference = point.differences.get(label)
        yield (
            day_text(point.day),
            whole(point.customers),
            NOTHING if difference is None else figure.change(difference),
            figure.change_spread(point.intervals.get(label)) or NOTHING,
        )


def _picture(size: str, chart: TrailChart | BarChart, words: Callable[[float], str]) -> Picture:
    return Picture(
        size=size,
        chart=chart,
        y_labels=tuple(_label(tick, words) for tick in chart.y_ticks),
        x_labels=tuple(_day_label(tick) for tick in chart.x_ticks),
    )


def _label(tick: Tick, words: Callable[[float], str]) -> Label:
    return Label(position=tick.position, text=words(tick.value))


def _day_label(tick: DayTick) -> Label:
    locale = babel_locale(get_language() or "en")
    return Label(position=tick.position, text=format_skeleton("MMMd", tick.day, locale=locale))


def _ratio_word(state: RatioState) -> str:
    return {RatioState.AMBER: gettext("odd"), RatioState.RED: gettext("broken")}.get(state, "")


def _control_label(result: ExperimentResult) -> str:
    return next((arm.label for arm in result.arms if arm.is_control), "")
