"""What a look adds up for each arm, and its JSON. Pure: no database.

Everything a result page shows follows from these: a mean and a variance need how many, Σy and Σy². All are integers
(customers, days, minor units), exact whatever their size; but for squares of money on SQLite, which are floats in the
database above 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from django_ppx.experiments.evaluability import ArmCount
from django_ppx.experiments.samples import Arm
from django_ppx.insights.results import Counted


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedSums:
    """One thing counted over the matured customers of an arm. Where it is a yes or no, `total` is the number of yes."""

    customers: int
    """Matured, and for margin: of known cost."""
    total: int = 0
    squares: int = 0
    active: int = 0
    """Customers whose value is not zero."""
    raw_total: int = 0
    """Before large orders are cut to the cap; elsewhere the same as `total`."""

    @classmethod
    def of_yes(cls, *, customers: int, yes: int) -> Self:
        """Return the sums of a yes or no: 30 of 600 customers did."""
        return cls(customers=customers, total=yes, squares=yes, active=yes, raw_total=yes)

    @property
    def sample(self) -> Arm:
        return Arm(customers=self.customers, total=self.total, squares=self.squares)

    @property
    def count(self) -> ArmCount:
        return ArmCount(customers=self.customers, successes=self.active)


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmSums:
    """One arm of a phase as of a day. An arm that nobody saw has zeros everywhere."""

    exposed: int = 0
    new: int = 0
    """Of `exposed`, those of the last day."""
    matured: int = 0
    """Of `exposed`, those whose window is over."""
    crossovers: int = 0
    """Of `exposed`, those who turned out to have seen two arms."""
    other_currency: int = 0
    """Of `matured`, those with an order whose money could not be counted."""
    counted: Mapping[Counted, CountedSums] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        counted = {what.value: asdict(sums) for what, sums in self.counted.items()}
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return {**numbers, "counted": counted}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `as_json` has written."""
        counted = {Counted(what): CountedSums(**sums) for what, sums in stored["counted"].items()}
        return cls(**{name: stored[name] for name in _NUMBERS}, counted=counted)


_NUMBERS: Final = ("exposed", "new", "matured", "crossovers", "other_currency")

Sums = Mapping[int, ArmSums]
"""By the id of the arm; every arm of the phase is there."""


def sums_as_json(sums: Sums) -> dict[str, Any]:
    """Return the sums as `ExperimentLook.arms` holds them: by the arm's id, as a text."""
    return {str(arm): each.as_json() for arm, each in sums.items()}


def sums_from_json(stored: Mapping[str, Any]) -> dict[int, ArmSums]:
    """Return what `sums_as_json` has written."""
    return {int(arm): ArmSums.from_json(each) for arm, each in stored.items()}


def total_of(sums: Iterable[ArmSums], name: str) -> int:
    """Return one of the numbers over all arms: `total_of(sums.values(), "exposed")`."""
    return sum(int(getattr(each, name)) for each in sums)
