from __future__ import annotations

import math
from random import Random

import pytest
from scipy import optimize, special, stats

from django_ppx.experiments.counts import (
    EventCounts,
    RateRatio,
    count_log_e,
    count_p_value,
    rate_ratio,
)
from django_ppx.experiments.samples import NotComputable


def events(treatment: int, control: int, share: float = 0.5) -> EventCounts:
    return EventCounts(treatment=treatment, control=control, share=share)


def test_the_documented_numbers():
    ratio = rate_ratio(events(40, 10))

    assert count_log_e(events(40, 10)) == pytest.approx(1.6997951271, abs=1e-9)
    assert count_p_value(events(40, 10)) == pytest.approx(0.1827209548, abs=1e-9)
    assert (ratio.low, ratio.high) == pytest.approx((0.9198983551, 31.0956070830), rel=1e-8)


def test_one_event_speaks_neither_way():
    # E of the first event is the prior's share over θ: 1.
    assert count_log_e(events(1, 0, 0.9)) == pytest.approx(0.0, abs=1e-10)
    assert count_log_e(events(0, 1, 0.9)) == pytest.approx(0.0, abs=1e-10)
    # The second: (101/201) / 0.5.
    assert count_log_e(events(2, 0)) == pytest.approx(math.log(202 / 201), abs=1e-10)


@pytest.mark.parametrize(
    ("treatment", "control", "share"), [(40, 10, 0.5), (900, 160, 0.9), (0, 300, 0.5), (7, 7, 0.01)]
)
def test_e_is_the_beta_binomial_over_the_binomial(treatment, control, share):
    whole = treatment + control
    mixed = stats.betabinom.logpmf(treatment, whole, 200 * share, 200 * (1 - share))
    expected = mixed - stats.binom.logpmf(treatment, whole, share)

    assert count_log_e(events(treatment, control, share)) == pytest.approx(expected, abs=1e-8)


def test_without_events_nothing_is_known():
    assert count_log_e(events(0, 0, 0.9)) == 0.0
    assert count_p_value(events(0, 0, 0.9)) == 1.0
    assert rate_ratio(events(0, 0, 0.9)) == RateRatio(low=0.0, high=None)


def test_without_an_event_in_the_control_nothing_bounds_the_ratio():
    ratio = rate_ratio(events(5, 0, 0.9))

    assert ratio.low == pytest.approx(0.1088644018, abs=1e-9)
    assert ratio.high is None
    assert rate_ratio(events(0, 5, 0.9)).low == 0.0


def test_the_edges_are_where_e_reaches_one_over_alpha():
    ratio = rate_ratio(events(400, 30, 0.8), alpha=0.01)

    def excess(share: float) -> float:
        prior = special.betaln(160 + 400, 40 + 30) - special.betaln(160, 40)
        return prior - 400 * math.log(share) - 30 * math.log1p(-share) - math.log(100)

    low = optimize.brentq(excess, 0.5, 400 / 430, xtol=1e-14)
    high = optimize.brentq(excess, 400 / 430, 0.9999, xtol=1e-14)
    assert ratio.low == pytest.approx(low / (1 - low) / 4, rel=1e-9)
    assert ratio.high == pytest.approx(high / (1 - high) / 4, rel=1e-9)
    assert ratio.low > 1.0


def test_the_p_value_is_the_lowest_so_far():
    assert count_p_value(events(10, 10), lowest=0.03) == 0.03
    assert count_p_value(events(500, 100), lowest=0.03) < 1e-30


def test_looking_after_every_event_stays_below_alpha():
    rng = Random(11)
    false = 0
    for _ in range(400):
        treatment = control = 0
        for _ in range(300):
            if rng.random() < 0.9:
                treatment += 1
            else:
                control += 1
            if count_log_e(events(treatment, control, 0.9)) >= math.log(20):
                false += 1
                break

    assert false / 400 <= 0.05


def test_a_million_events():
    assert count_log_e(events(500_000, 500_000)) == pytest.approx(-4.2599463, abs=1e-6)
    assert count_p_value(events(505_000, 495_000)) < 1e-18


@pytest.mark.parametrize(
    ("treatment", "control", "share"), [(-1, 0, 0.5), (0, -1, 0.5), (1, 1, 0.0), (1, 1, 1.0)]
)
def test_impossible_counts_are_refused(treatment, control, share):
    with pytest.raises(NotComputable) as refused:
        events(treatment, control, share)

    assert refused.value.reason is NotComputable.Reason.IMPOSSIBLE
