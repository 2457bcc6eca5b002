"""Reading the stored looks of a phase back, as the values that pages show. Nothing is measured here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count
from django.db.models.fields.json import KeyTransform

from django_ppx.core.calendar import day_of_number
from django_ppx.experiments.models import ExperimentArm, ExperimentExposure, ExperimentPhase
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.insights.figures import arm_figures, increments_of
from django_ppx.insights.looks import LookResults, interval_from_json
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.results import (
    ArmResult,
    Counted,
    DayPoint,
    ExperimentResult,
    Progress,
    RatioResult,
)
from django_ppx.insights.sums import ArmSums, sums_from_json, total_of
from django_ppx.insights.verdicts import verdict_of

RATE_DAYS: Final = 14
"""Over how many last days customers are counted to tell when the planned size is reached."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _StoredLook:
    day_no: int
    ratio_state: str
    arms: Mapping[str, Any]
    primary: Mapping[str, Any]
    obstacles: list[str]

    @property
    def exposed(self) -> int:
        return sum(arm["exposed"] for arm in self.arms.values())


def load_result(*, phase: ExperimentPhase, now: datetime) -> ExperimentResult:
    """Return everything that is known of `phase` at `now`. Four queries, whatever the number of customers and days.

    All figures are those of the last stored look; customers exposed since are in `progress.exposed` alone (and,
    before the first look, in `exposed` of the arms).
    """
    arms = [arm for arm in _arms(phase) if phase.shares.get(str(arm.pk))]
    last = phase.looks.order_by("-day_no").first()
    looks = _stored_looks(last) if last else []
    since = _exposed_since(phase, last.day_no if last else None, now)
    sums = sums_from_json(last.arms) if last else {}
    results = LookResults.from_json(last.results) if last else None
    whole = sum(phase.shares.values())
    shown = tuple(
        ArmResult(
            arm_id=arm.pk,
            label=arm.label,
            is_control=arm.pk == phase.control_id,
            is_holdout=arm.is_holdout,
            share=phase.shares[str(arm.pk)] / whole,
            exposed=_sums(sums, arm).exposed if last else since.get(arm.pk, 0),
            matured=_sums(sums, arm).matured,
            crossovers=_sums(sums, arm).crossovers,
            figures=arm_figures(arm.pk, _sums(sums, arm), phase=phase, results=results),
        )
        for arm in arms
    )
    return ExperimentResult(
        phase_id=phase.pk,
        phase_number=phase.number,
        as_of=day_of_number(last.day_no) if last else None,
        verdict=verdict_of(results, {arm.pk: arm.label for arm in arms}),
        primary=Counted(phase.primary_metric),
        secondary=tuple(Counted(metric) for metric in phase.secondary_metrics),
        currency=phase.currency,
        arms=shown,
        days=tuple(_day_point(look, arms) for look in looks),
        increments=increments_of(shown, results, currency=phase.currency),
        progress=_progress(phase, looks, since=sum(since.values())),
        ratio=results.ratio
        if results
        else RatioResult(state=RatioState.CLEAN, p_value=None, always_valid_p=1.0),
        crossovers=total_of(sums.values(), "crossovers"),
        other_currency_customers=total_of(sums.values(), "other_currency"),
    )


def _arms(phase: ExperimentPhase) -> list[ExperimentArm]:
    return list(ExperimentArm.objects.filter(experiment=phase.experiment_id))


def _sums(sums: Mapping[int, ArmSums], arm: ExperimentArm) -> ArmSums:
    return sums.get(arm.pk, ArmSums())


def _stored_looks(last: ExperimentLook) -> list[_StoredLook]:
    """Return all looks of the phase up to `last`, with what the charts need: a small part of a look's results."""
    rows = ExperimentLook.objects.filter(phase=last.phase_id, day_no__lte=last.day_no)
    parts = {name: KeyTransform(name, "results") for name in ("primary", "obstacles")}
    columns = ("day_no", "ratio_state", "arms", *parts)
    found = rows.order_by("day_no").annotate(**parts).values(*columns)
    return [_StoredLook(**row) for row in found]


def _exposed_since(phase: ExperimentPhase, day_no: int | None, now: datetime) -> dict[int, int]:
    """Return the customers of each arm who came after the last look: few rows, by an index."""
    rows = ExperimentExposure.objects.counted().filter(phase=phase, exposed_at__lte=now)
    if day_no is not None:
        rows = rows.filter(day_no__gt=day_no)
    return dict(rows.order_by().values_list("arm").annotate(Count("pk")))


def _day_point(look: _StoredLook, arms: Sequence[ExperimentArm]) -> DayPoint:
    """Return a look as a point of the chart; one that was held back has no interval."""
    trails = {arm.label: look.primary[str(arm.pk)] for arm in arms if str(arm.pk) in look.primary}
    return DayPoint(
        day=day_of_number(look.day_no),
        customers=sum(arm["matured"] for arm in look.arms.values()),
        exposed={
            arm.label: look.arms[str(arm.pk)]["new"] for arm in arms if str(arm.pk) in look.arms
        },
        differences={
            label: each["difference"]["difference"] if each["difference"] else None
            for label, each in trails.items()
        },
        intervals={
            label: None if look.obstacles else interval_from_json(each["trail"]["interval"])
            for label, each in trails.items()
        },
        ratio_state=RatioState(look.ratio_state),
    )


def _progress(phase: ExperimentPhase, looks: Sequence[_StoredLook], *, since: int) -> Progress:
    matured = sum(arm["matured"] for arm in looks[-1].arms.values()) if looks else 0
    planned = phase.planned_customers
    return Progress(
        matured=matured,
        exposed=(looks[-1].exposed if looks else 0) + since,
        planned=planned,
        share=min(matured / planned, 1.0) if planned else 1.0,
        expected=_expected(phase, looks),
    )


def _expected(phase: ExperimentPhase, looks: Sequence[_StoredLook]) -> date | None:
    """Return the day on which the planned size has matured, at the rate of the last days that were looked at.

    1,000 planned, 300 exposed as of day 10 and 20 a day: day 45 has the last of them, who matures D days later.
    None without a look, without new customers, and where nobody new is exposed any more.
    """
    reached = next((look.day_no for look in looks if look.exposed >= phase.planned_customers), None)
    if reached is None:
        if not looks or phase.ended_at is not None:
            return None
        last = looks[-1]
        first_day = max(phase.start_day_no, last.day_no - RATE_DAYS + 1)
        before = [look.exposed for look in looks if look.day_no < first_day]
        new = last.exposed - (before[-1] if before else 0)
        if new <= 0:
            return None
        rate = new / (last.day_no - first_day + 1)
        reached = last.day_no + math.ceil((phase.planned_customers - last.exposed) / rate)
    try:
        return day_of_number(reached + phase.window_days)
    except OverflowError:  # a customer a month, and a plan for millions: the calendar ends first
        return None
