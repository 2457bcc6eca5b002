"""What an experiment should come to, worked out from the simulated shop's own book alone: none of our code or tables.

Sources: MEASUREMENT 1 and 3 as docs/measuring.md and docs/statistics.md publish them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import NormalDist

from tests.experiments.shop_simulation import ZONE, Bought, Shopper


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnArm:
    """One arm as of the end of a day: everybody who saw it, those whose window is over, and what these did."""

    exposed: int
    matured: int
    repeats: int
    revenue: int
    """Net cents, each order cut to the cap."""

    @property
    def rate(self) -> float:
        return self.repeats / self.matured

    @property
    def variance(self) -> float:
        """Of one customer's yes or no, with n − 1."""
        return self.rate * (1 - self.rate) * self.matured / (self.matured - 1)


def count_arm(
    shoppers: Iterable[Shopper], saw: str, *, window: int, as_of: date, cap: int | None = None
) -> OwnArm:
    """Return the arm of those who saw `saw`, with what was known at the end of `as_of`."""
    mine = [s for s in shoppers if s.saw == saw and s.saw_at and day_of(s.saw_at) <= as_of]
    matured = [s for s in mine if s.saw_at and day_of(s.saw_at) + timedelta(window) <= as_of]
    kept = [repeat_orders(shopper, window=window, as_of=as_of) for shopper in matured]
    nets = [net_left(order, as_of) for orders in kept for order in orders]
    return OwnArm(
        exposed=len(mine),
        matured=len(matured),
        repeats=sum(bool(orders) for orders in kept),
        revenue=sum(min(net, cap or net) for net in nets),
    )


def repeat_orders(shopper: Shopper, *, window: int, as_of: date) -> list[Bought]:
    """Return the orders of the days after the one on which they saw it, as far as something is left of them."""
    assert shopper.saw_at is not None
    first = day_of(shopper.saw_at)
    later = (o for o in shopper.orders if first < day_of(o.at) <= first + timedelta(window))
    return [order for order in later if net_left(order, as_of) > 0]


def net_left(order: Bought, as_of: date) -> int:
    back = max((cents for at, cents in order.refunds if day_of(at) <= as_of), default=0)
    return round(Fraction(order.net * (order.gross - back), order.gross))


def own_cap(shoppers: Iterable[Shopper], *, before: datetime) -> int:
    """Return the 99th percentile of the orders before the start: the smallest that 99 % do not exceed."""
    nets = sorted(o.net for s in shoppers for o in s.orders if o.at < before)
    return nets[math.ceil(len(nets) * 99 / 100) - 1]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnComparison:
    difference: float
    spread: float
    """√V."""
    customers: int


def compare_rates(treatment: OwnArm, control: OwnArm) -> OwnComparison:
    """Return the difference of rates with V = max(unpooled, pooled)."""
    n, m = treatment.matured, control.matured
    together = (treatment.repeats + control.repeats) / (n + m)
    pooled = together * (1 - together) * (n + m) / (n + m - 1) * (1 / n + 1 / m)
    unpooled = treatment.variance / n + control.variance / m
    return OwnComparison(
        difference=treatment.rate - control.rate,
        spread=math.sqrt(max(pooled, unpooled)),
        customers=n + m,
    )


def sequence_multiplier(customers: int, *, planned: int, alpha: float) -> float:
    """Return c of the normal-mixture sequence (Waudby-Smith et al. 2024) at so many customers."""
    rho_squared = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned
    k = customers * rho_squared
    return math.sqrt((1 + k) / k * (math.log(1 + k) - 2 * math.log(alpha)))


def common_interval(
    looks: Mapping[date, tuple[OwnArm, OwnArm]], *, planned: int, alpha: float
) -> tuple[float, float]:
    """Return what the intervals of all looks (treatment, control) have in common."""
    low, high = -math.inf, math.inf
    for treatment, control in looks.values():
        found = compare_rates(treatment, control)
        half = found.spread * sequence_multiplier(found.customers, planned=planned, alpha=alpha)
        low, high = max(low, found.difference - half), min(high, found.difference + half)
    return low, high


def wilson(yes: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate."""
    z = NormalDist().inv_cdf(0.975)
    p = yes / n
    middle, below = p + z * z / (2 * n), 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / below, (middle + half) / below


def is_enough(*arms: OwnArm) -> bool:
    """Return whether n_min·p(1 − p) is at least 10, p over all arms, and no arm is all but empty."""
    everybody = sum(arm.matured for arm in arms)
    least = min(arm.matured for arm in arms)
    if least < 2:
        return False
    rate = sum(arm.repeats for arm in arms) / everybody
    return least * rate * (1 - rate) >= 10


def seen_by_first_order(shoppers: Iterable[Shopper]) -> list[Shopper]:
    """Return the shop's history as an arm called "history": each customer from their first order on."""
    return [
        Shopper(email=s.email, saw="history", saw_at=s.orders[0].at, orders=s.orders)
        for s in shoppers
        if s.orders
    ]
