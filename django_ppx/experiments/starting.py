"""Starting an experiment: from here on its terms are frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.crypto import get_random_string
from django.utils.translation import gettext

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number
from django_ppx.core.models import PurchaseEntry
from django_ppx.exceptions import PpxError
from django_ppx.experiments.models import (
    Experiment,
    ExperimentArm,
    ExperimentDecision,
    ExperimentPhase,
)
from django_ppx.experiments.models.experiments import MONEY, NEEDS_THE_OFFER
from django_ppx.experiments.samples import NotComputable
from django_ppx.experiments.statistics import winsor_cap

_CAP_DAYS: Final = 365
_CAP_ORDERS: Final = 50_000
_FEWEST_FOR_CAP: Final = 100


class CannotStart(PpxError):
    """The experiment can't start. The text is a sentence for staff."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyTerms:
    """In which currency money is counted, and the largest order that counts in full (None: any)."""

    currency: str
    winsor_cap_minor: int | None


def start_problems(experiment: Experiment) -> tuple[str, ...]:
    """Return what stops a draft from being started, a sentence each."""
    problems = []
    if experiment.status != Experiment.Status.DRAFT:
        problems.append(gettext("It was started before."))
    arms = _weighted_arms(experiment)
    if len(arms) + bool(experiment.holdout_percent) < 2:
        problems.append(gettext("It needs two sides: two variants, or a variant and nothing."))
    if any(arm.variant is None or arm.variant.offer_id != experiment.offer_id for arm in arms):
        problems.append(gettext("A variant is not one of this offer."))
    elif any(not arm.variant.texts.exists() for arm in arms if arm.variant is not None):
        problems.append(gettext("A variant has no text."))
    if not experiment.holdout_percent and _control_of(experiment, arms) is None:
        problems.append(gettext("Say which variant the others are compared with."))
    problems += _metric_problems(experiment)
    other = Experiment.objects.filter(running_offer=experiment.offer_id).first()
    if other is not None and experiment.offer_id is not None and other.pk != experiment.pk:
        problems.append(
            gettext("“%(name)s” runs on this offer. Stop it first.") % {"name": other.name}
        )
    return tuple(problems)


def start_experiment(
    *,
    experiment: Experiment,
    planned_customers: int | None,
    by: Any,
    now: datetime,
) -> ExperimentPhase:
    """Freeze the terms, open the first phase and return it. Customers take part from the commit on.

    `planned_customers` is the planner's figure, for an experiment that names none of its own.

    :raises CannotStart: when something stands in the way, or no size is planned.
    """
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().get(pk=experiment.pk)
        for problem in start_problems(mine):
            raise CannotStart(problem)
        size = mine.planned_customers or planned_customers
        if not size or size < 2:
            raise CannotStart(gettext("Say how many customers are planned, or let the planner."))
        arms = _weighted_arms(mine)
        control = _control_of(mine, arms)
        if mine.holdout_percent:
            control = _holdout_arm(mine)
        if control is None:
            raise CannotStart(gettext("Say which variant the others are compared with."))
        mine.status, mine.started_at = Experiment.Status.RUNNING, now
        mine.running_offer, mine.planned_customers = mine.offer, size
        try:
            with transaction.atomic():
                mine.save()
        except IntegrityError as error:
            raise CannotStart(
                gettext("Another experiment has just been started on this offer.")
            ) from error
        shares = shares_of(mine, {arm.pk: arm.weight for arm in arms}, control)
        phase = open_first_phase(mine, shares=shares, control=control, now=now)
        ExperimentDecision.objects.create(
            experiment=mine,
            phase=phase,
            action=ExperimentDecision.Action.STARTED,
            reason=mine.hypothesis,
            made_at=now,
            made_by=by,
            snapshot={"planned_customers": size, "shares": shares},
        )
    experiment.refresh_from_db()
    return phase


def open_first_phase(
    experiment: Experiment, *, shares: Mapping[str, int], control: ExperimentArm, now: datetime
) -> ExperimentPhase:
    """Store the first phase, with the experiment's terms as they stand."""
    money = money_terms(now=now)
    starts = max(now, experiment.starts_at) if experiment.starts_at else now
    return ExperimentPhase.objects.create(
        experiment=experiment,
        number=1,
        salt=get_random_string(16),
        shares=dict(shares),
        control=control,
        primary_metric=experiment.primary_metric,
        secondary_metrics=list(experiment.secondary_metrics),
        window_days=experiment.window_days,
        plan=experiment.plan,
        planned_customers=experiment.planned_customers or 2,
        currency=money.currency,
        winsor_cap_minor=money.winsor_cap_minor,
        started_at=starts,
        start_day_no=day_number(starts, ZoneInfo(ppx_settings.PPX_TIME_ZONE)),
    )


def shares_of(
    experiment: Experiment, weights: Mapping[int, int], control: ExperimentArm
) -> dict[str, int]:
    """Return the weight of each arm by its key, whole numbers, the holdout's among them.

    Weights 1 and 1 with 10 % held out: {"…": 90, "…": 90, "…": 20}.
    """
    shown = 100 - experiment.holdout_percent
    shares = {str(pk): weight * shown for pk, weight in weights.items() if weight}
    if experiment.holdout_percent:
        shares[str(control.pk)] = sum(weights.values()) * experiment.holdout_percent
    return shares


def money_terms(*, now: datetime) -> MoneyTerms:
    """Return the currency of most orders of the last year, and the 99th percentile of their net amounts.

    The newest 50,000 orders are looked at; below 100 there is no cap.
    """
    today = day_number(now, ZoneInfo(ppx_settings.PPX_TIME_ZONE))
    orders = PurchaseEntry.objects.filter(
        type=PurchaseEntry.Type.PURCHASE, order_day_no__gte=today - _CAP_DAYS
    )
    named = ppx_settings.PPX_BASE_CURRENCY or ppx_settings.PPX_CURRENCY
    most = orders.values("base_currency").annotate(n=Count("pk")).order_by("-n", "base_currency")
    currency = named or next((row["base_currency"] for row in most[:1]), "")
    newest = (
        orders.filter(base_currency=currency, base_net_minor__isnull=False)
        .order_by("-order_day_no", "-pk")
        .values_list("base_net_minor", flat=True)[:_CAP_ORDERS]
    )
    amounts = [amount for amount in newest if amount is not None]
    if len(amounts) < _FEWEST_FOR_CAP:
        return MoneyTerms(currency=currency, winsor_cap_minor=None)
    try:
        return MoneyTerms(currency=currency, winsor_cap_minor=int(winsor_cap(amounts)))
    except NotComputable:
        return MoneyTerms(currency=currency, winsor_cap_minor=None)


def _metric_problems(experiment: Experiment) -> list[str]:
    problems = []
    metric: Any = experiment.primary_metric
    if experiment.holdout_percent and metric in NEEDS_THE_OFFER:
        problems.append(
            gettext("Who is shown nothing can't do that. Decide by what customers buy instead.")
        )
    if experiment.plan == Experiment.Plan.EXACT and metric in MONEY:
        problems.append(gettext("Exact counts are for a yes or no, not for money."))
    return problems


def _weighted_arms(experiment: Experiment) -> list[ExperimentArm]:
    return [
        arm
        for arm in experiment.arms.select_related("variant")
        if arm.weight and not arm.is_holdout
    ]


def _control_of(experiment: Experiment, arms: Sequence[ExperimentArm]) -> ExperimentArm | None:
    named = experiment.control_label
    if not named:
        return arms[0] if arms else None
    return next((arm for arm in arms if arm.label == named), None)


def _holdout_arm(experiment: Experiment) -> ExperimentArm:
    arm, _created = ExperimentArm.objects.get_or_create(
        experiment=experiment,
        is_holdout=True,
        defaults={"label": _free_label(experiment, gettext("Nothing shown")), "weight": 0},
    )
    return arm


def _free_label(experiment: Experiment, wanted: str) -> str:
    """Return `wanted`, with a number if a variant is called that: "Nothing shown 2"."""
    taken = {arm.label.casefold() for arm in experiment.arms.all()}
    numbered = (f"{wanted} {number}" for number in count(2))
    return next(label for label in chain([wanted], numbered) if label.casefold() not in taken)
