"""How to ask for codes and redemptions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from django_ppx.rewards.models import CodeRedemption, DiscountCode  # noqa: F401 - named in quotes below


class DiscountCodeQuerySet(models.QuerySet["DiscountCode"]):
    def redeemable(self, *, now: datetime) -> Self:
        """Return codes that may be used at `now`: issued, not expired, uses left."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            status="issued",
            times_used__lt=F("max_uses"),
        )


class CodeRedemptionQuerySet(models.QuerySet["CodeRedemption"]):
    def standing(self) -> Self:
        """Return redemptions that were not given back."""
        return self.filter(released_at__isnull=True)
