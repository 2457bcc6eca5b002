from __future__ import annotations

import pytest

from django_ppx.experiments.evaluability import ArmCount, Obstacle, information, obstacles
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.samples import NotComputable


def arms(*pairs: tuple[int, int]) -> list[ArmCount]:
    return [ArmCount(customers=customers, successes=successes) for customers, successes in pairs]


ENOUGH = arms((400, 20), (400, 24))


def test_the_documented_information():
    assert information(arms((900, 45), (100, 5))) == pytest.approx(4.75, rel=1e-12)


def test_a_holdout_without_a_purchase_has_the_rate_of_all():
    assert information(arms((900, 50), (100, 0))) == pytest.approx(4.75, rel=1e-12)


@pytest.mark.parametrize("pairs", [[(0, 0), (0, 0)], [(50, 0), (50, 0)], [(50, 50), (50, 50)]])
def test_where_nothing_varies_there_is_no_information(pairs):
    assert information(arms(*pairs)) == 0.0


def test_enough_of_everything_is_evaluable():
    assert obstacles(ENOUGH, full_days=7, ratio=RatioState.CLEAN) == ()


def test_amber_warns_and_does_not_withhold():
    assert obstacles(ENOUGH, full_days=7, ratio=RatioState.AMBER) == ()


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"full_days": 6}, Obstacle.TOO_EARLY),
        ({"ratio": RatioState.RED}, Obstacle.SAMPLE_RATIO),
        # 40 · 0.5 · 0.5 is 10, one customer fewer is not.
        ({"arms": arms((40, 20), (39, 19))}, Obstacle.TOO_FEW),
        ({"arms": arms((4000, 200), (1, 1))}, Obstacle.EMPTY_ARM),
        ({"arms": arms((4000, 200), (0, 0))}, Obstacle.EMPTY_ARM),
    ],
)
def test_each_obstacle_withholds_alone(changed, found):
    asked = {"arms": ENOUGH, "full_days": 7, "ratio": RatioState.CLEAN} | changed

    assert obstacles(asked.pop("arms"), **asked) == (found,)


def test_the_information_may_be_exactly_enough():
    assert obstacles(arms((40, 20), (40, 20)), full_days=7, ratio=RatioState.CLEAN) == ()


def test_all_obstacles_are_named_the_worst_first():
    found = obstacles(arms((0, 0), (0, 0)), full_days=0, ratio=RatioState.RED)

    assert found == (Obstacle.SAMPLE_RATIO, Obstacle.TOO_EARLY, Obstacle.EMPTY_ARM)


def test_one_arm_is_not_compared():
    with pytest.raises(ValueError, match="one arm"):
        obstacles(arms((400, 20)), full_days=7, ratio=RatioState.CLEAN)


def test_impossible_counts_are_refused():
    with pytest.raises(NotComputable) as refused:
        ArmCount(customers=3, successes=4)

    assert refused.value.reason is NotComputable.Reason.IMPOSSIBLE
