"""How to ask for codes and redemptions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from django_ppx.rewards.alphabet import fold

if TYPE_CHECKING:
    from django_ppx.rewards.models import (  # noqa: F401 - named in quotes below
        CodeRedemption,
        DiscountCode,
    )


class DiscountCodeQuerySet(models.QuerySet["DiscountCode"]):
    def typed(self, text: str) -> Self:
        """Return the code that `text` names, however it is typed. What can't be a code asks nothing."""
        folded = fold(text)
        return self.filter(code=folded) if folded else self.none()

    def redeemable(self, *, now: datetime) -> Self:
        """Return codes that may be used at `now`: issued, not expired, uses left."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            status="issued",
            times_used__lt=F("max_uses"),
        )

    def revoked(self) -> Self:
        return self.filter(status="revoked")

    def used_up(self) -> Self:
        """Return codes without uses left that were not revoked."""
        return self.filter(status="issued", times_used__gte=F("max_uses"))

    def expired(self, *, now: datetime) -> Self:
        """Return codes that ran out of time at `now`, and of nothing else."""
        return self.filter(status="issued", times_used__lt=F("max_uses"), expires_at__lte=now)


class CodeRedemptionQuerySet(models.QuerySet["CodeRedemption"]):
    def standing(self) -> Self:
        """Return redemptions that were not given back."""
        return self.filter(released_at__isnull=True)
