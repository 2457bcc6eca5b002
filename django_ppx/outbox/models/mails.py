"""Mails: written with the change that they tell of, and sent afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ppx.outbox.querysets import OutboxMailQuerySet


class OutboxMail(models.Model):
    """One mail to one person, written once and sent at least once.

    `due_at` is when it is tried next; of a mail that ended, when it did, until its text and address are emptied.
    `attempts` counts what was begun, so a run that is overtaken can't undo what the next one did.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", pgettext_lazy("mail", "cancelled")

    key = models.CharField(
        _("key"), max_length=191, help_text=_("What this mail is. The same key is the same mail.")
    )
    to = models.CharField(_("to"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=191)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(_("being sent until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = OutboxMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        permissions = [
            ("read_outboxmail", _("Can read the text of mails")),
            ("resend_outboxmail", _("Can send failed mails again")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ppx_outboxmail_key_unique"),
            models.UniqueConstraint(fields=["message_id"], name="ppx_outboxmail_message_id_unique"),
            models.CheckConstraint(
                condition=~Q(status="waiting") | (Q(due_at__isnull=False) & ~Q(to="")),
                name="ppx_outboxmail_waiting_is_due",
                violation_error_message=_("A waiting mail has an address and is due some time."),
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
                name="ppx_outboxmail_sent_at",
                violation_error_message=_("What was sent says when, and nothing else does."),
            ),
        ]
        indexes = [
            # what is due, and what is old
            models.Index(fields=["status", "due_at"], name="ppx_outboxmail_due"),
            # the admin list, newest first
            models.Index(fields=["created_at"], name="ppx_outboxmail_created"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_emptied(self) -> bool:
        """Return whether its days are over: text and address are gone."""
        return not self.to
