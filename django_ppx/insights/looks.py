"""What followed from the sums of a look, and its JSON: `ExperimentLook.results`. Pure: no database.

    {"full_days": 12, "obstacles": ["too_few"],
     "ratio": {"state": "clean", "p_value": 0.21, "always_valid_p": 1.0},
     "primary": {"7": {"trail": {"p_value": 0.4, "interval": [-0.01, 0.05], "final_interval": null, "outcome": "open"},
                       "ratio_bounds": null,
                       "difference": {"difference": 0.02, "interval": [-0.01, 0.05], "p_value": 0.4, "lift": 0.25,
                                      "lift_interval": [-0.1, 0.6], "outcome": "open"}}},
     "others": {"revenue": {"7": {"difference": 12.5, …}}}}

"7" is the id of an arm; the control has none, since it is what the others are compared with. `ExperimentLook.arms`
holds the sums: `insights.sums`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django_ppx.experiments.counts import RateRatio
from django_ppx.experiments.evaluability import Obstacle
from django_ppx.experiments.intervals import Interval
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome, Trail
from django_ppx.insights.results import Counted, Difference, RatioResult


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmTrail:
    """An arm against the control by the primary metric: what all looks so far come to, and this look's difference."""

    trail: Trail = field(default_factory=Trail)
    ratio_bounds: RateRatio | None = None
    """Of the exact plan: the ratios of rates that no look so far speaks against."""
    difference: Difference | None = None
    """None where the numbers of this look do not give one."""

    def as_json(self) -> dict[str, Any]:
        bounds = self.ratio_bounds
        return {
            "trail": {
                "p_value": self.trail.p_value,
                "interval": interval_as_json(self.trail.interval),
                "final_interval": interval_as_json(self.trail.final_interval),
                "outcome": self.trail.outcome.value,
            },
            "ratio_bounds": None if bounds is None else [bounds.low, bounds.high],
            "difference": None if self.difference is None else difference_as_json(self.difference),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        trail, bounds, difference = (
            stored[name] for name in ("trail", "ratio_bounds", "difference")
        )
        return cls(
            trail=Trail(
                p_value=trail["p_value"],
                interval=interval_from_json(trail["interval"]),
                final_interval=interval_from_json(trail["final_interval"]),
                outcome=Outcome(trail["outcome"]),
            ),
            ratio_bounds=None if bounds is None else RateRatio(low=bounds[0], high=bounds[1]),
            difference=None if difference is None else difference_from_json(difference),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LookResults:
    """What one look comes to. Arms are named by their ids; the control is in neither mapping."""

    full_days: int
    """Complete local days since the start."""
    obstacles: tuple[Obstacle, ...]
    """What held this look back; empty where it counted."""
    ratio: RatioResult
    primary: Mapping[int, ArmTrail]
    others: Mapping[Counted, Mapping[int, Difference]]
    """Everything counted, by this look alone and always valid; arms whose numbers give no difference are left out."""

    def as_json(self) -> dict[str, Any]:
        return {
            "full_days": self.full_days,
            "obstacles": [obstacle.value for obstacle in self.obstacles],
            "ratio": {
                "state": self.ratio.state.value,
                "p_value": self.ratio.p_value,
                "always_valid_p": self.ratio.always_valid_p,
            },
            "primary": {str(arm): trail.as_json() for arm, trail in self.primary.items()},
            "others": {
                what.value: {str(arm): difference_as_json(each) for arm, each in arms.items()}
                for what, arms in self.others.items()
            },
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `as_json` has written."""
        ratio = stored["ratio"]
        return cls(
            full_days=stored["full_days"],
            obstacles=tuple(Obstacle(each) for each in stored["obstacles"]),
            ratio=RatioResult(
                state=RatioState(ratio["state"]),
                p_value=ratio["p_value"],
                always_valid_p=ratio["always_valid_p"],
            ),
            primary={int(arm): ArmTrail.from_json(each) for arm, each in stored["primary"].items()},
            others={
                Counted(what): {int(arm): difference_from_json(each) for arm, each in arms.items()}
                for what, arms in stored["others"].items()
            },
        )


def interval_as_json(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def interval_from_json(stored: list[float] | None) -> Interval | None:
    return None if stored is None else Interval(low=stored[0], high=stored[1])


def difference_as_json(difference: Difference) -> dict[str, Any]:
    return {
        "difference": difference.difference,
        "interval": interval_as_json(difference.interval),
        "p_value": difference.p_value,
        "lift": difference.lift,
        "lift_interval": interval_as_json(difference.lift_interval),
        "outcome": difference.outcome.value,
    }


def difference_from_json(stored: Mapping[str, Any]) -> Difference:
    low, high = stored["interval"]
    return Difference(
        difference=stored["difference"],
        interval=Interval(low=low, high=high),
        p_value=stored["p_value"],
        lift=stored["lift"],
        lift_interval=interval_from_json(stored["lift_interval"]),
        outcome=Outcome(stored["outcome"]),
    )
