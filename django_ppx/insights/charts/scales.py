"""From values and days to positions in a picture, and the values that are worth a label. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
DAY_STEPS: Final = (1, 2, 7, 14, 28, 56, 112)


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A picture and, inside of it, the box that is drawn in. Units of the picture; y grows downwards."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    @property
    def floor(self) -> int:
        return self.height - self.bottom

    @property
    def end(self) -> int:
        return self.width - self.right


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A value that gets a label, and where."""

    position: float
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DayTick:
    """A day that gets a label, and where."""

    position: float
    day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """`low` lies at `start`, `high` at `end`. What lies outside is put on the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the position of `value`, to a tenth of a unit.

        0.5 between 0 and 1, from 10 to 30, lies at 20. Where low and high are the same, all lies in the middle.
        """
        span = self.high - self.low
        part = (min(max(value, self.low), self.high) - self.low) / span if span else 0.5
        return round(self.start + part * (self.end - self.start), 1)


def nice_step(span: float, *, count: int = 4) -> float:
    """Return the smallest of 1, 2, 2.5, 5 × 10ⁿ that cuts `span` into at most `count` parts. 0.023 into 4 is 0.01."""
    if span <= 0:
        return 1.0
    rough = span / count
    size: float = 10.0 ** math.floor(math.log10(rough))
    return next((step * size for step in STEPS if step * size >= rough * (1 - 1e-9)), 10 * size)


def nice_values(low: float, high: float, *, count: int = 4) -> tuple[float, ...]:
    """Return the multiples of a nice step from `low` to `high`: -0.006 to 0.021 is -0.0, 0.01, 0.02."""
    step = nice_step(high - low, count=count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


def day_ticks(first: date, last: date, scale: Scale, *, count: int) -> tuple[DayTick, ...]:
    """Return at most `count` + 1 days from `first` on, at steps of days or whole weeks. `scale` is of ordinals."""
    span = (last - first).days
    step = next((days for days in DAY_STEPS if days * count >= span), math.ceil(span / count))
    days = [first + timedelta(days=passed) for passed in range(0, span + 1, step)]
    return tuple(DayTick(position=scale.at(day.toordinal()), day=day) for day in days)
