from __future__ import annotations

import statistics

import pytest

from django_ppx.experiments.samples import Arm, NotComputable, RatioArm

CLICKS = RatioArm(
    customers=3,
    numerator=3,
    denominator=12,
    numerator_squares=5,
    denominator_squares=56,
    products=16,
)
"""Clicks 1, 0, 2 of impressions 4, 2, 6."""
NO_CLICKS = RatioArm(
    customers=0,
    numerator=0,
    denominator=0,
    numerator_squares=0,
    denominator_squares=0,
    products=0,
)


def arm_of(values) -> Arm:
    return Arm(
        customers=len(values), total=sum(values), squares=sum(value * value for value in values)
    )


def test_thirty_of_six_hundred():
    arm = Arm.of_counts(customers=600, successes=30)

    assert arm.mean == 0.05
    assert arm.variance == pytest.approx(0.05 * 0.95 * 600 / 599, rel=1e-12)


def test_the_variance_of_values_is_the_librarys():
    values = [0, 0, 0, 1999, 0, 4550, 0, 120_000]
    arm = arm_of(values)

    assert arm.mean == statistics.fmean(values)
    assert arm.variance == pytest.approx(statistics.variance(values), rel=1e-14)


def test_a_billion_customers_stay_exact():
    n = 10**9
    arm = Arm(customers=2 * n, total=n * 100_000_000 + n * 100_000_001, squares=0)
    arm = Arm(
        customers=arm.customers,
        total=arm.total,
        squares=n * 100_000_000**2 + n * 100_000_001**2,
    )

    assert arm.variance == pytest.approx(0.25, rel=1e-8)


def test_days_add_up_to_the_arm():
    days = [[0, 5, 0], [7], [], [1, 2]]
    whole = arm_of([])
    for day in days:
        whole = whole.combined(arm_of(day))

    assert whole == arm_of([0, 5, 0, 7, 1, 2])


def test_everybody_alike_has_no_variance_and_never_a_negative_one():
    assert Arm(customers=3, total=0.3, squares=0.03).variance == pytest.approx(0.0, abs=1e-15)
    assert Arm(customers=3, total=0.1 + 0.1 + 0.1, squares=0.0299999).variance == 0.0


@pytest.mark.parametrize("customers", [0, 1])
def test_without_two_customers_there_is_no_variance(customers):
    with pytest.raises(NotComputable) as refused:
        _ = Arm.of_counts(customers=customers, successes=0).variance

    assert refused.value.reason is NotComputable.Reason.EMPTY


def test_one_customer_has_a_mean_and_nobody_has_none():
    assert Arm.of_counts(customers=1, successes=1).mean == 1.0
    with pytest.raises(NotComputable) as refused:
        _ = Arm.of_counts(customers=0, successes=0).mean
    assert refused.value.reason is NotComputable.Reason.EMPTY


@pytest.mark.parametrize(("customers", "successes"), [(1, 2), (1, -1), (-1, -1)])
def test_counts_that_no_customers_can_have_are_refused(customers, successes):
    with pytest.raises(NotComputable) as refused:
        Arm.of_counts(customers=customers, successes=successes)

    assert refused.value.reason is NotComputable.Reason.IMPOSSIBLE


@pytest.mark.parametrize(
    "sums",
    [{"customers": 0, "total": 5, "squares": 25}, {"customers": 1, "total": 0, "squares": -1}],
)
def test_sums_that_no_customers_can_have_are_refused(sums):
    with pytest.raises(NotComputable) as refused:
        Arm(**sums)

    assert refused.value.reason is NotComputable.Reason.IMPOSSIBLE


def test_three_clicks_of_twelve_impressions():
    assert CLICKS.mean == 0.25
    assert CLICKS.variance == pytest.approx(0.015625, rel=1e-14)


def test_the_delta_method_is_the_textbooks_sum_of_three():
    clicks, shown = [0, 3, 1, 0, 7, 2], [4, 9, 2, 1, 30, 5]
    arm = RatioArm(
        customers=6,
        numerator=sum(clicks),
        denominator=sum(shown),
        numerator_squares=sum(x * x for x in clicks),
        denominator_squares=sum(y * y for y in shown),
        products=sum(x * y for x, y in zip(clicks, shown, strict=True)),
    )
    ratio = sum(clicks) / sum(shown)
    expected = (
        statistics.variance(clicks)
        - 2 * ratio * statistics.covariance(clicks, shown)
        + ratio**2 * statistics.variance(shown)
    ) / statistics.fmean(shown) ** 2

    assert arm.variance == pytest.approx(expected, rel=1e-12)


def test_a_ratio_of_one_impression_each_is_a_rate():
    ratio = RatioArm(
        customers=600,
        numerator=30,
        denominator=600,
        numerator_squares=30,
        denominator_squares=600,
        products=30,
    )

    assert ratio.variance == pytest.approx(
        Arm.of_counts(customers=600, successes=30).variance, rel=1e-12
    )


def test_ratios_add_up_and_nothing_changes_nothing():
    assert CLICKS.combined(NO_CLICKS) == CLICKS
    assert CLICKS.combined(CLICKS).numerator == 6
    assert CLICKS.combined(CLICKS).products == 32


def test_a_ratio_without_a_denominator_does_not_exist():
    with pytest.raises(NotComputable) as refused:
        _ = NO_CLICKS.mean
    assert refused.value.reason is NotComputable.Reason.NO_BASE
    with pytest.raises(NotComputable) as refused:
        _ = NO_CLICKS.variance
    assert refused.value.reason is NotComputable.Reason.EMPTY
