"""Why something is rejected or taken down: data, so that every customer hears the same words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UGCReason(models.Model):
    """One reason that staff can choose."""

    name = models.CharField(_("name"), max_length=120, help_text=_("For you."))
    priority = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Lowest first; the first nine have a key each.")
    )
    is_active = models.BooleanField(_("can be chosen"), default=True)

    class Meta:
        verbose_name = _("reason for a decision")
        verbose_name_plural = _("reasons for decisions")
        ordering = ["priority", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class UGCReasonText(models.Model):
    """What the customer reads, in one language."""

    reason = models.ForeignKey(
        UGCReason, on_delete=models.CASCADE, related_name="texts", verbose_name=_("reason")
    )
    language = models.CharField(_("language"), max_length=15)
    text = models.TextField(
        _("sentence for the customer"),
        max_length=1000,
        help_text=_("Says what was not fitting, and what would be."),
    )

    class Meta:
        verbose_name = _("text of a reason")
        verbose_name_plural = _("texts of reasons")
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reason", "language"],
                name="ppx_ugcreasontext_language_unique",
                violation_error_message=_("There is a text in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.language
