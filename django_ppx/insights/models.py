"""What is kept of each day's look at an experiment. Written once: what staff saw then stays."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models import ExperimentPhase
from django_ppx.experiments.sample_ratio import RatioState


class ExperimentLook(models.Model):
    """The figures of one phase as of one complete local day, and what followed from them.

    `arms` are sums per arm (`insights.sums` has their shape), `results` what was made of them (`insights.looks`).
    """

    phase = models.ForeignKey(
        ExperimentPhase, on_delete=models.CASCADE, related_name="looks", verbose_name=_("phase")
    )
    day_no = models.IntegerField(
        _("day number"), help_text=_("The look is taken as of the end of this local day.")
    )
    local_date = models.DateField(_("local day"))
    taken_at = models.DateTimeField(_("taken at"))
    arms = models.JSONField(_("sums per arm"))
    results = models.JSONField(_("results"))
    ratio_state = models.CharField(
        _("sample ratio"),
        max_length=10,
        choices=[
            (RatioState.CLEAN.value, _("clean")),
            (RatioState.AMBER.value, _("odd")),
            (RatioState.RED.value, _("broken")),
        ],
    )

    class Meta:
        verbose_name = _("experiment look")
        verbose_name_plural = _("experiment looks")
        constraints = [
            models.UniqueConstraint(fields=["phase", "day_no"], name="ppx_experimentlook_once")
        ]

    def __str__(self) -> str:
        return f"{self.phase_id} {self.local_date}"
