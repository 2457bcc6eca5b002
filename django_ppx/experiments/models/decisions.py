"""What was done with an experiment, by whom and why. Written once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models.experiments import Experiment
from django_ppx.experiments.models.phases import ExperimentPhase


class ExperimentDecision(models.Model):
    """One line of the decision log, with the figures as they stood. Never changed."""

    class Action(models.TextChoices):
        STARTED = "started", _("Started")
        COVERAGE = "coverage", _("Part of customers changed")
        NEW_PHASE = "new_phase", _("Shares changed: new phase")
        STOPPED = "stopped", _("Stopped")
        DECIDED = "decided", _("Decided")
        ROLLED_OUT = "rolled_out", _("Winner rolled out")

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("experiment")
    )
    phase = models.ForeignKey(
        ExperimentPhase,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("phase"),
    )
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    arm_label = models.CharField(_("arm"), max_length=60, blank=True)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    snapshot = models.JSONField(
        _("figures"), default=dict, help_text=_("The result page's figures at that moment.")
    )

    class Meta:
        verbose_name = _("experiment decision")
        verbose_name_plural = _("experiment decisions")
        indexes = [
            # the log of one experiment
            models.Index(fields=["experiment", "made_at"], name="ppx_decision_experiment_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new line.

        :raises TypeError: for a line that is stored already.
        """
        if not self._state.adding:
            raise TypeError("A line of the decision log never changes.")
        super().save(*args, **kwargs)
