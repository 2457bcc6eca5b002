"""Positions and labels on an axis."""

from __future__ import annotations

from datetime import date

import pytest

from django_ppx.insights.charts.scales import Frame, Scale, day_ticks, nice_step, nice_values


def test_a_frame_knows_its_box() -> None:
    frame = Frame(width=200, height=100, left=20, right=10, top=5, bottom=15)

    assert (frame.end, frame.floor) == (190, 85)


@pytest.mark.parametrize(
    ("value", "position"),
    [(0, 10), (1, 30), (0.5, 20), (0.25, 15), (-3, 10), (7, 30), (1 / 3, 16.7)],
)
def test_a_value_lies_where_its_part_of_the_range_is_and_on_the_edge_outside(
    value, position
) -> None:
    assert Scale(low=0, high=1, start=10, end=30).at(value) == position


def test_a_range_without_width_lies_in_the_middle() -> None:
    assert Scale(low=5, high=5, start=10, end=30).at(5) == 20


@pytest.mark.parametrize(
    ("span", "step"), [(0.023, 0.01), (4, 1), (9, 2.5), (100, 25), (0.4, 0.1), (81, 25), (0, 1)]
)
def test_steps_are_round_numbers(span, step) -> None:
    assert nice_step(span) == pytest.approx(step)


def test_values_for_labels_are_multiples_of_the_step_and_include_zero() -> None:
    assert nice_values(-0.006, 0.021) == (0.0, 0.01, 0.02)
    assert nice_values(-10, 10) == (-10.0, -5.0, 0.0, 5.0, 10.0)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2026, 3, 1), ["2026-03-01"]),
        (date(2026, 3, 4), ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]),
        (date(2026, 3, 22), ["2026-03-01", "2026-03-08", "2026-03-15", "2026-03-22"]),
        (date(2027, 3, 1), ["2026-03-01", "2026-07-01", "2026-10-31"]),
    ],
    ids=["one day", "days", "weeks", "a year"],
)
def test_days_are_labelled_at_even_steps(last, expected) -> None:
    first = date(2026, 3, 1)
    scale = Scale(low=first.toordinal(), high=last.toordinal(), start=0, end=100)

    assert [tick.day.isoformat() for tick in day_ticks(first, last, scale, count=3)] == expected
