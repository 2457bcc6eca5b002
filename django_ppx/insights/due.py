"""Which looks are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number, last_complete_day
from django_ppx.experiments.models import Experiment, ExperimentPhase
from django_ppx.insights.models import ExperimentLook


@dataclass(frozen=True, kw_only=True, slots=True)
class DueLooks:
    """The days of one phase that nobody has looked at, in their order. Without any, it is up to date."""

    phase: ExperimentPhase
    days: tuple[int, ...]


def due_looks(*, now: datetime, experiment_id: int | None = None) -> tuple[DueLooks, ...]:
    """Return the missing looks of all experiments, or of one, phase by phase; a phase up to date has no days.

    A phase is looked at on every complete day since its start; one that has ended, until the window of its last
    customer is over. Phases that are through are left out. Two queries, whatever the number of phases.
    """
    phases = ExperimentPhase.objects.select_related("experiment").exclude(
        experiment__status=Experiment.Status.DRAFT
    )
    if experiment_id is not None:
        phases = phases.filter(experiment=experiment_id)
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    complete = last_complete_day(now, zone)
    wanted, short = [], []
    for phase in phases.annotate(look_count=Count("looks")).order_by("experiment", "number"):
        days = range(phase.start_day_no, _last_day(phase, complete, zone) + 1)
        if phase.look_count < len(days):
            short.append(phase.pk)
        elif _ended_at(phase) is not None:
            continue
        wanted.append((phase, days))
    known = _known_days(short)
    return tuple(
        DueLooks(
            phase=phase,
            days=tuple(day for day in days if phase.pk in known and day not in known[phase.pk]),
        )
        for phase, days in wanted
    )


def _known_days(phase_ids: list[int]) -> dict[int, set[int]]:
    known: dict[int, set[int]] = {phase_id: set() for phase_id in phase_ids}
    looks = ExperimentLook.objects.filter(phase__in=phase_ids)
    for phase_id, day_no in looks.values_list("phase_id", "day_no"):
        known[phase_id].add(day_no)
    return known


def _last_day(phase: ExperimentPhase, complete: int, zone: ZoneInfo) -> int:
    ended_at = _ended_at(phase)
    if ended_at is None:
        return complete
    return min(complete, day_number(ended_at, zone) + phase.window_days)


def _ended_at(phase: ExperimentPhase) -> datetime | None:
    """Return since when nobody new takes part in `phase`; None while somebody may."""
    experiment = phase.experiment
    return phase.ended_at or experiment.stopped_at or experiment.decided_at
