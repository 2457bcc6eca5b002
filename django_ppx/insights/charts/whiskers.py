"""One interval as a line with a dot, against zero: small enough for a cell of a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django_ppx.experiments.intervals import Interval
from django_ppx.insights.charts.scales import Scale

MARGIN = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Whisker:
    """Positions in the picture: the line from `low_x` to `high_x`, its dot, and zero."""

    width: int
    height: int
    zero_x: float
    low_x: float
    high_x: float
    dot_x: float


def draw_whiskers(
    intervals: Sequence[tuple[float, Interval]], *, width: int = 180, height: int = 16
) -> tuple[Whisker, ...]:
    """Return one picture for each (value, interval), all to the scale that holds every one of them, and zero."""
    ends = [0.0]
    for value, interval in intervals:
        ends += [value, interval.low, interval.high]
    scale = Scale(low=min(ends), high=max(ends), start=MARGIN, end=width - MARGIN)
    return tuple(
        Whisker(
            width=width,
            height=height,
            zero_x=scale.at(0.0),
            low_x=scale.at(interval.low),
            high_x=scale.at(interval.high),
            dot_x=scale.at(value),
        )
        for value, interval in intervals
    )
