"""The result of an experiment as CSV rows: each thing counted in each arm, then each day of each arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from django_ppx.core.csv_cells import guard_cell
from django_ppx.core.money import exponent
from django_ppx.experiments.intervals import Interval
from django_ppx.insights.admin.arms import in_order
from django_ppx.insights.results import ArmResult, Counted, DayPoint, ExperimentResult

HEADER: Final = (
    "section",
    "day",
    "phase",
    "arm",
    "role",
    "counted",
    "currency",
    "planned_share",
    "exposed",
    "matured",
    "total",
    "mean",
    "mean_low",
    "mean_high",
    "uncut_mean",
    "difference",
    "difference_low",
    "difference_high",
    "lift",
    "lift_low",
    "lift_high",
    "p_value",
    "verdict",
    "sample_ratio",
)
MONEY: Final = frozenset({Counted.REVENUE, Counted.MARGIN})

Cells = dict[str, str]


def result_rows(result: ExperimentResult) -> Iterator[Sequence[str]]:
    """Yield the header, a row `arm` for each arm and thing counted, and a row `day` for each day and arm.

    Rates are 0 to 1, money is in units of `currency`, an empty cell is unknown. `day` of the first ones is the last
    day measured. The rows of days are of what decides; their `exposed` is of that day, `matured` of all arms together.
    Names are guarded; a number that begins with a minus is no formula, and stays a number.
    """
    yield HEADER
    for arm in in_order(result):
        for counted in Counted:
            if counted in arm.figures:
                yield _row(_arm_cells(result, arm, counted))
        if not arm.figures:
            yield _row(_head(result, arm))
    for point in result.days:
        for arm in in_order(result):
            yield _row(_day_cells(result, point, arm))


def _row(cells: Cells) -> Sequence[str]:
    return [cells.get(name, "") for name in HEADER]


def _head(result: ExperimentResult, arm: ArmResult) -> Cells:
    role = "holdout" if arm.is_holdout else "variant"
    return {
        "section": "arm",
        "day": result.as_of.isoformat() if result.as_of else "",
        "phase": str(result.phase_number),
        "arm": guard_cell(arm.label),
        "role": f"control {role}" if arm.is_control else role,
        "planned_share": _number(arm.share),
        "exposed": str(arm.exposed),
        "matured": str(arm.matured),
        "verdict": result.verdict.state.value,
        "sample_ratio": result.ratio.state.value,
    }


def _arm_cells(result: ExperimentResult, arm: ArmResult, counted: Counted) -> Cells:
    figure, unit = arm.figures[counted], _unit(result, counted)
    cells = {
        **_head(result, arm),
        "counted": counted.value,
        "currency": result.currency if counted in MONEY else "",
        "matured": str(figure.customers),
        "total": _number(figure.total, unit),
        "mean": _number(figure.mean, unit),
        **_ends("mean", figure.interval, unit),
        "uncut_mean": _number(figure.raw_mean, unit),
    }
    if found := figure.difference:
        cells |= {
            "difference": _number(found.difference, unit),
            **_ends("difference", found.interval, unit),
            "lift": _number(found.lift),
            **_ends("lift", found.lift_interval),
            "p_value": _number(found.p_value),
        }
    return cells


def _day_cells(result: ExperimentResult, point: DayPoint, arm: ArmResult) -> Cells:
    unit = _unit(result, result.primary)
    return {
        **_head(result, arm),
        "section": "day",
        "day": point.day.isoformat(),
        "counted": result.primary.value,
        "currency": result.currency if result.primary in MONEY else "",
        "exposed": str(point.exposed.get(arm.label, 0)),
        "matured": str(point.customers),
        "difference": _number(point.differences.get(arm.label), unit),
        **_ends("difference", point.intervals.get(arm.label), unit),
        "verdict": "",
        "sample_ratio": point.ratio_state.value,
    }


def _unit(result: ExperimentResult, counted: Counted) -> int:
    return exponent(result.currency) if counted in MONEY else 0


def _ends(name: str, interval: Interval | None, unit: int = 0) -> Cells:
    if interval is None or interval.is_empty:
        return {}
    return {
        f"{name}_low": _number(interval.low, unit),
        f"{name}_high": _number(interval.high, unit),
    }


def _number(value: float | None, unit: int = 0) -> str:
    """Return a plain number with at most ten decimals, divided by 10 to the `unit`; "" for None."""
    if value is None:
        return ""
    text = f"{value / 10**unit:.10f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
