"""Who may call the API, and what it was answered."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_ppx.access.querysets import ApiKeyQuerySet, StoredAnswerQuerySet
from django_ppx.access.scopes import validate_scopes


class ApiKey(models.Model):
    """A key of the shop's backend. The secret itself is shown once and stored nowhere."""

    name = models.CharField(
        _("name"), max_length=120, help_text=_("Which program uses it: one key for each.")
    )
    prefix = models.CharField(_("key begins with"), max_length=16, help_text=_("Tells keys apart."))
    secret_hash = models.CharField(max_length=64, editable=False)
    previous_hash = models.CharField(max_length=64, blank=True, editable=False)
    previous_until = models.DateTimeField(
        _("previous secret works until"), null=True, blank=True, editable=False
    )
    scopes = models.JSONField(_("allowed"), default=list, validators=[validate_scopes])
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Empty: never.")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name", "pk"]
        permissions = [
            ("rotate_apikey", _("Can renew the secret of API keys")),
            ("revoke_apikey", _("Can revoke API keys")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["prefix"], name="ppx_apikey_prefix_unique"),
            models.CheckConstraint(
                condition=~Q(secret_hash=""),
                name="ppx_apikey_has_secret",
                violation_error_message=_("A key has a secret."),
            ),
            models.CheckConstraint(
                condition=Q(previous_hash="", previous_until__isnull=True)
                | (~Q(previous_hash="") & Q(previous_until__isnull=False)),
                name="ppx_apikey_previous_ends",
                violation_error_message=_("A previous secret works until some time."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_usable(self, *, now: datetime) -> bool:
        """Return whether it is neither revoked nor expired at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class StoredAnswer(models.Model):
    """The answer to one write, by caller and `Idempotency-Key`: the same question is answered the same.

    While `finished_at` is empty, `attempt` is being worked on; it counts as lost when it takes longer than a minute.
    """

    digest = models.CharField(
        max_length=64, help_text=_("SHA-256 of who asked and their Idempotency-Key.")
    )
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of what was asked."))
    attempt = models.CharField(max_length=32)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = StoredAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="ppx_storedanswer_digest_unique"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, status_code__isnull=True)
                | Q(finished_at__isnull=False, status_code__isnull=False),
                name="ppx_storedanswer_finished_has_status",
                violation_error_message=_("What is answered has a status."),
            ),
        ]
        indexes = [
            # what is old
            models.Index(fields=["started_at"], name="ppx_storedanswer_started"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
