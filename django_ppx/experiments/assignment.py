"""The experiments as the page needs them, and which arm a customer belongs to. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django_ppx.experiments.bucketing import Slots, find_slot


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledArm:
    """One arm. `variant_id` is None where nothing is shown, and in the holdout of a quarter."""

    id: int
    variant_id: int | None
    is_holdout: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledExperiment:
    """An experiment in its present phase, or in its last one."""

    id: int
    phase_id: int
    salt: str
    arms: tuple[CompiledArm, ...]
    slots: Slots
    """Of each arm, in their order."""
    control: CompiledArm
    window_days: int
    counts_from: datetime
    """When the phase began, or more customers were let in. A page that showed the offer before is not counted."""
    retired: tuple[CompiledArm, ...] = ()
    """Arms that get nobody new. Who is in one stays."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    settles_at: datetime | None = None
    """When the last window is over, for one that was stopped: until then who took part stays where they are."""

    def is_open(self, now: datetime) -> bool:
        """Return whether somebody new may take part."""
        return (self.starts_at is None or now >= self.starts_at) and (
            self.ends_at is None or now < self.ends_at
        )

    def is_settled(self, now: datetime) -> bool:
        """Return whether it was stopped so long ago that nothing of it is measured any more."""
        return self.settles_at is not None and now >= self.settles_at

    def arm(self, arm_id: int) -> CompiledArm | None:
        """Return the arm that somebody was exposed to, also one that gets nobody new."""
        return next((arm for arm in (*self.arms, *self.retired) if arm.id == arm_id), None)

    def arm_of(self, unit: str) -> CompiledArm | None:
        """Return the arm of somebody who was not exposed yet; None for who is not covered."""
        index = find_slot(self.salt, unit, self.slots)
        return None if index is None else self.arms[index]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """That somebody is to be counted in an arm, from now on."""

    experiment: CompiledExperiment
    arm: CompiledArm
