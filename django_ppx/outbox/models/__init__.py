"""What must leave: rows written with the change that they tell of, and sent afterwards."""

from __future__ import annotations

from django_ppx.outbox.models.mails import OutboxMail
from django_ppx.outbox.models.webhooks import (
    OutboxWebhook,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookEvent,
)

__all__ = ["OutboxMail", "OutboxWebhook", "WebhookAttempt", "WebhookEndpoint", "WebhookEvent"]
