"""What may change while an experiment runs: how many take part, and the shares, which begins a new phase."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number
from django_ppx.exceptions import PpxError
from django_ppx.experiments.models import Experiment, ExperimentDecision, ExperimentPhase
from django_ppx.experiments.starting import shares_of


class CannotChange(PpxError):
    """The change is not possible. The text is a sentence for staff."""


def change_coverage(*, experiment: Experiment, percent: int, by: Any, now: datetime) -> None:
    """Let more customers take part. Who takes part already stays where they are, and the phase goes on.

    :raises CannotChange: when it does not run, or fewer would take part.
    """
    with transaction.atomic():
        mine = _running(experiment)
        if not mine.coverage_percent < percent <= 100:
            raise CannotChange(
                gettext("It can only be raised: from %(percent)d to at most 100 percent.")
                % {"percent": mine.coverage_percent}
            )
        before, mine.coverage_percent = mine.coverage_percent, percent
        mine.save(update_fields=["coverage_percent"])
        ExperimentDecision.objects.create(
            experiment=mine,
            phase=mine.phases.filter(ended_at__isnull=True).first(),
            action=ExperimentDecision.Action.COVERAGE,
            made_at=now,
            made_by=by,
            snapshot={"before": before, "after": percent},
        )
    experiment.refresh_from_db()


def open_phase(
    *,
    experiment: Experiment,
    weights: Mapping[int, int],
    reason: str,
    by: Any,
    now: datetime,
) -> ExperimentPhase:
    """Go on with other weights of the variants (by arm id) in a new phase, and return it.

    Who was exposed stays in their arm and in the old phase; the new one is analysed apart. It has a salt of its own, so
    that whom the old one left over is spread evenly.

    :raises CannotChange: when it does not run, the weights are not those of its arms, or nobody would be compared.
    """
    with transaction.atomic():
        mine = _running(experiment)
        last = mine.phases.select_related("control").get(ended_at__isnull=True)
        arms = {arm.pk: arm for arm in mine.arms.all() if not arm.is_holdout}
        if set(weights) != set(arms) or min(weights.values(), default=0) < 0:
            raise CannotChange(gettext("Give each variant a weight of zero or more."))
        shares = shares_of(mine, weights, last.control)
        if len(shares) < 2 or str(last.control_id) not in shares:
            raise CannotChange(gettext("The control and one other side need a weight."))
        last.ended_at = now
        last.save(update_fields=["ended_at"])
        number, last.pk, last._state.adding = last.number + 1, None, True
        last.number, last.salt, last.shares = number, get_random_string(16), shares
        last.started_at, last.ended_at = now, None
        last.start_day_no = day_number(now, ZoneInfo(ppx_settings.PPX_TIME_ZONE))
        last.save(force_insert=True)
        ExperimentDecision.objects.create(
            experiment=mine,
            phase=last,
            action=ExperimentDecision.Action.NEW_PHASE,
            reason=reason,
            made_at=now,
            made_by=by,
            snapshot={"shares": shares},
        )
    experiment.refresh_from_db()
    return last


def _running(experiment: Experiment) -> Experiment:
    mine = Experiment.objects.select_for_update().get(pk=experiment.pk)
    if mine.status != Experiment.Status.RUNNING:
        raise CannotChange(gettext("It does not run."))
    return mine
