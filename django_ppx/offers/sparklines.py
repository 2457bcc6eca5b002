"""A sparkline as the points of an SVG path. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Sparkline:
    """A line for `points`, the area under it for `area`, in a box of `width` × `height`."""

    width: int
    height: int
    points: str
    area: str
    last_x: float
    last_y: float


def draw_sparkline(values: Sequence[int], *, width: int = 84, height: int = 24) -> Sparkline:
    """Return the line through `values`, scaled to their maximum; zeros lie on the floor of the box.

    Two units are kept free on every side, so that neither the line nor the last dot is cut off.
    """
    margin = 2
    floor = height - margin
    top = max(values, default=0) or 1
    step = (width - 2 * margin) / max(len(values) - 1, 1)
    spots = [
        (round(margin + index * step, 1), round(floor - value / top * (height - 2 * margin), 1))
        for index, value in enumerate(values)
    ] or [(float(margin), float(floor))]
    points = " ".join(f"{x:g},{y:g}" for x, y in spots)
    area = f"{spots[0][0]:g},{floor} {points} {spots[-1][0]:g},{floor}"
    return Sparkline(
        width=width,
        height=height,
        points=points,
        area=area,
        last_x=spots[-1][0],
        last_y=spots[-1][1],
    )
