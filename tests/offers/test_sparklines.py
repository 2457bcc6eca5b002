"""The points of a sparkline."""

from __future__ import annotations

from django_ppx.offers.sparklines import draw_sparkline


def test_the_greatest_value_touches_the_top_and_zero_the_floor() -> None:
    drawn = draw_sparkline([0, 5, 10], width=24, height=24)

    assert drawn.points == "2,22 12,12 22,2"
    assert drawn.area == "2,22 2,22 12,12 22,2 22,22"
    assert (drawn.last_x, drawn.last_y) == (22, 2)


def test_days_without_anything_lie_on_the_floor() -> None:
    assert draw_sparkline([0, 0], width=24, height=24).points == "2,22 22,22"


def test_no_values_are_a_dot_on_the_floor() -> None:
    assert draw_sparkline([], width=24, height=24).points == "2,22"
