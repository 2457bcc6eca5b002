"""Webhooks: who wants to hear of what, what is to be told, and how each attempt went."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ppx.outbox.querysets import OutboxWebhookQuerySet, WebhookEndpointQuerySet


class WebhookEvent(models.TextChoices):
    """What a shop can be told of. The values are the `type` of a message."""

    OFFER_SHOWN = "offer.shown", _("Offer shown")
    CODE_ISSUED = "code.issued", _("Code issued")
    CODE_REDEEMED = "code.redeemed", _("Code redeemed")
    UGC_APPROVED = "ugc.approved", _("Submission approved")
    REWARD_REVERSED = "reward.reversed", _("Reward taken back")


class WebhookEndpoint(models.Model):
    """One address of the shop's, or of its partners, that is told of some events. Switched off, never deleted."""

    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    is_active = models.BooleanField(
        _("on"),
        default=True,
        help_text=_("Switched off, it hears of nothing that happens meanwhile."),
    )
    secret = models.CharField(_("secret"), max_length=100, editable=False)
    previous_secret = models.CharField(
        _("previous secret"), max_length=100, blank=True, editable=False
    )
    previous_until = models.DateTimeField(
        _("previous secret is used until"), null=True, blank=True, editable=False
    )
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

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhooks: endpoints")
        ordering = ["name", "pk"]
        permissions = [("rotate_webhookendpoint", _("Can renew the secret of an endpoint"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(secret=""),
                name="ppx_webhookendpoint_has_secret",
                violation_error_message=_("An endpoint has a secret."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OutboxWebhook(models.Model):
    """One message to one endpoint, written once with the change and sent at least once.

    `due_at` is when it is tried next; of one that ended, when it did, until its body is emptied.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", pgettext_lazy("webhook", "cancelled")

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.PROTECT,
        related_name="webhooks",
        verbose_name=_("endpoint"),
    )
    key = models.CharField(
        _("key"), max_length=191, help_text=_("What it tells. Each endpoint hears it once.")
    )
    message_id = models.CharField(_("message id"), max_length=64)
    event = models.CharField(_("event"), max_length=30, choices=WebhookEvent.choices)
    body = models.TextField(_("body"), blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(_("being sent until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = OutboxWebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks: deliveries")
        permissions = [
            ("read_outboxwebhook", _("Can read the bodies of webhooks")),
            ("resend_outboxwebhook", _("Can send webhooks again")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "key"], name="ppx_outboxwebhook_endpoint_key_unique"
            ),
            models.UniqueConstraint(
                fields=["message_id"], name="ppx_outboxwebhook_message_id_unique"
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting") | (Q(due_at__isnull=False) & ~Q(body="")),
                name="ppx_outboxwebhook_waiting_is_due",
                violation_error_message=_("What waits has a body and is due some time."),
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="ppx_outboxwebhook_sent_at",
                violation_error_message=_("What was sent says when, and nothing else does."),
            ),
        ]
        indexes = [
            # what is due, and what is old
            models.Index(fields=["status", "due_at"], name="ppx_outboxwebhook_due"),
            # the admin list, newest first
            models.Index(fields=["created_at"], name="ppx_outboxwebhook_created"),
        ]

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"

    @property
    def is_emptied(self) -> bool:
        """Return whether its days are over: the body is gone."""
        return not self.body


class WebhookAttempt(models.Model):
    """How one attempt to deliver went. Append-only."""

    webhook = models.ForeignKey(
        OutboxWebhook,
        on_delete=models.CASCADE,
        related_name="log",
        verbose_name=_("webhook"),
    )
    attempted_at = models.DateTimeField(_("attempted at"))
    duration_ms = models.PositiveIntegerField(_("took (ms)"))
    status_code = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")

    def __str__(self) -> str:
        return f"#{self.pk}"
