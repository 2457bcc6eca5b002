"""What is kept of one arm: sums, from which a mean and a variance follow. Pure: standard library only.

The unit is the customer. Sums add up over days, so an arm is never read anew; integers (counts, minor units) stay
exact whatever the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self


class NotComputable(ValueError):
    """A statistic that does not exist for these numbers; `reason` says why. Never a made-up number instead."""

    class Reason(StrEnum):
        EMPTY = "empty"
        """Nobody, or one customer only where a variance is needed."""
        NO_VARIANCE = "no_variance"
        """Everybody has the same value, in both arms: there is nothing to tell apart."""
        NO_BASE = "no_base"
        """A share of zero, or of a negative mean, says nothing."""
        IMPOSSIBLE = "impossible"
        """Sums that no customers can have: more successes than customers, a negative number, no weight."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Sample(Protocol):
    """What two arms are compared by: how many, their mean and the variance of one customer."""

    @property
    def customers(self) -> int: ...
    @property
    def mean(self) -> float: ...
    @property
    def variance(self) -> float: ...
    def combined(self, other: Self) -> Self: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One value per customer, zeros included: Σy and Σy². Where the value is yes or no, both are the number of yes."""

    customers: int
    total: float
    squares: float

    def __post_init__(self) -> None:
        is_impossible = self.customers < 0 or self.squares < 0
        if is_impossible or (self.customers == 0 and (self.total or self.squares)):
            raise NotComputable(NotComputable.Reason.IMPOSSIBLE)

    @classmethod
    def of_counts(cls, *, customers: int, successes: int) -> Self:
        """Return the arm of a yes or no: `successes` customers of `customers` did."""
        if not 0 <= successes <= customers:
            raise NotComputable(NotComputable.Reason.IMPOSSIBLE)
        return cls(customers=customers, total=successes, squares=successes)

    @property
    def mean(self) -> float:
        """Σy / n. 30 of 600 is 0.05.

        :raises NotComputable: when the arm is empty.
        """
        if not self.customers:
            raise NotComputable(NotComputable.Reason.EMPTY)
        return self.total / self.customers

    @property
    def variance(self) -> float:
        """The sample variance (nΣy² − (Σy)²) / (n(n − 1)). 30 of 600 is 0.05 · 0.95 · 600/599 = 0.0475793.

        :raises NotComputable: when there are fewer than two customers.
        """
        n = self.customers
        if n < 2:
            raise NotComputable(NotComputable.Reason.EMPTY)
        return max((n * self.squares - self.total * self.total) / (n * (n - 1)), 0.0)

    def combined(self, other: Self) -> Self:
        """Return both arms as one."""
        return type(self)(
            customers=self.customers + other.customers,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioArm:
    """Two values per customer whose totals are divided: clicks per impression, revenue per order.

    Impressions of one customer resemble each other; taken as units of their own they give 12.6 % false positives
    where 5 % are promised. The customer stays the unit.
    """

    customers: int
    numerator: float
    denominator: float
    numerator_squares: float
    denominator_squares: float
    products: float
    """Σxy, over the customers."""

    @property
    def mean(self) -> float:
        """Σx / Σy: 3 clicks of 12 impressions are 0.25.

        :raises NotComputable: when there is nothing to divide by.
        """
        if self.denominator <= 0:
            raise NotComputable(NotComputable.Reason.NO_BASE)
        return self.numerator / self.denominator

    @property
    def variance(self) -> float:
        """The variance of one customer by the delta method: (s²ₓ − 2R·sₓᵧ + R²·s²ᵧ) / ȳ².

        Deng, Knoblich and Lu, KDD 2018. Clicks 1, 0, 2 of impressions 4, 2, 6: R = 0.25, s²ₓ = 1, sₓᵧ = 2,
        s²ᵧ = 4, ȳ = 4, and the variance is (1 − 1 + 0.25) / 16 = 0.015625.

        :raises NotComputable: when there are fewer than two customers, or nothing to divide by.
        """
        n = self.customers
        if n < 2:
            raise NotComputable(NotComputable.Reason.EMPTY)
        ratio = self.mean
        # x − R·y sums to zero, so its variance is its sum of squares over n − 1.
        squares = (
            self.numerator_squares
            - 2 * ratio * self.products
            + ratio * ratio * self.denominator_squares
        )
        return max(squares, 0.0) / (n - 1) / (self.denominator / n) ** 2

    def combined(self, other: Self) -> Self:
        """Return both arms as one."""
        return type(self)(
            customers=self.customers + other.customers,
            numerator=self.numerator + other.numerator,
            denominator=self.denominator + other.denominator,
            numerator_squares=self.numerator_squares + other.numerator_squares,
            denominator_squares=self.denominator_squares + other.denominator_squares,
            products=self.products + other.products,
        )
