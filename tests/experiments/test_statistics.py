from __future__ import annotations

import math
from random import Random

import numpy
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from django_ppx.experiments.samples import Arm, NotComputable, RatioArm
from django_ppx.experiments.statistics import (
    Comparison,
    compare,
    corrected_alpha,
    relative_lift,
    winsor_cap,
)
from tests.experiments.test_samples import arm_of


def counts(successes: int, customers: int) -> Arm:
    return Arm.of_counts(customers=customers, successes=successes)


def test_the_documented_comparison():
    comparison = compare(counts(30, 600), counts(20, 400))

    assert comparison.difference == 0.0
    assert comparison.variance == pytest.approx(0.000198346450, abs=1e-12)
    assert comparison.customers == 1000
    assert comparison.p_value == 1.0


def test_the_larger_of_both_variances_is_taken():
    # Of 100 held out nobody bought: unpooled there is no doubt about them at all.
    holdout, rest = counts(0, 100), counts(45, 900)
    unpooled = rest.variance / 900
    pooled = 0.045 * 0.955 * 1000 / 999 * (1 / 100 + 1 / 900)

    comparison = compare(rest, holdout)

    assert comparison.variance == pytest.approx(pooled, rel=1e-12)
    assert comparison.variance > 9 * unpooled
    assert comparison.p_value == pytest.approx(0.0221, abs=1e-4)


def test_where_the_rates_differ_in_the_large_arm_unpooled_is_the_larger():
    treatment, control = counts(5, 100), counts(10, 1000)
    unpooled = 0.05 * 0.95 / 99 + 0.01 * 0.99 / 999

    assert compare(treatment, control).variance == pytest.approx(unpooled, rel=1e-12)


@pytest.mark.parametrize(
    ("treatment", "control"),
    [
        ((60, 1000), (45, 1000)),
        ((0, 50), (30, 450)),
        ((3, 3), (0, 400)),
        ((999, 1000), (990, 1000)),
    ],
)
def test_rates_have_the_pooled_z_of_statsmodels_at_most(treatment, control):
    comparison = compare(counts(*treatment), counts(*control))
    n, m = treatment[1], control[1]
    z, _p = proportions_ztest([treatment[0], control[0]], [n, m])

    # Our variances divide by n − 1, theirs by n.
    assert abs(comparison.z) <= abs(z) * math.sqrt((n + m - 1) / (n + m)) + 1e-12


def test_equal_arms_have_the_pooled_z_of_statsmodels():
    z, _p = proportions_ztest([60, 45], [1000, 1000])

    assert compare(counts(60, 1000), counts(45, 1000)).z == pytest.approx(
        z * math.sqrt(1999 / 2000), rel=1e-12
    )


def test_means_have_the_variance_of_welch():
    rng = Random(5)
    treatment = [rng.lognormvariate(3, 1) * (rng.random() < 0.5) for _ in range(300)]
    control = [rng.lognormvariate(2, 0.2) for _ in range(3000)]
    expected = stats.ttest_ind(treatment, control, equal_var=False)

    assert compare(arm_of(treatment), arm_of(control)).z == pytest.approx(
        expected.statistic, rel=1e-9
    )


def test_a_fixed_interval_is_scipys():
    comparison = Comparison(difference=0.01, variance=0.0004, customers=100)
    interval = comparison.fixed_interval(0.04)
    expected = stats.norm.interval(0.96, loc=0.01, scale=0.02)

    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)
    assert comparison.p_value == pytest.approx(2 * stats.norm.sf(0.5), rel=1e-12)


def test_zero_against_one_is_a_difference():
    comparison = compare(counts(20, 20), counts(0, 20))

    assert comparison.difference == 1.0
    assert comparison.variance == pytest.approx(0.25 * 40 / 39 / 10, rel=1e-12)


@pytest.mark.parametrize("successes", [0, 50])
def test_where_nobody_differs_there_is_nothing_to_compare(successes):
    with pytest.raises(NotComputable) as refused:
        compare(counts(successes, 50), counts(successes, 50))

    assert refused.value.reason is NotComputable.Reason.NO_VARIANCE


@pytest.mark.parametrize("customers", [0, 1])
def test_an_arm_of_nobody_or_one_is_not_compared(customers):
    for arms in [(counts(0, customers), counts(5, 50)), (counts(5, 50), counts(0, customers))]:
        with pytest.raises(NotComputable) as refused:
            compare(*arms)
        assert refused.value.reason is NotComputable.Reason.EMPTY


def test_a_billion_customers_are_compared():
    comparison = compare(counts(50_100_000, 10**9), counts(50_000_000, 10**9))

    assert comparison.difference == pytest.approx(0.0001, rel=1e-9)
    assert comparison.z == pytest.approx(10.25493, abs=1e-5)


def test_ratios_are_compared_like_means():
    arm = RatioArm(
        customers=300,
        numerator=300,
        denominator=1200,
        numerator_squares=500,
        denominator_squares=5600,
        products=1600,
    )
    comparison = compare(arm, arm)

    assert comparison.difference == 0.0
    assert comparison.variance == pytest.approx(2 * arm.variance / 300, rel=1e-12)


def test_the_documented_lift():
    # Means 0.06 and 0.05, each with a variance of 1/10,000.
    treatment = Arm(customers=10_000, total=600, squares=9999 + 36)
    control = Arm(customers=10_000, total=500, squares=9999 + 25)

    lift = relative_lift(treatment, control)

    assert lift.lift == pytest.approx(0.2, rel=1e-12)
    assert lift.variance == pytest.approx(0.0976, rel=1e-12)
    assert lift.interval(2).low == pytest.approx(0.2 - 2 * math.sqrt(0.0976), rel=1e-12)


def test_the_variance_of_the_lift_is_what_is_seen():
    rng = numpy.random.default_rng(7)
    ratios = rng.binomial(5000, 0.06, 200_000) / rng.binomial(4000, 0.05, 200_000) * 4000 / 5000

    lift = relative_lift(counts(300, 5000), counts(200, 4000))

    # The delta method leaves out terms of the order of 1/200.
    assert lift.variance == pytest.approx(float(ratios.var()), rel=0.03)


@pytest.mark.parametrize("control", [counts(0, 100), Arm(customers=2, total=-5, squares=25)])
def test_a_lift_over_nothing_does_not_exist(control):
    with pytest.raises(NotComputable) as refused:
        relative_lift(counts(5, 100), control)

    assert refused.value.reason is NotComputable.Reason.NO_BASE


def test_alpha_is_shared_out():
    assert corrected_alpha(0.05, 1) == 0.05
    assert corrected_alpha(0.05, 2) == 0.025
    with pytest.raises(ValueError, match="no comparison"):
        corrected_alpha(0.05, 0)


@pytest.mark.parametrize(
    ("values", "cap"),
    [(range(1, 201), 198), (range(1, 102), 100), (range(1, 101), 99), ([5], 5), ([3, 9, 4], 9)],
)
def test_the_cap_is_an_order_of_that_rank(values, cap):
    assert winsor_cap(values) == cap
    assert numpy.quantile(list(values), 0.99, method="inverted_cdf") == cap


def test_a_rank_is_not_pushed_up_by_floats():
    assert winsor_cap(range(1, 101), share=0.07) == 7
    assert winsor_cap(range(1, 101), share=0.0) == 1


def test_without_orders_there_is_no_cap():
    with pytest.raises(NotComputable) as refused:
        winsor_cap([])

    assert refused.value.reason is NotComputable.Reason.EMPTY
