"""Who saw what for the first time: the row that every result is counted from."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models.experiments import Experiment, ExperimentArm
from django_ppx.experiments.models.phases import ExperimentPhase
from django_ppx.experiments.querysets import ExperimentExposureQuerySet


class ExperimentExposure(models.Model):
    """The first time a person was shown an arm, or would have been. It fixes their arm for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="exposures", verbose_name=_("experiment")
    )
    phase = models.ForeignKey(
        ExperimentPhase, on_delete=models.CASCADE, related_name="exposures", verbose_name=_("phase")
    )
    arm = models.ForeignKey(
        ExperimentArm, on_delete=models.PROTECT, related_name="exposures", verbose_name=_("arm")
    )
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.CASCADE,
        related_name="experiment_exposures",
        verbose_name=_("customer"),
    )
    purchase = models.ForeignKey(
        "django_ppx.Purchase",
        on_delete=models.CASCADE,
        related_name="experiment_exposures",
        verbose_name=_("purchase"),
        help_text=_("The order whose page it was. It never counts as an outcome."),
    )
    placement = models.CharField(_("placement"), max_length=20)
    exposed_at = models.DateTimeField(_("exposed at"))
    day_no = models.IntegerField(_("day number"))
    window_ends_at = models.DateTimeField(
        _("window ends at"), help_text=_("The first instant that does not count any more.")
    )
    is_crossover = models.BooleanField(
        _("saw two arms"),
        default=False,
        help_text=_("A guest and an account turned out to be one person, and had seen both."),
    )

    objects = ExperimentExposureQuerySet.as_manager()

    class Meta:
        verbose_name = _("experiment exposure")
        verbose_name_plural = _("experiment exposures")
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "customer"], name="ppx_experimentexposure_once"
            )
        ]
        indexes = [
            # one day's look: insights.measuring
            models.Index(fields=["phase", "day_no"], name="ppx_exposure_phase_day"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
