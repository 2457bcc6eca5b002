from __future__ import annotations

import math

import pytest
from scipy import integrate, optimize, stats

from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.sequences import (
    ConfidenceSequence,
    Outcome,
    Plan,
    Trail,
    anytime_plan,
    hybrid_plan,
    look,
)
from django_ppx.experiments.statistics import Comparison

SEQUENCE = ConfidenceSequence(alpha=0.05, planned_customers=1000)


def at(z: float, customers: int) -> Comparison:
    return Comparison(difference=z, variance=1.0, customers=customers)


def test_the_documented_numbers():
    assert SEQUENCE.rho_squared == pytest.approx(0.0079361546, abs=1e-10)
    assert SEQUENCE.multiplier(1000) == pytest.approx(3.0352089904, abs=1e-10)
    assert SEQUENCE.log_e(at(3.0352089904, 1000)) == pytest.approx(math.log(20), abs=1e-9)


def test_a_strict_sequence_by_hand():
    # −2 ln .01 = 9.210340, ln 10.210340 = 2.323401; k = 5000 · 11.533741 / 10000 = 5.766871.
    strict = ConfidenceSequence(alpha=0.01, planned_customers=10_000)

    assert strict.rho_squared == pytest.approx(0.0011533741, abs=1e-10)
    assert strict.multiplier(5000) == pytest.approx(3.6126233060, abs=1e-9)


@pytest.mark.parametrize("customers", [1, 30, 1000, 10**9])
@pytest.mark.parametrize("z", [0.0, 0.7, -2.5, 4.0])
def test_e_is_the_likelihood_ratio_mixed_over_a_normal(z, customers):
    # Brownian motion in time n, its drift drawn from N(0, ρ²): on the scale of z, δ√n ~ N(0, k).
    spread = math.sqrt(customers * SEQUENCE.rho_squared)
    middle, width = z * spread**2 / (1 + spread**2), spread / math.sqrt(1 + spread**2)

    def mixed(drift: float) -> float:
        return math.exp(drift * z - drift**2 / 2) * float(stats.norm.pdf(drift, scale=spread))

    expected, _error = integrate.quad(mixed, middle - 10 * width, middle + 10 * width)

    assert math.exp(SEQUENCE.log_e(at(z, customers))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("customers", [1, 10, 1000, 10**9])
def test_the_interval_touches_zero_where_e_is_one_over_alpha(customers):
    edge = SEQUENCE.multiplier(customers)

    assert SEQUENCE.log_e(at(edge, customers)) == pytest.approx(-math.log(0.05), abs=1e-9)
    assert SEQUENCE.interval(at(edge, customers)).low == pytest.approx(0.0, abs=1e-12)


def test_it_is_narrowest_near_the_planned_size():
    found = optimize.minimize_scalar(
        lambda log_n: SEQUENCE.multiplier(round(math.exp(log_n))), bounds=(3, 12), method="bounded"
    )

    # The closed form of ρ² is an approximation: within 15 %.
    assert math.exp(found.x) == pytest.approx(1000, rel=0.15)


@pytest.mark.parametrize(("alpha", "planned"), [(0, 10), (1, 10), (0.05, 0)])
def test_a_sequence_without_error_or_size_is_refused(alpha, planned):
    with pytest.raises(ValueError, match="alpha lies between"):
        ConfidenceSequence(alpha=alpha, planned_customers=planned)


def test_nobody_has_no_interval():
    with pytest.raises(ValueError, match="without customers"):
        SEQUENCE.multiplier(0)


@pytest.mark.parametrize(
    ("comparisons", "sequence", "final"), [(1, 0.01, 0.04), (2, 0.005, 0.02), (4, 0.0025, 0.01)]
)
def test_the_hybrid_shares_its_error_out(comparisons, sequence, final):
    plan = hybrid_plan(planned_customers=500, comparisons=comparisons)

    assert plan.sequence.alpha == pytest.approx(sequence, rel=1e-12)
    assert plan.final_alpha == pytest.approx(final, rel=1e-12)
    assert plan.sequence.planned_customers == 500


def test_the_anytime_plan_has_no_final_test():
    assert anytime_plan(planned_customers=500, comparisons=2) == Plan(
        sequence=ConfidenceSequence(alpha=0.025, planned_customers=500), final_alpha=None
    )


def test_the_interval_is_what_all_looks_have_in_common():
    plan = anytime_plan(planned_customers=1000)
    first, second = at(1.0, 400), at(-0.5, 900)

    trail = look(look(Trail(), first, plan), second, plan)

    c, d = plan.sequence.multiplier(400), plan.sequence.multiplier(900)
    assert trail.interval == Interval(low=max(1 - c, -0.5 - d), high=min(1 + c, -0.5 + d))
    assert trail.outcome is Outcome.OPEN


def test_the_p_value_never_grows():
    plan = anytime_plan(planned_customers=1000)

    strong = look(Trail(), at(2.9, 800), plan)
    weak = look(strong, at(0.1, 900), plan)

    assert strong.p_value == pytest.approx(math.exp(-plan.sequence.log_e(at(2.9, 800))), rel=1e-12)
    assert strong.p_value == pytest.approx(0.0716809, abs=1e-6)
    assert weak.p_value == strong.p_value
    assert look(Trail(), at(0.1, 900), plan).p_value == 1.0


@pytest.mark.parametrize(("z", "outcome"), [(3.7, Outcome.BETTER), (-3.7, Outcome.WORSE)])
def test_the_sequence_may_decide_on_any_day(z, outcome):
    plan = hybrid_plan(planned_customers=10_000)

    trail = look(Trail(), at(z, 5000), plan)

    assert trail.outcome is outcome
    assert trail.final_interval is None
    assert 0.0 not in trail.interval


def test_before_the_planned_size_the_final_test_is_not_made():
    plan = hybrid_plan(planned_customers=10_000)

    assert look(Trail(), at(3.6, 5000), plan).outcome is Outcome.OPEN
    assert look(Trail(), at(3.5, 9999), plan).outcome is Outcome.OPEN


@pytest.mark.parametrize(
    ("z", "outcome"),
    [
        (2.0538, Outcome.BETTER),
        (-2.0538, Outcome.WORSE),
        (2.0537, Outcome.NOT_SHOWN),
        (0.0, Outcome.NOT_SHOWN),
    ],
)
def test_at_the_planned_size_the_final_test_decides(z, outcome):
    plan = hybrid_plan(planned_customers=10_000)

    trail = look(Trail(), at(z, 10_000), plan)

    assert trail.outcome is outcome
    assert trail.final_interval.low == pytest.approx(z - 2.0537489106, abs=1e-9)
    assert trail.final_interval.high == pytest.approx(z + 2.0537489106, abs=1e-9)


def test_the_final_test_is_made_once():
    plan = hybrid_plan(planned_customers=10_000)
    closed = look(Trail(), at(1.0, 10_000), plan)

    later = look(closed, at(2.5, 11_000), plan)

    assert later.outcome is Outcome.NOT_SHOWN
    assert later.final_interval == closed.final_interval
    assert later.p_value < closed.p_value


def test_a_look_after_the_verdict_does_not_turn_it():
    plan = hybrid_plan(planned_customers=10_000)
    decided = look(Trail(), at(4.0, 5000), plan)

    assert look(decided, at(-4.5, 6000), plan).outcome is Outcome.BETTER
    assert look(decided, at(0.0, 20_000), plan).outcome is Outcome.BETTER


@pytest.mark.parametrize("z", [0.3, 2.3, 5.0])
def test_the_same_look_twice_changes_nothing(z):
    plan = hybrid_plan(planned_customers=10_000)
    once = look(Trail(), at(z, 10_000), plan)

    assert look(once, at(z, 10_000), plan) == once


def test_an_effect_that_changes_empties_the_interval():
    plan = anytime_plan(planned_customers=1000)

    trail = look(look(Trail(), at(9.0, 500), plan), at(-9.0, 900), plan)

    assert trail.interval.is_empty


def test_a_huge_effect_does_not_overflow():
    trail = look(Trail(), at(1e6, 10**9), hybrid_plan(planned_customers=1000))

    assert trail.p_value == 0.0
    assert trail.outcome is Outcome.BETTER
