"""Licences: what the shop asks for, and the register of who allowed what, when, with which text."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Scope(models.TextChoices):
    WEBSITE = "website", _("Website")
    SOCIAL = "social", _("Social media")
    ADS = "ads", _("Advertisements")


def default_scopes() -> list[str]:
    return [Scope.WEBSITE.value]


def validate_scopes(value: Any) -> None:
    """Refuse anything but a list of known scopes, each once, at least one."""
    if (
        not isinstance(value, list)
        or not value
        or any(scope not in Scope.values for scope in value)
    ):
        raise ValidationError(_("Choose at least one use."), code="scopes_unknown")
    if len(set(value)) != len(value):
        raise ValidationError(_("A use stands there twice."), code="scopes_repeated")


class UGCLicence(models.Model):
    """One version of a licence text. Once a customer agreed to it, it never changes: a new version is a new row."""

    name = models.CharField(_("name"), max_length=120, help_text=_("For you."))
    version = models.PositiveIntegerField(_("version"), default=1)
    scopes = models.JSONField(_("used for"), default=default_scopes, validators=[validate_scopes])
    term_months = models.PositiveIntegerField(
        _("term in months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("From the day of the consent. Empty: until it is revoked."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("UGC licence")
        verbose_name_plural = _("UGC licences")
        ordering = ["name", "version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version"],
                name="ppx_ugclicence_version_unique",
                violation_error_message=_("There is such a version already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class UGCLicenceText(models.Model):
    """The licence's wording in one language: the sentence beside the box, and the full text."""

    licence = models.ForeignKey(
        UGCLicence, on_delete=models.CASCADE, related_name="texts", verbose_name=_("licence")
    )
    language = models.CharField(_("language"), max_length=15)
    summary = models.CharField(
        _("sentence beside the box"),
        max_length=300,
        help_text=_("Such as: I took these pictures and allow the shop to show them."),
    )
    text = models.TextField(_("full text"), max_length=20_000)

    class Meta:
        verbose_name = _("licence text")
        verbose_name_plural = _("licence texts")
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["licence", "language"],
                name="ppx_ugclicencetext_language_unique",
                violation_error_message=_("There is a text in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.language


class UGCLicenceGrant(models.Model):
    """One consent: exactly what one customer agreed to. Revoked, never deleted, and otherwise never changed."""

    submission = models.OneToOneField(
        "django_ppx.UGCSubmission",
        on_delete=models.PROTECT,
        related_name="licence_grant",
        verbose_name=_("submission"),
    )
    licence = models.ForeignKey(
        UGCLicence, on_delete=models.PROTECT, related_name="grants", verbose_name=_("licence")
    )
    language = models.CharField(_("language"), max_length=15)
    summary = models.CharField(_("sentence beside the box"), max_length=300)
    text = models.TextField(_("full text as shown"))
    scopes = models.JSONField(_("used for"))
    minimum_age = models.PositiveSmallIntegerField(_("age confirmed"), null=True, blank=True)
    people_agreed = models.BooleanField(_("people shown agreed"), default=False)
    page = models.CharField(_("page"), max_length=300)
    granted_at = models.DateTimeField(_("granted at"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(pgettext_lazy("licence", "revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("licence", "revoked by"),
        help_text=_("Empty: the customer."),
    )
    revoked_why = models.CharField(_("why it was revoked"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("licence granted")
        verbose_name_plural = _("licences granted")
        permissions = [("revoke_ugclicencegrant", _("Can revoke licences"))]
        indexes = [
            # the register, newest first
            models.Index(fields=["granted_at"], name="ppx_ugclicencegrant_at"),
            # what ends, for ppx_run_due
            models.Index(fields=["ends_at"], name="ppx_ugclicencegrant_ends"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
