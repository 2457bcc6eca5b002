"""Results built by hand: what a page is given, without a database behind it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.admin.terms import Stage, Terms
from django_ppx.insights.results import (
    ArmFigure,
    ArmResult,
    Counted,
    DayPoint,
    Difference,
    ExperimentResult,
    Progress,
    RatioResult,
    Verdict,
    VerdictState,
)

FIRST_DAY = date(2026, 3, 1)


def span(low: float, high: float) -> Interval:
    return Interval(low=low, high=high)


def make_terms(**overrides: Any) -> Terms:
    values: dict[str, Any] = {
        "window_days": 30,
        "has_end": True,
        "is_exact": False,
        "cap_minor": None,
        "first_full_day": FIRST_DAY + timedelta(days=1),
        "stage": Stage.RUNNING,
        "yesterday": date(2026, 4, 30),
    }
    return Terms(**{**values, **overrides})


def make_difference(**overrides: Any) -> Difference:
    """Return 6.1 % against 5.0 %: 1.1 points, surely more than none."""
    values: dict[str, Any] = {
        "difference": 0.011,
        "interval": span(0.004, 0.019),
        "p_value": 0.0031,
        "lift": 0.22,
        "lift_interval": span(0.081, 0.362),
        "outcome": Outcome.BETTER,
    }
    return Difference(**{**values, **overrides})


def make_figure(
    *, mean: float | None = 0.05, difference: Difference | None = None, **overrides: Any
) -> ArmFigure:
    values: dict[str, Any] = {
        "customers": 8000,
        "total": 8000 * (mean or 0),
        "mean": mean,
        "interval": None if mean is None else span(mean - 0.005, mean + 0.005),
        "difference": difference,
    }
    return ArmFigure(**{**values, **overrides})


def make_arm(label: str = "A", **overrides: Any) -> ArmResult:
    values: dict[str, Any] = {
        "arm_id": ord(label[0]),
        "label": label,
        "is_control": False,
        "is_holdout": False,
        "share": 0.5,
        "exposed": 10_000,
        "matured": 8000,
        "crossovers": 0,
        "figures": {},
    }
    return ArmResult(**{**values, **overrides})


def make_arms(counted: Counted = Counted.REPEAT, **difference: Any) -> tuple[ArmResult, ArmResult]:
    """Return the control "A" and "B", which differs from it as `difference` says."""
    mine = make_figure(mean=0.061, difference=make_difference(**difference))
    return (
        make_arm("A", is_control=True, figures={counted: make_figure()}),
        make_arm("B", figures={counted: mine}),
    )


def make_days(count: int = 3, **overrides: Any) -> tuple[DayPoint, ...]:
    """Return `count` looks: 100 and 90 new customers each, an interval that narrows by a tenth of a point a day."""
    return tuple(
        DayPoint(
            **{
                "day": FIRST_DAY + timedelta(days=number),
                "customers": 100 * number,
                "exposed": {"A": 100, "B": 90},
                "differences": {"B": 0.01},
                "intervals": {
                    "B": span(-0.02 + 0.001 * number, 0.04 - 0.001 * number),
                },
                "ratio_state": RatioState.CLEAN,
                **overrides,
            }
        )
        for number in range(count)
    )


def make_result(state: VerdictState = VerdictState.BETTER, **overrides: Any) -> ExperimentResult:
    """Return a result of two arms in `state`; without further words "B" is better than the control "A"."""
    is_about_one = state in (VerdictState.BETTER, VerdictState.WORSE)
    values: dict[str, Any] = {
        "phase_id": 1,
        "phase_number": 1,
        "as_of": date(2026, 4, 30),
        "verdict": Verdict(state=state, arm_label="B" if is_about_one else ""),
        "primary": Counted.REPEAT,
        "secondary": (),
        "currency": "EUR",
        "arms": make_arms(),
        "days": make_days(),
        "increments": (),
        "progress": Progress(
            matured=1240, exposed=2600, planned=17_458, share=0.071, expected=date(2026, 5, 3)
        ),
        "ratio": RatioResult(state=RatioState.CLEAN, p_value=0.31, always_valid_p=1.0),
        "crossovers": 0,
        "other_currency_customers": 0,
    }
    return ExperimentResult(**{**values, **overrides})
