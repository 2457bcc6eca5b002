from __future__ import annotations

from dataclasses import replace

import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower

from django_ppx.experiments.planning import (
    EVEN,
    HOLDOUT,
    CannotPlan,
    Design,
    Effect,
    Split,
    Volume,
    compare_designs,
    evaluable_customers,
    mean_effect,
    project,
    rate_effect,
    required_customers,
)

EFFECT = rate_effect(base_rate=0.05, lift=0.2)
VOLUME = Volume(daily_customers=400, window_days=30, refund_lag_days=14)


@pytest.mark.parametrize(
    ("design", "even", "holdout"),
    [
        (Design.FIXED, 16_316, 46_506),
        (Design.HYBRID, 17_458, 49_761),
        (Design.ANYTIME, 27_737, 79_060),
    ],
)
def test_six_instead_of_five_percent(design, even, holdout):
    assert required_customers(EFFECT, EVEN, design=design) == even
    assert required_customers(EFFECT, HOLDOUT, design=design) == holdout


@pytest.mark.parametrize("split", [EVEN, HOLDOUT, Split(treatment=0.3, control=0.7)])
@pytest.mark.parametrize("lift", [0.1, -0.3, 1.0])
def test_the_planned_size_has_the_planned_power(split, lift):
    effect = rate_effect(base_rate=0.05, lift=lift)
    customers = required_customers(effect, split, design=Design.FIXED, alpha=0.03, power=0.9)
    w, changed = split.treatment, 0.05 * (1 + lift)
    mixed = w * changed + (1 - w) * 0.05
    unpooled = changed * (1 - changed) / w + 0.05 * 0.95 / (1 - w)
    measured = max(unpooled, mixed * (1 - mixed) / (w * (1 - w)))
    threshold = stats.norm.isf(0.015) * (measured / customers) ** 0.5

    power = stats.norm.sf(threshold, abs(effect.difference), (unpooled / customers) ** 0.5)

    # N is rounded up.
    assert power == pytest.approx(0.9, abs=2e-3)
    assert power >= 0.9


def test_half_and_half_is_the_size_of_statsmodels():
    # Theirs is the same formula for a difference of means, with one variance.
    effect = Effect(difference=0.2, treatment_variance=1, control_variance=1, active_rate=0.5)
    expected = 2 * NormalIndPower().solve_power(effect_size=0.2, alpha=0.05, power=0.8)

    # They count the tail on the wrong side, we the variance between the arms: 1 % of the variance.
    found = required_customers(effect, EVEN, design=Design.FIXED)
    assert found == pytest.approx(expected, rel=0.008)
    assert found >= expected


def test_the_hybrid_needs_what_its_final_test_costs():
    wanted = (stats.norm.isf(0.02) + stats.norm.isf(0.2)) ** 2
    fixed = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2

    assert wanted / fixed == pytest.approx(1.07, abs=0.005)


def test_a_mean_cannot_lose_more_than_everything():
    with pytest.raises(CannotPlan) as refused:
        mean_effect(base_mean=3.0, variance=400.0, active_rate=0.05, lift=-1.1)

    assert refused.value.reason is CannotPlan.Reason.RATE_IMPOSSIBLE


def test_a_revenue_effect():
    effect = mean_effect(base_mean=3.0, variance=400.0, active_rate=0.05, lift=0.2)

    assert effect.difference == pytest.approx(0.6, rel=1e-12)
    # (1.959964 · √1760.36 + 0.841621 · √1760)² / 0.36
    assert required_customers(effect, EVEN, design=Design.FIXED) == 38_378


def test_several_variants_need_more_each():
    thirds = Split(treatment=1 / 3, control=1 / 3, variants=2)
    unpooled, pooled = 3 * (0.0564 + 0.0475), 6 * 0.055 * 0.945
    reach = stats.norm.isf(0.0125) * pooled**0.5 + stats.norm.isf(0.2) * unpooled**0.5

    assert required_customers(EFFECT, thirds, design=Design.FIXED) == pytest.approx(
        reach**2 / 0.0001, abs=1
    )


def test_what_a_holdout_of_a_tenth_costs():
    effect = Effect(difference=0.05, treatment_variance=1.0, control_variance=1.0, active_rate=0.5)
    even, holdout = (
        required_customers(effect, split, design=Design.FIXED) for split in (EVEN, HOLDOUT)
    )

    assert holdout / even == pytest.approx(2.78, abs=0.005)


def test_days_are_exposing_and_window_and_lag():
    projected = project(EFFECT, EVEN, VOLUME, design=Design.FIXED)

    assert projected.customers == 16_316
    assert projected.days == 41 + 30 + 14
    assert projected.weeks == 13


def test_exposing_takes_a_whole_week():
    busy = Volume(daily_customers=1_000_000, window_days=1)

    assert project(EFFECT, EVEN, busy, design=Design.HYBRID).days == 8


def test_the_size_is_raised_to_what_is_evaluable():
    # A rate of 0.002 that grows tenfold is soon significant and long not evaluable.
    effect = rate_effect(base_rate=0.002, lift=9.0)

    assert required_customers(effect, EVEN, design=Design.HYBRID) == 1126
    assert evaluable_customers(effect, EVEN) == 1839
    assert project(effect, EVEN, VOLUME, design=Design.HYBRID).customers == 1839


def test_the_documented_size_that_is_evaluable():
    effect = Effect(
        difference=0.01, treatment_variance=0.02, control_variance=0.02, active_rate=0.02
    )

    assert evaluable_customers(effect, HOLDOUT) == 5103


def test_designs_are_compared_side_by_side():
    found = compare_designs(EFFECT, VOLUME)

    assert [(each.split, each.design, each.customers, each.days) for each in found] == [
        (EVEN, Design.HYBRID, 17_458, 88),
        (EVEN, Design.ANYTIME, 27_737, 114),
        (HOLDOUT, Design.HYBRID, 49_761, 169),
        (HOLDOUT, Design.ANYTIME, 79_060, 242),
    ]


def test_a_small_shop_is_told_which_designs_it_can_afford():
    small = replace(VOLUME, daily_customers=60)

    found = compare_designs(EFFECT, small)

    assert found[0].weeks == 48
    assert [each.reason for each in found[1:]] == [CannotPlan.Reason.TOO_LONG] * 3


@pytest.mark.parametrize(
    ("effect", "volume", "reason"),
    [
        (rate_effect(base_rate=0.05, lift=0.0), VOLUME, CannotPlan.Reason.NO_EFFECT),
        (rate_effect(base_rate=0.05, lift=0.05), VOLUME, CannotPlan.Reason.TOO_LONG),
        (EFFECT, replace(VOLUME, daily_customers=0), CannotPlan.Reason.NO_TRAFFIC),
        (EFFECT, replace(VOLUME, daily_customers=0.5), CannotPlan.Reason.TOO_RARE),
        (rate_effect(base_rate=0.0001, lift=9.0), VOLUME, CannotPlan.Reason.TOO_RARE),
        (EFFECT, replace(VOLUME, window_days=400), CannotPlan.Reason.TOO_RARE),
        (
            mean_effect(base_mean=3.0, variance=0.0, active_rate=0.5, lift=0.1),
            VOLUME,
            CannotPlan.Reason.NO_VARIANCE,
        ),
        (
            mean_effect(base_mean=3.0, variance=4.0, active_rate=0.0, lift=0.1),
            VOLUME,
            CannotPlan.Reason.NO_VARIANCE,
        ),
        (
            mean_effect(base_mean=0.0, variance=4.0, active_rate=0.1, lift=0.1),
            VOLUME,
            CannotPlan.Reason.NO_EFFECT,
        ),
    ],
)
def test_a_test_that_would_never_answer_says_why(effect, volume, reason):
    split = HOLDOUT if reason is CannotPlan.Reason.TOO_RARE else EVEN

    with pytest.raises(CannotPlan) as refused:
        project(effect, split, volume, design=Design.HYBRID)

    assert refused.value.reason is reason


@pytest.mark.parametrize(("rate", "lift"), [(0.6, 1.0), (0.5, -1.5), (1.1, 0.0), (-0.1, 0.0)])
def test_a_rate_outside_of_zero_and_one_is_refused(rate, lift):
    with pytest.raises(CannotPlan) as refused:
        rate_effect(base_rate=rate, lift=lift)

    assert refused.value.reason is CannotPlan.Reason.RATE_IMPOSSIBLE


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_no_history_is_no_effect_to_plan(rate):
    with pytest.raises(CannotPlan) as refused:
        required_customers(rate_effect(base_rate=rate, lift=0.0), EVEN, design=Design.HYBRID)

    assert refused.value.reason is CannotPlan.Reason.NO_EFFECT
    with pytest.raises(CannotPlan) as refused:
        evaluable_customers(rate_effect(base_rate=rate, lift=0.0), EVEN)
    assert refused.value.reason is CannotPlan.Reason.NO_VARIANCE


@pytest.mark.parametrize(
    "split",
    [
        Split(treatment=1.0, control=0.0),
        Split(treatment=0.9, control=0.2),
        Split(treatment=0.5, control=0.5, variants=0),
    ],
)
def test_a_split_that_does_not_exist_is_refused(split):
    with pytest.raises(CannotPlan) as refused:
        required_customers(EFFECT, split, design=Design.HYBRID)

    assert refused.value.reason is CannotPlan.Reason.SHARE_IMPOSSIBLE
