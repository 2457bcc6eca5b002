"""Giving every further order the winner of an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from django_ppx.experiments.ending import CannotEnd
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentDecision
from django_ppx.offers.activating import pause_offers
from django_ppx.offers.models import Offer, OfferVariant


def roll_out(
    *,
    experiment: Experiment,
    arm: ExperimentArm,
    reason: str,
    by: Any,
    snapshot: Mapping[str, Any],
    now: datetime,
) -> ExperimentDecision:
    """Show the arm's variant with every further order; where nothing shown won, pause the offer.

    Pages that have shown another variant keep it, and codes that were given stay good.

    :raises CannotEnd: when it was not decided or was rolled out before, is about no offer, or the arm is not its own.
    """
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if mine.status != Experiment.Status.DECIDED:
            raise CannotEnd(gettext("Decide it first."))
        if mine.decisions.filter(action=ExperimentDecision.Action.ROLLED_OUT).exists():
            raise CannotEnd(gettext("It was rolled out before."))
        if mine.offer_id is None or arm.experiment_id != mine.pk:
            raise CannotEnd(gettext("It has no such arm."))
        if arm.is_holdout:
            pause_offers(offers=Offer.objects.filter(pk=mine.offer_id))
        else:
            _show_alone(mine.offer_id, arm)
        return ExperimentDecision.objects.create(
            experiment=mine,
            phase=mine.phases.order_by("-number").first(),
            action=ExperimentDecision.Action.ROLLED_OUT,
            arm_label=arm.label,
            reason=reason,
            made_at=now,
            made_by=by,
            snapshot=dict(snapshot),
        )


def _show_alone(offer_id: int, arm: ExperimentArm) -> None:
    if not OfferVariant.objects.filter(pk=arm.variant_id or 0, offer=offer_id).exists():
        raise CannotEnd(gettext("Its variant is gone."))
    for variant in OfferVariant.objects.select_for_update().filter(offer=offer_id):
        weight = max(variant.weight, 1) if variant.pk == arm.variant_id else 0
        if variant.weight != weight:
            variant.weight = weight
            variant.save(update_fields=["weight"])
