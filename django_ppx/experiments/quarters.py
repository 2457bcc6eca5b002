"""The holdout of each quarter: a few customers who see no offer of ours at all, so that all of it can be judged."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number
from django_ppx.core.models import PurchaseEntry
from django_ppx.experiments.ending import CannotEnd, stop_experiment
from django_ppx.experiments.models import Experiment, ExperimentArm, Metric
from django_ppx.experiments.quarter_names import quarter_of
from django_ppx.experiments.starting import open_first_phase, shares_of

MOST_PERCENT: Final = 50
"""A holdout is the smaller part."""

_QUARTER_DAYS: Final = 91
_FEWEST_PLANNED: Final = 1000


def current_quarter(*, now: datetime) -> str:
    """Return the quarter of `now` in the shop's zone: "2026-Q4"."""
    return quarter_of(now, ZoneInfo(ppx_settings.PPX_TIME_ZONE))


def open_quarter(*, now: datetime) -> bool:
    """Begin the holdout of this quarter as `PPX_HOLDOUT_PERCENT` says, and return whether that was new.

    Safe to run twice, and two at once. What the setting says later counts from the next quarter on. A setting that the
    system check refuses holds nobody out.
    """
    percent = ppx_settings.PPX_HOLDOUT_PERCENT
    quarter = current_quarter(now=now)
    if type(percent) is not int or not 0 < percent <= MOST_PERCENT:
        return False
    if Experiment.objects.filter(quarter=quarter).exists():
        return False
    try:
        with transaction.atomic():
            _open(quarter, percent, now)
    except IntegrityError:  # another process has just begun it
        return False
    return True


def close_quarters(*, now: datetime) -> int:
    """Stop the holdouts of quarters that are over, and return how many. Their customers are measured to the end.

    Of two processes that close one at the same moment, one does.
    """
    quarter = current_quarter(now=now)
    closed = 0
    # Names sort as quarters do: one that has just begun stays, should this clock be behind.
    for experiment in Experiment.objects.running().filter(quarter__lt=quarter):
        reason = gettext("The quarter is over.")
        try:
            stop_experiment(experiment=experiment, reason=reason, by=None, snapshot={}, now=now)
        except CannotEnd:  # another process, or staff, has just stopped it
            continue
        closed += 1
    return closed


def _open(quarter: str, percent: int, now: datetime) -> None:
    experiment = Experiment.objects.create(
        name=gettext("Holdout of %(quarter)s") % {"quarter": quarter},
        hypothesis=gettext("All offers together against none."),
        quarter=quarter,
        status=Experiment.Status.RUNNING,
        started_at=now,
        holdout_percent=percent,
        primary_metric=Metric.REPEAT,
        secondary_metrics=[Metric.REVENUE.value, Metric.MARGIN.value],
        plan=Experiment.Plan.ANYTIME,
        planned_customers=_expected_customers(now),
    )
    shown = ExperimentArm.objects.create(experiment=experiment, label=gettext("Offers shown"))
    control = ExperimentArm.objects.create(
        experiment=experiment, label=gettext("Nothing shown"), is_holdout=True, weight=0
    )
    open_first_phase(
        experiment,
        shares=shares_of(experiment, {shown.pk: 1}, control),
        control=control,
        now=now,
    )


def _expected_customers(now: datetime) -> int:
    """Return how many customers bought in the last 91 days: the sequence is narrowest near that number."""
    today = day_number(now, ZoneInfo(ppx_settings.PPX_TIME_ZONE))
    orders = PurchaseEntry.objects.filter(type="purchase", order_day_no__gte=today - _QUARTER_DAYS)
    return max(orders.values("customer").distinct().count(), _FEWEST_PLANNED)
