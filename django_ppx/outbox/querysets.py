"""How to ask for mails and webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django_ppx.outbox.models import (  # noqa: F401 - named in quotes below
        OutboxMail,
        OutboxWebhook,
        WebhookEndpoint,
    )


class OutboxMailQuerySet(models.QuerySet["OutboxMail"]):
    def unsent(self) -> Self:
        return self.filter(status="waiting")

    def due(self, *, now: datetime) -> Self:
        """Return mails to send at `now` that no other run is sending."""
        unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        return self.unsent().filter(unclaimed, due_at__lte=now)

    def resendable(self) -> Self:
        """Return mails that failed and still have their text and address."""
        return self.filter(status="failed").exclude(to="")

    def over(self, *, before: datetime) -> Self:
        """Return mails that ended before an instant. Emptied ones are not among them."""
        return self.filter(status__in=["sent", "failed", "cancelled"], due_at__lt=before)


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def active(self) -> Self:
        return self.filter(is_active__in=[True])


class OutboxWebhookQuerySet(models.QuerySet["OutboxWebhook"]):
    def unsent(self) -> Self:
        return self.filter(status="waiting")

    def due(self, *, now: datetime) -> Self:
        """Return webhooks to send at `now` that no other run is sending."""
        unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        return self.unsent().filter(unclaimed, due_at__lte=now)

    def resendable(self) -> Self:
        """Return webhooks that ended and still have their body."""
        return self.filter(status__in=["sent", "failed", "cancelled"]).exclude(body="")

    def over(self, *, before: datetime) -> Self:
        """Return webhooks that ended before an instant. Emptied ones are not among them."""
        return self.filter(status__in=["sent", "failed", "cancelled"], due_at__lt=before)
