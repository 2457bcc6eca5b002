"""From the rows of running experiments to what the page decides by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from django_ppx.experiments.assignment import CompiledArm, CompiledExperiment
from django_ppx.experiments.bucketing import cut_slots
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentPhase


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledExperiments:
    """Every running experiment: by the offer it is about, and the holdouts by their quarter ("2026-Q4").

    A quarter whose holdout was stopped is None: it is not begun again.
    """

    by_offer: Mapping[int, CompiledExperiment]
    by_quarter: Mapping[str, CompiledExperiment | None]


def compile_experiments() -> CompiledExperiments:
    """Return the running experiments, in three queries at most."""
    by_offer: dict[int, CompiledExperiment] = {}
    by_quarter: dict[str, CompiledExperiment | None] = {}
    open_phases = ExperimentPhase.objects.filter(ended_at__isnull=True)
    for experiment in Experiment.objects.compiled().prefetch_related(
        "arms", Prefetch("phases", queryset=open_phases, to_attr="open_phases")
    ):
        if experiment.quarter:
            by_quarter[experiment.quarter] = None
        for phase in experiment.open_phases:  # type: ignore[attr-defined]
            compiled = compile_experiment(experiment, phase)
            if experiment.offer_id is not None:
                by_offer[experiment.offer_id] = compiled
            elif experiment.quarter and experiment.status == Experiment.Status.RUNNING:
                by_quarter[experiment.quarter] = compiled
    return CompiledExperiments(by_offer=by_offer, by_quarter=by_quarter)


def compile_experiment(experiment: Experiment, phase: ExperimentPhase) -> CompiledExperiment:
    """Return one experiment in one of its phases. The slots follow the keys of its arms, which never change."""
    rows = sorted(
        (arm for arm in experiment.arms.all() if str(arm.pk) in phase.shares),
        key=lambda arm: arm.pk,
    )
    arms = tuple(_compiled(arm) for arm in rows)
    raised_at: datetime | None = experiment.raised_at  # type: ignore[attr-defined]
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
        ends_at=experiment.ends_at,
    )


def _compiled(arm: ExperimentArm) -> CompiledArm:
    return CompiledArm(id=arm.pk, variant_id=arm.variant_id, is_holdout=arm.is_holdout)
