"""Taking a look: the sums of a phase as of a day, what follows from them, stored once."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_of_number, last_complete_day, start_of_local_day
from django_ppx.experiments.models import ExperimentPhase
from django_ppx.insights.judging import Terms, judge
from django_ppx.insights.looks import LookResults
from django_ppx.insights.measuring import measure_arms
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.results import Counted
from django_ppx.insights.sums import sums_as_json


def take_look(*, phase: ExperimentPhase, day_no: int, now: datetime) -> ExperimentLook:
    """Return the look at `phase` as of the end of the local day `day_no`: the stored one, or else a new one.

    A stored look never changes. Of two processes that look at the same moment one stores its look, the other returns
    that one. Looks build on each other: take them in the order of their days.

    :raises ValueError: for a day before the start or one that is not over, and for terms that can't be measured.
    """
    return find_or_take_look(phase=phase, day_no=day_no, now=now)[0]


def find_or_take_look(
    *, phase: ExperimentPhase, day_no: int, now: datetime
) -> tuple[ExperimentLook, bool]:
    """Return what `take_look` does, and whether it is new."""
    if not phase.start_day_no <= day_no <= last_complete_day(now, _zone()):
        raise ValueError("a look is taken as of a complete day since the start")
    stored = phase.looks.filter(day_no=day_no).first()
    if stored is not None:
        return stored, False
    sums = measure_arms(phase=phase, day_no=day_no)
    results = judge(
        terms_of(phase),
        sums,
        full_days=full_days(phase, day_no),
        previous=_previous(phase, day_no),
    )
    look = ExperimentLook(
        phase=phase,
        day_no=day_no,
        local_date=day_of_number(day_no),
        taken_at=now,
        arms=_checked(sums_as_json(sums)),
        results=_checked(results.as_json()),
        ratio_state=results.ratio.state.value,
    )
    try:
        with transaction.atomic():
            look.save(force_insert=True)
    except IntegrityError:  # another process has looked meanwhile
        with transaction.atomic():
            return phase.looks.select_for_update().get(day_no=day_no), False
    return look, True


def terms_of(phase: ExperimentPhase) -> Terms:
    """Return the frozen terms of `phase` as judging needs them; arms of weight zero take no part."""
    return Terms(
        control=phase.control_id,
        weights={int(arm): weight for arm, weight in sorted(phase.shares.items()) if weight},
        primary=Counted(phase.primary_metric),
        plan=phase.plan,
        planned_customers=phase.planned_customers,
    )


def full_days(phase: ExperimentPhase, day_no: int) -> int:
    """Return how many local days have passed from their first to their last moment since the start.

    Started at midnight of day 100, as of day 106 it is 7; started at noon, 6.
    """
    midnight = start_of_local_day(day_of_number(phase.start_day_no), _zone())
    return day_no - phase.start_day_no + (phase.started_at <= midnight)


def _previous(phase: ExperimentPhase, day_no: int) -> LookResults | None:
    before = phase.looks.filter(day_no__lt=day_no).order_by("-day_no").first()
    return LookResults.from_json(before.results) if before else None


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    """Return `value` if it is JSON.

    :raises ValueError: for a number that is none: no database is told "not a number".
    """
    json.dumps(value, allow_nan=False)
    return value


def _zone() -> ZoneInfo:
    return ZoneInfo(ppx_settings.PPX_TIME_ZONE)
