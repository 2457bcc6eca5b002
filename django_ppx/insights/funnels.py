"""What became of an offer, step by step, as values: shown, clicked, claimed, redeemed, revenue.

A funnel counts what happened; it does not say what the offer brought about. `insights.funnel_reading` makes these
values from the ledgers, the page and the file of an offer's numbers show them. Rates are 0 to 1, money is in minor
units (a mean may be a fraction of one). What does not exist for these numbers is None, never a made-up number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from django_ppx.experiments.intervals import Interval, mean_interval, wilson
from django_ppx.experiments.samples import Arm
from django_ppx.offers.kinds import OfferKind

ACTION_DAYS: Final = 7
"""Clicked and claimed: within so many local days after the day on which the offer was shown."""
REDEEM_DAYS: Final = (30, 60, 90, 180)
"""What staff may choose for the code's use."""
THIN_BELOW: Final = 30
"""A rate of fewer customers is shown in grey (MEASUREMENT 2)."""
HIDDEN_BELOW: Final = 5
"""A rate of fewer customers is left out of exports (MEASUREMENT 2)."""


class Step(StrEnum):
    SHOWN = "shown"
    CLICKED = "clicked"
    CLAIMED = "claimed"
    REDEEMED = "redeemed"


def steps_of(kind: OfferKind) -> tuple[Step, ...]:
    """Return the steps that an offer of this kind has.

    What asks for a click alone has nothing to claim; what gives no code has nothing to redeem.
    """
    steps = [Step.SHOWN, Step.CLICKED]
    if kind.gives_code or kind.done_events - {"click"}:
        steps.append(Step.CLAIMED)
    if kind.gives_code:
        steps.append(Step.REDEEMED)
    return tuple(steps)


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelPeriod:
    """Which customers: those who were shown the offer on the local days `first` to `last`.

    `as_of` is the last complete local day, `last` or later; nothing after it counts. A use of the code counts within
    `redeem_days`.
    """

    first: date
    last: date
    as_of: date
    redeem_days: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def closed_until(self, window_days: int) -> date:
        """Return the last day whose windows are over: shown on it, the customer has had `window_days` since."""
        return self.as_of - timedelta(days=window_days)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """So many of so many customers. Wilson's 95 % interval; None of nobody."""

    successes: int
    customers: int

    @property
    def value(self) -> float | None:
        return self.successes / self.customers if self.customers else None

    @property
    def interval(self) -> Interval | None:
        if not self.customers:
            return None
        return wilson(successes=self.successes, customers=self.customers)

    @property
    def is_thin(self) -> bool:
        return self.customers < THIN_BELOW

    @property
    def is_hidden(self) -> bool:
        """Whether exports leave it out."""
        return self.customers < HIDDEN_BELOW


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelStep:
    """One step. `customers` is everybody so far; the rates are of customers whose window is over."""

    step: Step
    customers: int
    of_shown: Rate | None = None
    """None for the first step."""
    of_before: Rate | None = None
    """Of those who took the step before: how many took both. None for the first two steps, as it says nothing new."""
    fresh: int = 0
    """Customers who were shown the offer and whose window is not over: not in the rates."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelRevenue:
    """Net revenue of the orders that used the codes, in one currency."""

    currency: str
    so_far_minor: int
    """Of everybody, within the window, as far as it has come."""
    closed: Arm
    """One value per customer who was shown the offer and whose window is over, zeros included."""

    @property
    def mean_minor(self) -> float | None:
        return self.closed.mean if self.closed.customers else None

    @property
    def interval(self) -> Interval | None:
        """95 %, of the mean. None for fewer than two customers, or where none of them ordered: nothing varies."""
        if self.closed.customers < 2 or not self.closed.squares:
            return None
        return mean_interval(self.closed)

    @property
    def is_thin(self) -> bool:
        return self.closed.customers < THIN_BELOW

    @property
    def is_hidden(self) -> bool:
        return self.closed.customers < HIDDEN_BELOW


@dataclass(frozen=True, kw_only=True, slots=True)
class Funnel:
    """The steps of one offer, or of one of its variants, and the revenue per currency."""

    steps: tuple[FunnelStep, ...]
    revenue: tuple[FunnelRevenue, ...]
    orders: int
    """Orders that used the codes so far."""
    unknown_orders: int
    """Of these, orders that the ledger does not know: their revenue is missing."""

    @property
    def shown(self) -> int:
        return self.steps[0].customers


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelDay:
    """Customers who were shown the offer on one local day, and how many of them took each step by now.

    A customer who saw it on two days counts on both.
    """

    day: date
    customers: Mapping[Step, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantFunnel:
    variant_id: int
    label: str
    funnel: Funnel


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferFunnel:
    """Everything that the numbers page of an offer shows."""

    offer_id: int
    period: FunnelPeriod
    total: Funnel
    variants: tuple[VariantFunnel, ...]
    days: tuple[FunnelDay, ...]
    """Every day of the period, the oldest first."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step.step for step in self.total.steps)
