"""From the rows of running experiments to what the page decides by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import end_of_local_days
from django_ppx.experiments.assignment import CompiledArm, CompiledExperiment
from django_ppx.experiments.bucketing import cut_slots
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentPhase


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledExperiments:
    """The experiments that decide what customers see: by their offer, and the holdouts by their quarter ("2026-Q4").

    One that was stopped keeps who took part where they are until the last window is over, unless another runs.

    A quarter whose holdout was stopped is None: it is not begun again.
    """

    by_offer: Mapping[int, CompiledExperiment]
    by_quarter: Mapping[str, CompiledExperiment | None]


def compile_experiments() -> CompiledExperiments:
    """Return the experiments that are not decided, in three queries at most."""
    by_offer: dict[int, CompiledExperiment] = {}
    by_quarter: dict[str, CompiledExperiment | None] = {}
    phases = Prefetch("phases", queryset=ExperimentPhase.objects.order_by("number"))
    rows = Experiment.objects.compiled().prefetch_related("arms", phases)
    for experiment in sorted(rows, key=_running_last):
        *_ended, phase = experiment.phases.all()
        if experiment.offer_id is not None:
            by_offer[experiment.offer_id] = _compile(experiment, phase)
        elif experiment.quarter:
            runs = experiment.status == Experiment.Status.RUNNING
            by_quarter[experiment.quarter] = _compile(experiment, phase) if runs else None
    return CompiledExperiments(by_offer=by_offer, by_quarter=by_quarter)


def _running_last(experiment: Experiment) -> tuple[bool, datetime | None]:
    """Of several about one offer, the running one counts, else the one that was stopped last."""
    stopped_at = experiment.stopped_at
    return stopped_at is None, stopped_at or experiment.started_at


def _compile(experiment: Experiment, phase: ExperimentPhase) -> CompiledExperiment:
    raised_at: datetime | None = experiment.raised_at  # type: ignore[attr-defined]
    return compile_experiment(experiment, phase, raised_at=raised_at)


def compile_experiment(
    experiment: Experiment, phase: ExperimentPhase, *, raised_at: datetime | None = None
) -> CompiledExperiment:
    """Return one experiment in one of its phases. The slots follow the keys of its arms, which never change.

    `raised_at` is when more customers were let in last.
    """
    rows = sorted(
        (arm for arm in experiment.arms.all() if str(arm.pk) in phase.shares),
        key=lambda arm: arm.pk,
    )
    arms = tuple(_compiled(arm) for arm in rows)
    return CompiledExperiment(
        id=experiment.pk,
        phase_id=phase.pk,
        salt=phase.salt,
        arms=arms,
        slots=cut_slots(
            [phase.shares[str(arm.id)] for arm in arms],
            coverage_percent=experiment.coverage_percent,
        ),
        control=next(arm for arm in arms if arm.id == phase.control_id),
        window_days=phase.window_days,
        counts_from=max(phase.started_at, raised_at or phase.started_at),
        retired=tuple(_compiled(arm) for arm in experiment.arms.all() if arm not in rows),
        starts_at=experiment.starts_at,
        ends_at=min(filter(None, (experiment.ends_at, experiment.stopped_at)), default=None),
        settles_at=_settles_at(experiment, phase),
    )


def _settles_at(experiment: Experiment, phase: ExperimentPhase) -> datetime | None:
    """Return when the window of everybody is over, for an experiment that was stopped."""
    if experiment.stopped_at is None:
        return None
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    return end_of_local_days(experiment.stopped_at, phase.window_days, zone)


def _compiled(arm: ExperimentArm) -> CompiledArm:
    return CompiledArm(id=arm.pk, variant_id=arm.variant_id, is_holdout=arm.is_holdout)
