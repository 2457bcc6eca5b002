"""An interval around one number: a rate, a mean, a ratio. Pure: standard library only."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django_ppx.experiments.distributions import two_sided_z
from django_ppx.experiments.samples import NotComputable, Sample


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def is_empty(self) -> bool:
        return self.low > self.high

    def intersected(self, other: Interval) -> Interval:
        """Return what lies in both. It may be empty."""
        return Interval(low=max(self.low, other.low), high=min(self.high, other.high))


def wilson(*, successes: int, customers: int, alpha: float = 0.05) -> Interval:
    """Return Wilson's interval of a rate.

    (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n): Wilson, JASA 1927; Brown, Cai and DasGupta, Stat. Sci. 2001.
    10 of 100 is 0.0552 to 0.1744; 0 of 10 is 0 to 0.2775.

    :raises NotComputable: when there is nobody, or more successes than customers.
    """
    if not 0 <= successes <= customers:
        raise NotComputable(NotComputable.Reason.IMPOSSIBLE)
    if not customers:
        raise NotComputable(NotComputable.Reason.EMPTY)
    z, n, p = two_sided_z(alpha), customers, successes / customers
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    whole = 1 + z * z / n
    # At 0 and 1 the formula is exact and its floats are not.
    return Interval(
        low=max((middle - half) / whole, 0.0) if successes else 0.0,
        high=min((middle + half) / whole, 1.0) if successes < customers else 1.0,
    )


def mean_interval(sample: Sample, *, alpha: float = 0.05) -> Interval:
    """Return mean ± z√(s²/n), for a mean (central limit) or a ratio (delta method).

    30 of 600 is 0.05 ± 1.95996 · √(0.0475793/600): 0.0325466 to 0.0674534.

    :raises NotComputable: when there are fewer than two customers.
    """
    mean = sample.mean
    half = two_sided_z(alpha) * math.sqrt(sample.variance / sample.customers)
    return Interval(low=mean - half, high=mean + half)
