"""The charts of a funnel as coordinates: bars for the steps, columns for the days. Pure.

Both stretch with the page, so they hold no text; what they show stands beside them in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django_ppx.insights.funnels import Rate

DAY_WIDTH: Final = 360
DAY_HEIGHT: Final = 72


@dataclass(frozen=True, kw_only=True, slots=True)
class StepBar:
    """A bar from 0 to `width` of 100, and the whisker of its interval."""

    width: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayBar:
    """One column, from the floor of a box of `DAY_WIDTH` × `DAY_HEIGHT` upwards."""

    x: str
    y: str
    width: str
    height: str


def draw_step(rate: Rate | None) -> StepBar | None:
    """Return the bar of a rate of those shown; the first step, without one, is whole. None where nobody counts."""
    if rate is None:
        return StepBar(width="100")
    if rate.value is None or rate.interval is None:
        return None
    return StepBar(
        width=_number(rate.value * 100),
        low=_number(rate.interval.low * 100),
        high=_number(rate.interval.high * 100),
    )


def draw_days(values: Sequence[int]) -> list[DayBar]:
    """Return one column per value, scaled to the highest; of a value above zero at least a unit is seen."""
    top = max(values, default=0) or 1
    room = DAY_WIDTH / max(len(values), 1)
    gap = min(room / 4, 2.0)
    bars = []
    for number, value in enumerate(values):
        height = max(value / top * DAY_HEIGHT, 1.0) if value else 0.0
        bars.append(
            DayBar(
                x=_number(number * room + gap / 2),
                y=_number(DAY_HEIGHT - height),
                width=_number(room - gap),
                height=_number(height),
            )
        )
    return bars


def _number(value: float) -> str:
    """Return a coordinate as SVG writes it, whatever the language of the page."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
