"""Quantiles and tails of the normal and the chi-square distribution. Pure: standard library only."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_PRECISION: Final = 1e-15
_MOST_TERMS: Final = 100_000
_TINY: Final = 1e-300


def normal_quantile(share: float) -> float:
    """Return the z below which `share` of the standard normal lies. normal_quantile(0.975) is 1.95996.

    :raises statistics.StatisticsError: when `share` is not between 0 and 1.
    """
    return _NORMAL.inv_cdf(share)


def two_sided_z(alpha: float) -> float:
    """Return the |z| that a standard normal passes with probability `alpha`. two_sided_z(0.04) is 2.05375.

    Computed in the lower tail, where a tiny `alpha` keeps its digits.
    """
    return -_NORMAL.inv_cdf(alpha / 2)


def two_sided_p(z: float) -> float:
    """Return the probability that a standard normal is at least |z| away from 0. two_sided_p(1.96) is 0.0499958."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_tail(statistic: float, degrees: int) -> float:
    """Return the probability of at least `statistic` under chi-square with `degrees` of freedom.

    Q(k/2, x/2), the regularised upper incomplete gamma function: by its series (DLMF 8.7.1) below a + 1 and by the
    continued fraction (DLMF 8.9.2; Lentz's method, Numerical Recipes 6.2) above, where each converges fast.
    chi_square_tail(3.841459, 1) is 0.05.

    :raises ValueError: when the statistic is negative or there is no degree of freedom.
    """
    if not statistic >= 0 or degrees < 1:
        raise ValueError("a chi-square statistic is at least 0 and has a degree of freedom")
    a, x = degrees / 2, statistic / 2
    if x == 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return 1 - scale * _lower_series(a, x) if x < a + 1 else scale * _upper_fraction(a, x)


def _lower_series(a: float, x: float) -> float:
    term = total = 1 / a
    for step in range(1, _MOST_TERMS):
        term *= x / (a + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _upper_fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for step in range(1, _MOST_TERMS):
        factor = -step * (step - a)
        b += 2
        d = 1 / _away_from_zero(factor * d + b)
        c = _away_from_zero(b + factor / c)
        value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
