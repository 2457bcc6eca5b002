"""The interval over time: every position worked by hand."""

from __future__ import annotations

from datetime import date

import pytest

from django_ppx.experiments.intervals import Interval
from django_ppx.insights.charts.scales import Frame
from django_ppx.insights.charts.trails import Range, TrailPoint, draw_trail, shown_range

FRAME = Frame(width=120, height=110, left=10, right=10, top=5, bottom=5)
SHOWN = Range(low=-1.0, high=1.0)


def point(day: int, low: float | None = None, high: float = 0.0) -> TrailPoint:
    if low is None:
        return TrailPoint(day=date(2026, 3, day), difference=None, interval=None)
    return TrailPoint(
        day=date(2026, 3, day), difference=(low + high) / 2, interval=Interval(low=low, high=high)
    )


def test_the_band_goes_along_its_upper_edge_and_back_along_the_lower() -> None:
    chart = draw_trail([point(1, -1, 1), point(2, -0.5, 0.5), point(3, 0, 0.2)], FRAME, SHOWN)

    assert chart.bands == ("10,5 60,30 110,45 110,55 60,80 10,105",)
    assert chart.lines == ("10,55 60,55 110,50",)
    assert chart.last == (110.0, 50.0)
    assert chart.zero_y == 55.0


def test_days_without_an_interval_leave_a_gap() -> None:
    chart = draw_trail([point(1, -1, 1), point(2), point(3, -1, 1)], FRAME, SHOWN)

    assert chart.bands == ("10,5 10,105", "110,5 110,105")


def test_an_empty_interval_is_not_drawn() -> None:
    chart = draw_trail([point(1, -1, 1), point(2, 0.5, 0.1)], FRAME, SHOWN)

    assert chart.bands == ("10,5 10,105",)


def test_what_is_wider_than_the_chart_ends_at_its_edge() -> None:
    chart = draw_trail([point(1, -40, 40), point(2, -1, 1)], FRAME, SHOWN)

    assert chart.bands == ("10,5 110,5 110,105 10,105",)


def test_no_interval_at_all_leaves_the_axes() -> None:
    chart = draw_trail([point(1), point(2)], FRAME, SHOWN)

    assert (chart.bands, chart.lines, chart.last) == ((), (), None)
    assert [tick.value for tick in chart.y_ticks] == [-1.0, -0.5, 0.0, 0.5, 1.0]


def test_one_day_lies_in_the_middle() -> None:
    assert draw_trail([point(1, -1, 1)], FRAME, SHOWN).bands == ("60,5 60,105",)


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="no day"):
        draw_trail([], FRAME, SHOWN)


def test_the_day_of_the_planned_size_is_marked_where_it_was_reached() -> None:
    points = [point(1, -1, 1), point(2, -1, 1), point(3, -1, 1)]

    chart = draw_trail(points, FRAME, SHOWN, planned=date(2026, 3, 2))

    assert chart.planned_x == 60.0
    assert not chart.is_planned_late


def test_the_days_go_on_to_a_planned_size_that_is_near() -> None:
    points = [point(1, -1, 1), point(2, -1, 1)]

    near = draw_trail(points, FRAME, SHOWN, planned=date(2026, 3, 16))
    far = draw_trail(points, FRAME, SHOWN, planned=date(2026, 3, 17))

    assert (near.planned_x, near.is_planned_late) == (110.0, True)
    assert near.lines == ("10,55 16.7,55",)
    assert (far.planned_x, far.lines) == (None, ("10,55 110,55",))


def test_the_later_half_of_all_arms_and_zero_say_what_is_shown() -> None:
    first = [point(1, -40, 40), point(2, 1, 3)]
    second = [point(1), point(2, 0.5, 2)]

    assert shown_range([first, second]) == Range(low=0 - 0.24, high=3.24)
    assert shown_range([[point(1)]]) == Range(low=-1.0, high=1.0)
