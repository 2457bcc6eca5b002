"""Codes that were tried and are none: counted against guessing, and kept for staff to see."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AttemptCount(models.Model):
    """Failed attempts from one source in one window of time. Changed by one atomic statement only."""

    source = models.CharField(
        _("source"),
        max_length=80,
        help_text=_("An address prefix or a session, as an HMAC; or all."),
    )
    window_starts_at = models.DateTimeField(_("window"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("count of attempts")
        verbose_name_plural = _("counts of attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "window_starts_at"], name="ppx_attemptcount_window_unique"
            )
        ]
        indexes = [
            # what is old is removed
            models.Index(fields=["window_starts_at"], name="ppx_attemptcount_window"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class FailedAttempt(models.Model):
    """One code that somebody tried and that was not taken."""

    at = models.DateTimeField(_("when"))
    reason = models.CharField(_("why"), max_length=30)
    typed = models.CharField(
        _("typed"), max_length=40, blank=True, help_text=_("The beginning; the rest is masked.")
    )
    address_prefix = models.CharField(_("address"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    session = models.CharField(_("session"), max_length=80, blank=True)
    code = models.ForeignKey(
        "django_ppx.DiscountCode",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="failed_attempts",
        verbose_name=_("code"),
    )

    class Meta:
        verbose_name = _("failed attempt")
        verbose_name_plural = _("failed attempts")
        indexes = [
            # the admin list, newest first, and what is old is removed
            models.Index(fields=["at"], name="ppx_failedattempt_at"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
