"""What follows from the sums of a look: held back or not, which plan, which side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from django_ppx.experiments.evaluability import Obstacle
from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.judging import Terms, judge
from django_ppx.insights.looks import LookResults
from django_ppx.insights.results import Counted
from django_ppx.insights.sums import ArmSums, CountedSums

A, B, NOTHING = 7, 8, 9


def terms(**overrides: Any) -> Terms:
    values: dict[str, Any] = {
        "control": NOTHING,
        "weights": {A: 50, NOTHING: 50},
        "primary": Counted.REPEAT,
        "plan": "hybrid",
        "planned_customers": 4000,
    }
    return Terms(**{**values, **overrides})


def arm(customers: int, yes: int, *, exposed: int | None = None, **more: CountedSums) -> ArmSums:
    return ArmSums(
        exposed=customers if exposed is None else exposed,
        matured=customers,
        counted={
            Counted.REPEAT: CountedSums.of_yes(customers=customers, yes=yes),
            **{Counted(what): sums for what, sums in more.items()},
        },
    )


def judged(
    a: ArmSums,
    nothing: ArmSums,
    *,
    full_days: int = 30,
    previous: LookResults | None = None,
    **overrides: Any,
) -> LookResults:
    return judge(
        terms(**overrides), {A: a, NOTHING: nothing}, full_days=full_days, previous=previous
    )


def test_the_first_look_by_the_anytime_plan() -> None:
    look = judged(arm(1000, 150), arm(1000, 100), plan="anytime")

    assert look.obstacles == ()
    assert look.ratio.state is RatioState.CLEAN
    assert look.ratio.p_value == 1.0
    trail, difference = look.primary[A].trail, look.primary[A].difference
    assert difference is not None
    assert difference.difference == pytest.approx(0.05)
    assert difference.interval == trail.interval
    assert difference.interval.low == pytest.approx(0.00438199775, abs=1e-9)
    assert difference.interval.high == pytest.approx(0.09561800225, abs=1e-9)
    assert difference.p_value == pytest.approx(0.0232770678, abs=1e-9)
    assert difference.lift == pytest.approx(0.5)
    assert difference.outcome is trail.outcome is Outcome.BETTER


def test_the_hybrid_asks_for_more_until_the_planned_size_and_tests_once_there() -> None:
    early = judged(arm(1000, 150), arm(1000, 100))
    final = judged(arm(2000, 260), arm(2000, 200), previous=early)
    later = judged(arm(2100, 210), arm(2100, 210), previous=final)

    assert early.primary[A].trail.outcome is Outcome.OPEN
    assert early.primary[A].trail.final_interval is None
    assert final.primary[A].trail.outcome is Outcome.BETTER
    made = final.primary[A].difference
    assert made is not None
    # pooled: 0.03 ± 2.05375 · √(0.115 · 0.885 · 4000/3999 · (1/2000 + 1/2000))
    assert made.interval.low == pytest.approx(0.0092785, abs=1e-6)
    assert made.interval.high == pytest.approx(0.0507215, abs=1e-6)
    assert later.primary[A].trail.outcome is Outcome.BETTER
    stays = later.primary[A].difference
    assert stays is not None
    assert (stays.interval, stays.lift_interval) == (made.interval, made.lift_interval)
    assert stays.difference == 0


def test_at_the_planned_size_without_a_difference_it_is_not_shown() -> None:
    look = judged(arm(2000, 205), arm(2000, 200))

    assert look.primary[A].trail.outcome is Outcome.NOT_SHOWN


def test_less_than_the_control_is_worse() -> None:
    look = judged(arm(2000, 200), arm(2000, 260))

    assert look.primary[A].trail.outcome is Outcome.WORSE


def test_looks_have_the_interval_in_common_and_the_smallest_p_value() -> None:
    first = judged(arm(1000, 150), arm(1000, 100), plan="anytime")
    second = judged(arm(1100, 120), arm(1100, 120), previous=first, plan="anytime")

    one, two = first.primary[A].trail, second.primary[A].trail
    assert one.interval is not None
    assert two.interval is not None
    assert two.interval.low == one.interval.low
    assert two.interval.high < one.interval.high
    assert two.p_value == one.p_value


@pytest.mark.parametrize(
    ("a", "nothing", "full_days", "obstacle"),
    [
        (arm(1000, 150), arm(1000, 100), 6, Obstacle.TOO_EARLY),
        (arm(1000, 150), arm(1, 0, exposed=1000), 30, Obstacle.EMPTY_ARM),
        (arm(1000, 15), arm(1000, 4), 30, Obstacle.TOO_FEW),
        (arm(1000, 150), arm(1000, 100, exposed=1400), 30, Obstacle.SAMPLE_RATIO),
    ],
)
def test_a_look_that_is_held_back_leaves_the_trail_as_it_was(
    a: ArmSums, nothing: ArmSums, full_days: int, obstacle: Obstacle
) -> None:
    before = judged(arm(500, 60), arm(500, 55), plan="anytime")

    look = judged(a, nothing, full_days=full_days, previous=before, plan="anytime")

    assert look.obstacles == (obstacle,)
    assert look.primary[A].trail == before.primary[A].trail


def test_red_stays_red() -> None:
    red = judged(arm(1000, 150), arm(1000, 100, exposed=1400))

    look = judged(arm(2000, 300), arm(2000, 200), previous=red)

    assert look.ratio.state is RatioState.RED
    assert look.ratio.p_value == 1.0
    assert look.obstacles == (Obstacle.SAMPLE_RATIO,)
    assert look.primary[A].trail.outcome is Outcome.OPEN


def test_nobody_yet_is_a_clean_ratio_without_a_p_value() -> None:
    look = judged(arm(0, 0), arm(0, 0), full_days=0)

    assert (look.ratio.state, look.ratio.p_value) == (RatioState.CLEAN, None)
    assert look.ratio.always_valid_p == 1.0
    assert look.obstacles == (Obstacle.TOO_EARLY, Obstacle.EMPTY_ARM)
    assert look.primary[A].difference is None


def test_where_nobody_differs_from_anybody_there_is_no_difference() -> None:
    look = judged(arm(1000, 0), arm(1000, 0))

    assert look.obstacles == (Obstacle.TOO_FEW,)
    assert look.primary[A].difference is None
    assert look.others[Counted.REPEAT] == {}


def test_two_arms_share_the_error_and_the_planned_size() -> None:
    weights = {A: 40, B: 40, NOTHING: 20}
    sums = {A: arm(2000, 400), B: arm(2000, 300), NOTHING: arm(1000, 120)}

    look = judge(terms(weights=weights, planned_customers=5000), sums, full_days=30, previous=None)
    alone = judge(
        terms(weights={A: 40, NOTHING: 20}, planned_customers=3000),
        {A: sums[A], NOTHING: sums[NOTHING]},
        full_days=30,
        previous=None,
    )

    # 60 of 100 planned customers see A or nothing; A alone would have .01 for its sequence
    final, wider = look.primary[A].trail.final_interval, alone.primary[A].trail.interval
    assert terms(weights=weights, planned_customers=5000).planned_with(A) == 3000
    assert look.primary[A].trail.outcome is Outcome.BETTER
    assert final is None  # the sequence at .005 was enough
    assert look.primary[A].trail.interval is not None
    assert wider is not None
    assert look.primary[A].trail.interval.low < wider.low


def test_rare_events_are_counted_exactly_and_never_too_few() -> None:
    look = judged(arm(1000, 40), arm(1000, 10), plan="exact")
    more = judged(arm(2000, 80), arm(2000, 20), previous=look, plan="exact")

    # 40 and 10 events, half and half: p = 0.182721, the ratio of rates 0.919898 to 31.0956
    assert look.obstacles == ()
    difference = look.primary[A].difference
    assert difference is not None
    assert difference.difference == pytest.approx(0.03)
    assert difference.p_value == pytest.approx(0.182721, abs=1e-6)
    assert difference.interval.low == pytest.approx(0.01 * (0.919898 - 1), abs=1e-7)
    assert difference.interval.high == pytest.approx(0.01 * (31.0956 - 1), abs=1e-5)
    assert difference.lift == pytest.approx(3.0)
    assert difference.lift_interval == Interval(
        low=pytest.approx(-0.080102, abs=1e-6), high=pytest.approx(30.0956, abs=1e-4)
    )
    assert difference.outcome is Outcome.OPEN
    assert more.primary[A].trail.outcome is Outcome.BETTER
    assert more.primary[A].ratio_bounds is not None
    assert more.primary[A].ratio_bounds.low > 1


def test_without_an_event_in_the_control_nothing_bounds_the_ratio() -> None:
    look = judged(arm(1000, 3), arm(1000, 0), plan="exact")

    difference = look.primary[A].difference
    assert difference is not None
    assert difference.interval == Interval(low=-1.0, high=1.0)
    assert (difference.lift, difference.lift_interval) == (None, None)


def test_the_exact_plan_takes_money_as_a_mean() -> None:
    money = CountedSums(customers=1000, total=500_000, squares=900_000_000, active=100)

    look = judged(
        arm(1000, 100, revenue=money),
        arm(1000, 100, revenue=money),
        plan="exact",
        primary=Counted.REVENUE,
    )

    assert look.primary[A].ratio_bounds is None
    assert look.primary[A].trail.final_interval is None
    assert look.primary[A].trail.outcome is Outcome.OPEN


def test_of_guardrails_less_is_better() -> None:
    many, few = (CountedSums.of_yes(customers=1000, yes=yes) for yes in (200, 50))

    more = judged(arm(1000, 100, refunded=many), arm(1000, 100, refunded=few))
    less = judged(arm(1000, 100, refunded=few), arm(1000, 100, refunded=many))

    assert more.others[Counted.REFUNDED][A].difference == pytest.approx(0.15)
    assert more.others[Counted.REFUNDED][A].outcome is Outcome.WORSE
    assert less.others[Counted.REFUNDED][A].outcome is Outcome.BETTER


def test_nothing_is_said_of_others_with_too_few_or_in_a_broken_ratio() -> None:
    nine, none = (CountedSums.of_yes(customers=100, yes=yes) for yes in (16, 0))
    many, few = (CountedSums.of_yes(customers=1000, yes=yes) for yes in (200, 50))

    rare = judged(arm(100, 50, complained=nine), arm(100, 50, complained=none))
    red = judged(arm(1000, 100, refunded=many), arm(1000, 100, refunded=few, exposed=1400))

    assert rare.others[Counted.COMPLAINED][A].outcome is Outcome.OPEN
    assert red.others[Counted.REFUNDED][A].interval.low > 0
    assert red.others[Counted.REFUNDED][A].outcome is Outcome.OPEN


@pytest.mark.parametrize("plan", ["hybrid", "anytime", "exact"])
def test_results_survive_json(plan: str) -> None:
    look = judged(arm(1000, 40), arm(1000, 10), plan=plan)
    more = judged(arm(2000, 80), arm(2000, 0), plan=plan, previous=look)

    for each in (look, more, judged(arm(0, 0), arm(0, 0), plan=plan)):
        text = json.dumps(each.as_json(), allow_nan=False)
        assert LookResults.from_json(json.loads(text)) == each


def test_one_arm_alone_is_not_judged() -> None:
    with pytest.raises(ValueError, match="one arm alone"):
        judge(terms(weights={NOTHING: 1}), {NOTHING: arm(10, 1)}, full_days=9, previous=None)


def test_a_metric_that_is_not_counted_is_not_judged() -> None:
    with pytest.raises(ValueError, match="clicked is not counted"):
        judged(arm(1000, 40), arm(1000, 10), primary=Counted.CLICKED)
