"""Many codes at once: drawn for staff, or imported from elsewhere."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.models.benefits import Benefit

LARGEST_BATCH = 1_000_000


class CodeBatch(models.Model):
    """One order for many codes. `made` says how far it has come; whoever goes on, goes on from there."""

    class Kind(models.TextChoices):
        DRAWN = "drawn", _("drawn")
        IMPORTED = "imported", _("imported")

    class Status(models.TextChoices):
        RUNNING = "running", _("being made")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    name = models.CharField(
        _("name"), max_length=120, help_text=_("For you: where these codes go.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.DRAWN)
    benefit = models.ForeignKey(
        Benefit, on_delete=models.PROTECT, related_name="batches", verbose_name=_("benefit")
    )
    terms = models.JSONField(_("terms"), help_text=_("A frozen copy of the benefit."))
    requested = models.PositiveIntegerField(
        _("how many codes"),
        default=0,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_BATCH)],
    )
    made = models.PositiveIntegerField(_("made so far"), default=0)
    duplicates = models.PositiveIntegerField(_("duplicates"), default=0)
    rejected = models.PositiveIntegerField(_("lines that are no code"), default=0)
    report = models.JSONField(
        _("report"),
        default=list,
        blank=True,
        help_text=_("The first lines that were not taken: number, text, why."),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.RUNNING
    )
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("codes expire at"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch of codes")
        verbose_name_plural = _("batches of codes")
        permissions = [
            ("generate_codebatch", _("Can make codes")),
            ("import_codebatch", _("Can import codes")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="imported") | models.Q(made__lte=models.F("requested")),
                name="ppx_codebatch_made_within_request",
                violation_error_message=_("A batch can't have more codes than asked for."),
            )
        ]

    def __str__(self) -> str:
        return self.name
