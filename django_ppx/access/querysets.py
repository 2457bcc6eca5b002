"""How to ask for keys and stored answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django_ppx.access.models import ApiKey, StoredAnswer  # noqa: F401 - named in quotes below


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, *, now: datetime) -> Self:
        """Return keys that are neither revoked nor expired."""
        unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at__isnull=True)


class StoredAnswerQuerySet(models.QuerySet["StoredAnswer"]):
    def attempted(self, *, digest: str, attempt: str) -> Self:
        """Return the answer that this attempt, and no other, is working on."""
        return self.filter(digest=digest, attempt=attempt, finished_at__isnull=True)

    def old(self, *, before: datetime) -> Self:
        return self.filter(started_at__lt=before)
