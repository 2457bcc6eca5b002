"""The arms of a draft. From the start on they are fixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from django_ppx.experiments.changing import CannotChange
from django_ppx.experiments.models import Experiment, ExperimentArm


def set_arms(*, experiment: Experiment, weights: Mapping[Any, int]) -> None:
    """Give a draft an arm for each variant with a weight, and no others. Safe to run twice.

    :raises CannotChange: when it is no draft, or a variant is of another offer.
    """
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if mine.status != Experiment.Status.DRAFT:
            raise CannotChange(gettext("It was started: who sees what is fixed."))
        if any(variant.offer_id != mine.offer_id for variant in weights):
            raise CannotChange(gettext("A variant is not one of this offer."))
        mine.arms.all().delete()
        ExperimentArm.objects.bulk_create(
            ExperimentArm(experiment=mine, variant=variant, label=variant.label, weight=weight)
            for variant, weight in weights.items()
            if weight
        )
