"""What is known of an experiment, as values: `insights.reading` builds them from the stored looks, pages show them.

Rates are 0 to 1, money is in minor units of `ExperimentResult.currency` (a mean may be a fraction of one). What does
not exist for these numbers is None, never a made-up number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome


class Counted(StrEnum):
    """What a look sums up per customer: the metrics of `experiments.models.Metric`, and what stands beside them."""

    CLICKED = "clicked"
    CLAIMED = "claimed"
    REDEEMED = "redeemed"
    REPEAT = "repeat"
    REVENUE = "revenue"
    MARGIN = "margin"
    ORDERS = "orders"
    """Qualifying orders of later days; with revenue and margin it gives the increments."""
    REFUNDED = "refunded"
    COMPLAINED = "complained"
    DISMISSED = "dismissed"


GUARDRAILS: Final = (Counted.REFUNDED, Counted.COMPLAINED, Counted.DISMISSED)
"""Less is better. A yes or no of each customer."""
MEANS: Final = frozenset({Counted.REVENUE, Counted.MARGIN, Counted.ORDERS})
"""A mean; all others are a yes or no."""


class VerdictState(StrEnum):
    """What the page says first. The first five withhold a verdict, whatever the numbers."""

    NOT_MEASURED = "not_measured"
    """No complete day yet, or `ppx_measure` never ran."""
    SAMPLE_RATIO = "sample_ratio"
    TOO_EARLY = "too_early"
    """Fewer than seven full days."""
    NOT_MATURED = "not_matured"
    """An arm has fewer than two customers whose window is over."""
    TOO_FEW = "too_few"
    """n·p(1 − p) of the smallest arm is below 10."""
    OPEN = "open"
    """Nothing shown so far, and the planned size is not reached (or the plan has no end)."""
    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`arm_label` is the arm that is better, or the worst of those that are worse; "" without one."""

    state: VerdictState
    arm_label: str = ""

    @property
    def is_decided(self) -> bool:
        return self.state in (VerdictState.BETTER, VerdictState.WORSE, VerdictState.NOT_SHOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """An arm less the control, for one thing counted.

    For the primary metric the interval is what all looks have in common and the p-value their smallest; for the others
    both are of this look alone, always valid, and not corrected for their number. After the final test of a plan,
    `interval` is its interval.
    """

    difference: float
    interval: Interval
    p_value: float
    lift: float | None
    lift_interval: Interval | None
    outcome: Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmFigure:
    """One thing counted in one arm. The interval is a 95 % one of the mean (Wilson for a yes or no)."""

    customers: int
    """Matured, and for margin: of known cost."""
    total: float
    mean: float | None
    interval: Interval | None
    raw_mean: float | None = None
    """Before large orders are cut to the cap; None where nothing is cut."""
    difference: Difference | None = None
    """None for the control, and where the numbers do not give one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmResult:
    """One arm. `share` is the part of customers it should have, 0 to 1."""

    arm_id: int
    label: str
    is_control: bool
    is_holdout: bool
    share: float
    exposed: int
    matured: int
    crossovers: int
    figures: Mapping[Counted, ArmFigure]


@dataclass(frozen=True, kw_only=True, slots=True)
class Increment:
    """What the arm brought in beyond the control: difference × matured customers of the arm."""

    arm_label: str
    counted: Counted
    amount: float
    interval: Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class DayPoint:
    """One stored look at the primary metric: what the chart over time is drawn from."""

    day: date
    customers: int
    """Matured, over all arms."""
    exposed: Mapping[str, int]
    """New customers of this day, by arm label."""
    differences: Mapping[str, float | None]
    intervals: Mapping[str, Interval | None]
    ratio_state: RatioState


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far it is. `expected` is the day on which the planned size should have matured, None if it can't be told."""

    matured: int
    exposed: int
    planned: int
    share: float
    expected: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioResult:
    state: RatioState
    p_value: float | None
    always_valid_p: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentResult:
    """Everything the result page shows of one phase."""

    phase_id: int
    phase_number: int
    as_of: date | None
    """The last complete day that was measured."""
    verdict: Verdict
    primary: Counted
    secondary: tuple[Counted, ...]
    currency: str
    arms: tuple[ArmResult, ...]
    days: tuple[DayPoint, ...]
    increments: tuple[Increment, ...]
    progress: Progress
    ratio: RatioResult
    crossovers: int
    other_currency_customers: int
    """Customers with an order in a currency that has no rate: their money is not counted."""
