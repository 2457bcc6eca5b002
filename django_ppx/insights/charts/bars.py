"""Counts a day as stacked bars. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django_ppx.insights.charts.scales import DayTick, Frame, Scale, Tick, day_ticks, nice_values

MOST_BARS: Final = 120
"""From more days on, a bar is a week."""
GAP: Final = 0.2
"""Of a bar's place, left free beside it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCounts:
    """The counts of one day, one for each series; `is_marked` puts a mark below it."""

    day: date
    counts: tuple[int, ...]
    is_marked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One part of a bar; `series` is the number of its count, from 0 on."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BarChart:
    """Positions in the picture. `days_per_bar` is 1, or 7 where there are many days."""

    frame: Frame
    days_per_bar: int
    bars: tuple[Bar, ...]
    marks: tuple[float, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[DayTick, ...]


def draw_bars(days: Sequence[DayCounts], frame: Frame, *, day_labels: int = 6) -> BarChart:
    """Return the stacked bars, the first series at the bottom. The last bar of weeks may be of fewer days.

    :raises ValueError: when there is no day.
    """
    if not days:
        raise ValueError("there is no day to draw")
    size = 7 if len(days) > MOST_BARS else 1
    groups = [_together(days[start : start + size]) for start in range(0, len(days), size)]
    highest = max(sum(group.counts) for group in groups)
    values = Scale(low=0, high=max(highest, 1), start=frame.floor, end=frame.top)
    place = (frame.end - frame.left) / len(groups)
    bars: list[Bar] = []
    for number, group in enumerate(groups):
        x = frame.left + (number + GAP / 2) * place
        bars += _stack(
            group.counts, x=round(x, 1), width=round(place * (1 - GAP), 1), values=values
        )
    middle = Scale(
        low=groups[0].day.toordinal(),
        high=groups[-1].day.toordinal(),
        start=frame.left + place / 2,
        end=frame.end - place / 2,
    )
    return BarChart(
        frame=frame,
        days_per_bar=size,
        bars=tuple(bars),
        marks=tuple(middle.at(group.day.toordinal()) for group in groups if group.is_marked),
        y_ticks=tuple(
            Tick(position=values.at(value), value=value)
            for value in nice_values(0, values.high)
            if value == int(value)
        ),
        x_ticks=day_ticks(groups[0].day, groups[-1].day, middle, count=day_labels),
    )


def _together(days: Sequence[DayCounts]) -> DayCounts:
    return DayCounts(
        day=days[0].day,
        counts=tuple(sum(column) for column in zip(*(day.counts for day in days), strict=True)),
        is_marked=any(day.is_marked for day in days),
    )


def _stack(counts: Sequence[int], *, x: float, width: float, values: Scale) -> list[Bar]:
    bars, below = [], 0
    for series, count in enumerate(counts):
        top, foot = values.at(below + count), values.at(below)
        if count:
            height = round(foot - top, 1)
            bars.append(Bar(x=x, y=top, width=width, height=height, series=series))
        below += count
    return bars
