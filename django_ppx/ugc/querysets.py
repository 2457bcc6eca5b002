"""How to ask for submissions and their media."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django_ppx.ugc.models import UGCMedia, UGCSubmission  # noqa: F401 - named in quotes below


def _published(now: datetime, prefix: str = "") -> Q:
    until = Q(**{f"{prefix}published_until__isnull": True})
    until |= Q(**{f"{prefix}published_until__gt": now})
    return Q(**{f"{prefix}status": "approved", f"{prefix}published_at__isnull": False}) & until


class UGCSubmissionQuerySet(models.QuerySet["UGCSubmission"]):
    """Submissions by what can be done with them."""

    def waiting(self) -> Self:
        """Those that staff have to decide on, longest waiting first."""
        return self.filter(status="waiting").order_by("sent_at", "pk")

    def sent(self) -> Self:
        """All that was ever sent."""
        return self.filter(sent_at__isnull=False)

    def published(self, *, now: datetime) -> Self:
        """Those that the shop may show at `now`."""
        return self.filter(_published(now))


class UGCMediaQuerySet(models.QuerySet["UGCMedia"]):
    """Photos and videos by who may see them."""

    def published(self, *, now: datetime) -> Self:
        """Those of published submissions whose files are there, newest first. Without a query of its own."""
        return (
            self.filter(_published(now, "submission__"), files_removed_at__isnull=True)
            .select_related("submission")
            .order_by("-submission__published_at", "-submission_id", "position", "pk")
        )

    def for_product(self, sku: Any) -> Self:
        return self.filter(submission__product_sku=str(sku))
