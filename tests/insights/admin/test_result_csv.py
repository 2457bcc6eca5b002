"""The result as a file: every cell of it."""

from __future__ import annotations

from datetime import date

from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.insights.admin.result_csv import HEADER, result_rows
from django_ppx.insights.results import Counted, DayPoint
from tests.insights.made_results import (
    make_arm,
    make_arms,
    make_difference,
    make_figure,
    make_result,
    span,
)


def cells_of(result) -> list[dict[str, str]]:
    """Return the rows below the header, without their empty cells."""
    header, *rows = result_rows(result)
    assert header == HEADER
    assert {len(row) for row in rows} <= {len(HEADER)}
    return [{name: cell for name, cell in zip(HEADER, row, strict=True) if cell} for row in rows]


def test_each_arm_has_a_row_for_each_thing_counted_the_control_first() -> None:
    control, other = make_arms()
    other.figures[Counted.REVENUE] = make_figure(  # type: ignore[index]
        customers=7000,
        mean=342.5,
        total=2_397_500,
        interval=span(300, 385),
        raw_mean=350.25,
        difference=make_difference(
            difference=-31.5, interval=span(-57, -6), p_value=0.5, lift=None, lift_interval=None
        ),
    )

    rows = cells_of(make_result(arms=(other, control), days=()))

    everywhere = {
        "section": "arm",
        "day": "2026-04-30",
        "phase": "1",
        "planned_share": "0.5",
        "exposed": "10000",
        "verdict": "better",
        "sample_ratio": "clean",
    }
    assert rows == [
        {
            **everywhere,
            "arm": "A",
            "role": "control variant",
            "counted": "repeat",
            "matured": "8000",
            "total": "400",
            "mean": "0.05",
            "mean_low": "0.045",
            "mean_high": "0.055",
        },
        {
            **everywhere,
            "arm": "B",
            "role": "variant",
            "counted": "repeat",
            "matured": "8000",
            "total": "488",
            "mean": "0.061",
            "mean_low": "0.056",
            "mean_high": "0.066",
            "difference": "0.011",
            "difference_low": "0.004",
            "difference_high": "0.019",
            "lift": "0.22",
            "lift_low": "0.081",
            "lift_high": "0.362",
            "p_value": "0.0031",
        },
        {
            **everywhere,
            "arm": "B",
            "role": "variant",
            "counted": "revenue",
            "currency": "EUR",
            "matured": "7000",
            "total": "23975",
            "mean": "3.425",
            "mean_low": "3",
            "mean_high": "3.85",
            "uncut_mean": "3.5025",
            "difference": "-0.315",
            "difference_low": "-0.57",
            "difference_high": "-0.06",
            "p_value": "0.5",
        },
    ]


def test_each_day_has_a_row_for_each_arm() -> None:
    day = DayPoint(
        day=date(2026, 3, 1),
        customers=120,
        exposed={"A": 100, "B": 90},
        differences={"B": -0.01},
        intervals={"B": span(-0.02, 0.04)},
        ratio_state=RatioState.AMBER,
    )
    nothing = DayPoint(
        day=date(2026, 3, 2),
        customers=0,
        exposed={"A": 3},
        differences={"B": None},
        intervals={"B": None},
        ratio_state=RatioState.RED,
    )

    rows = [row for row in cells_of(make_result(days=(day, nothing))) if row["section"] == "day"]

    shared = {"section": "day", "phase": "1", "counted": "repeat", "planned_share": "0.5"}
    control, other = {"arm": "A", "role": "control variant"}, {"arm": "B", "role": "variant"}
    first = {"day": "2026-03-01", "matured": "120", "sample_ratio": "amber"}
    second = {"day": "2026-03-02", "matured": "0", "sample_ratio": "red"}
    assert rows == [
        {**shared, **control, **first, "exposed": "100"},
        {
            **shared,
            **other,
            **first,
            "exposed": "90",
            "difference": "-0.01",
            "difference_low": "-0.02",
            "difference_high": "0.04",
        },
        {**shared, **control, **second, "exposed": "3"},
        {**shared, **other, **second, "exposed": "0"},
    ]


def test_a_name_is_no_formula() -> None:
    arms = (make_arm("=1+1", is_control=True), make_arm("@B"), make_arm("-C"))

    assert [row["arm"] for row in cells_of(make_result(arms=arms, days=()))] == [
        "'=1+1",
        "'@B",
        "'-C",
    ]


def test_an_interval_without_a_middle_is_left_empty_and_tiny_numbers_are_no_exponents() -> None:
    difference = make_difference(difference=-1e-12, interval=span(0.2, 0.1), p_value=0.0000031)
    arms = (make_arm("B", figures={Counted.REPEAT: make_figure(difference=difference)}),)

    [row] = cells_of(make_result(arms=arms, days=()))

    assert "difference_low" not in row
    assert (row["difference"], row["p_value"]) == ("0", "0.0000031")


def test_yen_have_no_hundredths() -> None:
    arms = (make_arm("B", figures={Counted.REVENUE: make_figure(mean=342.5, interval=None)}),)

    [row] = cells_of(make_result(arms=arms, days=(), currency="JPY"))

    assert (row["mean"], row["currency"]) == ("342.5", "JPY")
