"""Stacked bars and whiskers: every position worked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from django_ppx.experiments.intervals import Interval
from django_ppx.insights.charts.bars import Bar, DayCounts, draw_bars
from django_ppx.insights.charts.scales import Frame
from django_ppx.insights.charts.whiskers import Whisker, draw_whiskers

FRAME = Frame(width=220, height=110, left=10, right=10, top=5, bottom=5)


def days(count: int, *counts: int, marked: tuple[int, ...] = ()) -> list[DayCounts]:
    first = date(2026, 3, 1)
    return [
        DayCounts(day=first + timedelta(days=n), counts=counts, is_marked=n in marked)
        for n in range(count)
    ]


def test_counts_are_stacked_from_the_floor() -> None:
    chart = draw_bars(days(2, 60, 40), FRAME)

    assert chart.days_per_bar == 1
    assert chart.bars == (
        Bar(x=20.0, y=45.0, width=80.0, height=60.0, series=0),
        Bar(x=20.0, y=5.0, width=80.0, height=40.0, series=1),
        Bar(x=120.0, y=45.0, width=80.0, height=60.0, series=0),
        Bar(x=120.0, y=5.0, width=80.0, height=40.0, series=1),
    )
    assert [tick.value for tick in chart.y_ticks] == [0.0, 25.0, 50.0, 75.0, 100.0]
    assert [tick.position for tick in chart.x_ticks] == [60.0, 160.0]


def test_a_count_of_zero_has_no_bar() -> None:
    assert [bar.series for bar in draw_bars(days(1, 0, 3), FRAME).bars] == [1]
    assert draw_bars(days(3, 0, 0), FRAME).bars == ()


def test_a_marked_day_has_a_mark_below_its_bar() -> None:
    assert draw_bars(days(2, 1, 1, marked=(1,)), FRAME).marks == (160.0,)


def test_many_days_are_drawn_as_weeks() -> None:
    most, more = draw_bars(days(120, 1, 2), FRAME), draw_bars(days(121, 1, 2, marked=(0,)), FRAME)

    assert (most.days_per_bar, more.days_per_bar) == (1, 7)
    assert len(more.bars) == 36  # 17 whole weeks and one of 2 days, of two arms
    assert more.bars[1].height == pytest.approx(66.7)
    assert len(more.marks) == 1


def test_labels_of_few_customers_are_whole_numbers() -> None:
    assert [tick.value for tick in draw_bars(days(1, 1, 0), FRAME).y_ticks] == [0.0, 1.0]


def test_no_day_is_an_error() -> None:
    with pytest.raises(ValueError, match="no day"):
        draw_bars([], FRAME)


def test_whiskers_share_a_scale_that_holds_zero() -> None:
    drawn = draw_whiskers(
        [(2.0, Interval(low=1.0, high=4.0)), (-2.0, Interval(low=-4.0, high=0.0))],
        width=88,
        height=16,
    )

    assert drawn == (
        Whisker(width=88, height=16, zero_x=44.0, low_x=54.0, high_x=84.0, dot_x=64.0),
        Whisker(width=88, height=16, zero_x=44.0, low_x=4.0, high_x=44.0, dot_x=24.0),
    )


def test_there_may_be_nothing_to_draw() -> None:
    assert draw_whiskers([]) == ()
