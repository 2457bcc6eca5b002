from __future__ import annotations

import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from django_ppx.experiments.intervals import Interval, mean_interval, wilson
from django_ppx.experiments.samples import Arm, NotComputable


@pytest.mark.parametrize(
    ("successes", "customers", "low", "high"),
    [
        (10, 100, 0.0552291371, 0.1743656615),
        (0, 10, 0.0, 0.2775327999),
        (10, 10, 0.7224672001, 1.0),
        (0, 1, 0.0, 0.7934506856),
        (1, 1, 0.2065493144, 1.0),
    ],
)
def test_wilson_by_hand(successes, customers, low, high):
    interval = wilson(successes=successes, customers=customers)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-10)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.2])
@pytest.mark.parametrize(
    ("successes", "customers"),
    [(0, 1), (1, 1), (1, 30), (29, 30), (17, 400), (0, 10**9), (10**9, 10**9), (123_456, 10**9)],
)
def test_wilson_is_the_one_of_statsmodels(successes, customers, alpha):
    interval = wilson(successes=successes, customers=customers, alpha=alpha)
    expected = proportion_confint(successes, customers, alpha, method="wilson")

    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)
    assert 0 <= interval.low <= interval.high <= 1


def test_wilson_of_nobody_does_not_exist():
    with pytest.raises(NotComputable) as refused:
        wilson(successes=0, customers=0)

    assert refused.value.reason is NotComputable.Reason.EMPTY


@pytest.mark.parametrize("successes", [-1, 11])
def test_wilson_of_impossible_counts_does_not_exist(successes):
    with pytest.raises(NotComputable) as refused:
        wilson(successes=successes, customers=10)

    assert refused.value.reason is NotComputable.Reason.IMPOSSIBLE


def test_a_mean_has_the_interval_of_the_normal():
    interval = mean_interval(Arm.of_counts(customers=600, successes=30))
    error = (0.05 * 0.95 / 599) ** 0.5

    assert (interval.low, interval.high) == pytest.approx((0.0325465420, 0.0674534580), abs=1e-9)
    assert (interval.low, interval.high) == pytest.approx(
        stats.norm.interval(0.95, loc=0.05, scale=error), abs=1e-12
    )


def test_an_interval_holds_its_ends():
    interval = Interval(low=0.0, high=1.0)

    assert 0.0 in interval
    assert 1.0 in interval
    assert 1.0000001 not in interval


def test_what_two_intervals_have_in_common_may_be_nothing():
    low, high = Interval(low=0.0, high=2.0), Interval(low=1.0, high=3.0)

    assert low.intersected(high) == Interval(low=1.0, high=2.0)
    assert not low.intersected(high).is_empty
    assert low.intersected(Interval(low=2.1, high=3.0)).is_empty
