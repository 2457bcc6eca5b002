"""The interval of a difference over time: a band that narrows, its line, zero, and the planned size. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django_ppx.experiments.intervals import Interval
from django_ppx.insights.charts.scales import (
    DayTick,
    Frame,
    Scale,
    Tick,
    day_ticks,
    nice_values,
)

ROOM = 0.08
"""Of the range of values, kept free above and below."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailPoint:
    """What one day's look came to; None where there was nothing to say."""

    day: date
    difference: float | None
    interval: Interval | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """The values that a chart shows."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailChart:
    """Positions in the picture. `bands` and `lines` are the points of polygons and polylines, one for each stretch."""

    frame: Frame
    zero_y: float
    bands: tuple[str, ...]
    lines: tuple[str, ...]
    last: tuple[float, float] | None
    """Where the line ends."""
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[DayTick, ...]
    planned_x: float | None
    """Where the planned size was or will be reached; None where that lies beyond the chart or is not known."""
    is_planned_late: bool
    """Whether that is in the right half, so that its words go to the left of it."""


def shown_range(trails: Sequence[Sequence[TrailPoint]]) -> Range:
    """Return the range that all charts of one experiment share: the later half of the looks, and zero.

    The first intervals are many times as wide as the last ones, and would leave a line to look at.
    """
    values = [0.0]
    for trail in trails:
        known = [point for point in trail if point.interval and not point.interval.is_empty]
        for point in known[len(known) // 2 :]:
            assert point.interval  # noqa: S101 - for the type checker; filtered above
            values += [point.interval.low, point.interval.high]
    low, high = min(values), max(values)
    room = (high - low) * ROOM or 1.0
    return Range(low=low - room, high=high + room)


def draw_trail(
    points: Sequence[TrailPoint],
    frame: Frame,
    shown: Range,
    *,
    planned: date | None = None,
    day_labels: int = 6,
) -> TrailChart:
    """Return the chart of one arm. What lies outside of `shown` is put on the edge.

    The days go on to `planned` where that at most doubles their number.

    :raises ValueError: when there is no point.
    """
    if not points:
        raise ValueError("there is no day to draw")
    first, last = points[0].day, _last_day(points, planned)
    is_inside = planned is not None and first <= planned <= last
    days = Scale(low=first.toordinal(), high=last.toordinal(), start=frame.left, end=frame.end)
    values = Scale(low=shown.low, high=shown.high, start=frame.floor, end=frame.top)
    stretches = [
        list(found)
        for is_known, found in groupby(points, key=lambda point: _band(point) is not None)
        if is_known
    ]
    line = [
        (days.at(p.day.toordinal()), values.at(p.difference))
        for p in points
        if p.difference is not None
    ]
    planned_x = days.at(planned.toordinal()) if planned and is_inside else None
    return TrailChart(
        frame=frame,
        zero_y=values.at(0.0),
        bands=tuple(_polygon(stretch, days, values) for stretch in stretches),
        lines=(_joined(line),) if line else (),
        last=line[-1] if line else None,
        y_ticks=tuple(
            Tick(position=values.at(value), value=value)
            for value in nice_values(shown.low, shown.high)
        ),
        x_ticks=day_ticks(first, last, days, count=day_labels),
        planned_x=planned_x,
        is_planned_late=planned_x is not None and planned_x > (frame.left + frame.end) / 2,
    )


def _last_day(points: Sequence[TrailPoint], planned: date | None) -> date:
    """Return the last day of the chart: that of the planned size where it is near, else of the last look."""
    first, last = points[0].day, points[-1].day
    if planned and last < planned and (planned - last).days <= max((last - first).days, 14):
        return planned
    return last


def _band(point: TrailPoint) -> Interval | None:
    return point.interval if point.interval and not point.interval.is_empty else None


def _polygon(stretch: Sequence[TrailPoint], days: Scale, values: Scale) -> str:
    """Return the outline of a band: along the upper edge, and back along the lower one."""
    known = [
        (days.at(point.day.toordinal()), interval)
        for point in stretch
        if (interval := _band(point))
    ]
    upper = [(x, values.at(interval.high)) for x, interval in known]
    lower = [(x, values.at(interval.low)) for x, interval in reversed(known)]
    return _joined(upper + lower)


def _joined(spots: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in spots)
