"""What staff are promised when they look every day, by simulation. `make bench ONLY=aa` runs more."""

from __future__ import annotations

from random import Random

import pytest

from django_ppx.experiments.evaluability import ArmCount, obstacles
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.samples import Arm
from tests.experiments.simulation import (
    SETTINGS,
    draw_binomial,
    is_significant,
    measure_power,
    planned_tests,
    simulate,
)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_without_an_effect_few_looks_claim_one(setting):
    rates = simulate(setting, runs=500, seed=2)

    assert rates.sequence <= 0.03
    assert rates.hybrid <= 0.055
    assert rates.naive > 0.20  # the control: these looks do tempt


@pytest.mark.parametrize("planned", planned_tests(), ids=lambda planned: planned.name)
def test_an_effect_of_the_planned_size_is_found(planned):
    powers = measure_power(planned, runs=400, seed=3)

    assert powers.hybrid >= 0.74
    assert powers.anytime >= 0.74
    assert powers.fixed == pytest.approx(0.80, abs=0.06)


def test_with_a_small_holdout_the_unpooled_variance_alone_claims_much():
    # One look, after the seven days, at a holdout that nearly nobody of buys: what the gate is for.
    rng, naive, gated = Random(4), 0, 0
    for _ in range(1000):
        holdout, rest = draw_binomial(rng, 200, 0.005), draw_binomial(rng, 3800, 0.005)
        arms = (
            Arm.of_counts(customers=3800, successes=rest),
            Arm.of_counts(customers=200, successes=holdout),
        )
        counts = [
            ArmCount(customers=3800, successes=rest),
            ArmCount(customers=200, successes=holdout),
        ]
        naive += is_significant(*arms)
        gated += not obstacles(counts, full_days=7, ratio=RatioState.CLEAN)

    assert naive / 1000 > 0.30
    assert gated == 0


def test_the_draws_are_binomial():
    rng = Random(5)
    draws = [draw_binomial(rng, 40, 0.1) for _ in range(20_000)]
    mean = sum(draws) / 20_000

    assert mean == pytest.approx(4.0, abs=0.05)
    assert sum((draw - mean) ** 2 for draw in draws) / 20_000 == pytest.approx(3.6, abs=0.15)
    assert 0 <= min(draws) <= max(draws) <= 40
