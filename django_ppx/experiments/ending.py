"""Stopping an experiment, and deciding it: who, when, why, and what the figures were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from django_ppx.exceptions import PpxError
from django_ppx.experiments.models import Experiment, ExperimentDecision, ExperimentPhase


class CannotEnd(PpxError):
    """It can't be stopped, decided or rolled out. The text is a sentence for staff."""


def stop_experiment(
    *,
    experiment: Experiment,
    reason: str,
    by: Any,
    snapshot: Mapping[str, Any],
    now: datetime,
) -> ExperimentDecision:
    """Let nobody new take part. Who did is measured until their window is over.

    :raises CannotEnd: when it does not run.
    """
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if mine.status != Experiment.Status.RUNNING:
            raise CannotEnd(gettext("It does not run."))
        phase = _end(mine, now=now)
        line = ExperimentDecision.objects.create(
            experiment=mine,
            phase=phase,
            action=ExperimentDecision.Action.STOPPED,
            reason=reason,
            made_at=now,
            made_by=by,
            snapshot=dict(snapshot),
        )
    experiment.refresh_from_db()
    return line


def decide_experiment(
    *,
    experiment: Experiment,
    arm_label: str,
    reason: str,
    by: Any,
    snapshot: Mapping[str, Any],
    now: datetime,
) -> ExperimentDecision:
    """Note what was decided, and stop the experiment if it still runs. `arm_label` "" decides for none of the arms.

    :raises CannotEnd: for a draft, one that was decided before, an arm that it does not have, or without a reason.
    """
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if mine.status not in (Experiment.Status.RUNNING, Experiment.Status.STOPPED):
            raise CannotEnd(gettext("Only an experiment that was started is decided, and once."))
        if arm_label and not mine.arms.filter(label=arm_label).exists():
            raise CannotEnd(gettext("It has no such arm."))
        if not reason.strip():
            raise CannotEnd(gettext("Say why: whoever reads it later will want to know."))
        phase = _end(mine, now=now)
        mine.status, mine.decided_at = Experiment.Status.DECIDED, now
        mine.save(update_fields=["status", "decided_at"])
        line = ExperimentDecision.objects.create(
            experiment=mine,
            phase=phase,
            action=ExperimentDecision.Action.DECIDED,
            arm_label=arm_label,
            reason=reason,
            made_at=now,
            made_by=by,
            snapshot=dict(snapshot),
        )
    experiment.refresh_from_db()
    return line


def _end(experiment: Experiment, *, now: datetime) -> ExperimentPhase | None:
    """Stop exposing and return the last phase."""
    if experiment.status == Experiment.Status.RUNNING:
        experiment.status, experiment.stopped_at = Experiment.Status.STOPPED, now
        experiment.running_offer = None
        experiment.save(update_fields=["status", "stopped_at", "running_offer"])
    last = experiment.phases.order_by("-number").first()
    if last is not None and last.ended_at is None:
        last.ended_at = now
        last.save(update_fields=["ended_at"])
    return last
