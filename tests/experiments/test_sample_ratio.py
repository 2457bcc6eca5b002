from __future__ import annotations

import math
from random import Random

import pytest
from scipy import stats

from django_ppx.experiments.sample_ratio import RatioState, check_sample_ratio
from django_ppx.experiments.samples import NotComputable
from tests.experiments.simulation import draw_binomial


def test_the_documented_numbers():
    checked = check_sample_ratio([520, 480], [1, 1])

    assert checked.chi_square == pytest.approx(1.6, rel=1e-12)
    assert checked.p_value == pytest.approx(0.2059032107, abs=1e-10)
    assert checked.always_valid_p == 1.0
    assert checked.state is RatioState.CLEAN


@pytest.mark.parametrize(
    ("customers", "weights"),
    [([520, 480], [1, 1]), ([880, 120], [9, 1]), ([10, 0, 5], [1, 1, 2]), ([10**9, 10**9], [1, 1])],
)
def test_chi_square_is_scipys(customers, weights):
    expected = stats.chisquare(
        customers, [sum(customers) * weight / sum(weights) for weight in weights]
    )

    checked = check_sample_ratio(customers, weights)

    assert checked.chi_square == pytest.approx(expected.statistic, rel=1e-12)
    assert checked.p_value == pytest.approx(expected.pvalue, rel=1e-10)


def test_the_sequential_test_is_the_dirichlet_multinomial_over_the_multinomial():
    customers, shares = [700, 250, 50], [0.6, 0.3, 0.1]
    mixed = stats.dirichlet_multinomial.logpmf(customers, [200 * share for share in shares], 1000)
    expected = mixed - stats.multinomial.logpmf(customers, 1000, shares)

    checked = check_sample_ratio(customers, [6, 3, 1])

    assert checked.always_valid_p == pytest.approx(math.exp(-expected), rel=1e-7)
    assert checked.state is RatioState.RED


def test_odd_by_chance_is_amber_and_broken_is_red():
    assert check_sample_ratio([5165, 4835], [1, 1]).p_value == pytest.approx(0.000967, abs=1e-6)
    assert check_sample_ratio([5160, 4840], [1, 1]).state is RatioState.CLEAN
    assert check_sample_ratio([5165, 4835], [1, 1]).state is RatioState.AMBER
    assert check_sample_ratio([5300, 4700], [1, 1]).state is RatioState.RED


def test_a_tiny_experiment_is_amber_before_it_is_red():
    assert check_sample_ratio([0, 30], [1, 1]).state is RatioState.AMBER
    assert check_sample_ratio([0, 60], [1, 1]).state is RatioState.RED
    assert check_sample_ratio([1, 0], [1, 1]).state is RatioState.CLEAN


def test_red_stays_red():
    broken = check_sample_ratio([800, 200], [1, 1])

    mended = check_sample_ratio([10_000, 10_000], [1, 1], lowest=broken.always_valid_p)

    assert broken.state is RatioState.RED
    assert mended.p_value == 1.0
    assert mended.always_valid_p == broken.always_valid_p
    assert mended.state is RatioState.RED


@pytest.mark.parametrize(
    ("customers", "weights", "reason"),
    [
        ([0, 0], [1, 1], NotComputable.Reason.EMPTY),
        ([5], [1], NotComputable.Reason.IMPOSSIBLE),
        ([], [], NotComputable.Reason.IMPOSSIBLE),
        ([5, 5], [1, 1, 1], NotComputable.Reason.IMPOSSIBLE),
        ([5, 5], [1, 0], NotComputable.Reason.IMPOSSIBLE),
        ([5, -1], [1, 1], NotComputable.Reason.IMPOSSIBLE),
    ],
)
def test_a_ratio_that_does_not_exist_is_refused(customers, weights, reason):
    with pytest.raises(NotComputable) as refused:
        check_sample_ratio(customers, weights)

    assert refused.value.reason is reason


def test_looked_at_daily_red_is_rare_and_chi_square_alone_is_not():
    rng = Random(21)
    runs, red, daily = 500, 0, 0
    for _ in range(runs):
        arms, lowest, is_odd = [0, 0], 1.0, False
        for _ in range(60):
            drawn = draw_binomial(rng, 400, 0.9)
            arms = [arms[0] + drawn, arms[1] + 400 - drawn]
            checked = check_sample_ratio(arms, [9, 1], lowest=lowest)
            lowest, is_odd = checked.always_valid_p, is_odd or checked.p_value < 0.01
        red += checked.state is RatioState.RED
        daily += is_odd

    assert red / runs <= 0.01
    assert daily / runs > 0.05


def test_one_in_twenty_lost_from_an_arm_is_seen():
    rng = Random(22)
    seen = 0
    for _ in range(50):
        arms, lowest = [0, 0], 1.0
        for _ in range(28):
            lost = draw_binomial(rng, 500, 0.95)
            arms = [arms[0] + 500, arms[1] + lost]
            lowest = check_sample_ratio(arms, [1, 1], lowest=lowest).always_valid_p
        seen += lowest <= 0.01

    assert seen / 50 >= 0.9
