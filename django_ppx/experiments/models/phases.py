"""What was fixed at a start: an experiment whose shares change goes on in a new phase, analysed apart."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models.experiments import Experiment, ExperimentArm, Metric


class ExperimentPhase(models.Model):
    """The frozen terms of one stretch of an experiment. Its columns never change, but for the end."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="phases", verbose_name=_("experiment")
    )
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    salt = models.CharField(_("salt"), max_length=32, editable=False)
    shares = models.JSONField(
        _("shares"), encoder=DjangoJSONEncoder, help_text=_("Weight of each arm, by its key.")
    )
    control = models.ForeignKey(
        ExperimentArm, on_delete=models.PROTECT, related_name="+", verbose_name=_("control")
    )
    primary_metric = models.CharField(_("decided by"), max_length=20, choices=Metric.choices)
    secondary_metrics = models.JSONField(_("also shown"), default=list)
    window_days = models.PositiveSmallIntegerField(_("within (days)"))
    plan = models.CharField(_("plan"), max_length=20, choices=Experiment.Plan.choices)
    planned_customers = models.PositiveIntegerField(_("planned customers"))
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    winsor_cap_minor = models.BigIntegerField(
        _("largest order that counts, minor units"),
        null=True,
        blank=True,
        help_text=_("The 99th percentile of the orders before the start. Empty: no cap."),
    )
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    start_day_no = models.IntegerField(_("first day, as a number"))

    class Meta:
        verbose_name = _("experiment phase")
        verbose_name_plural = _("experiment phases")
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "number"], name="ppx_experimentphase_number_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.experiment_id}.{self.number}"
