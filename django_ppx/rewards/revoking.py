"""Withdrawing codes. What was redeemed before stays redeemed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from django_ppx.core.texts import clean_text
from django_ppx.rewards.models import DiscountCode


def revoke_codes(
    *, code_ids: Iterable[int], by: AbstractBaseUser | None, reason: str, now: datetime
) -> int:
    """Withdraw the codes and return how many were not withdrawn before: those keep their first date and reason."""
    return DiscountCode.objects.filter(
        pk__in=list(code_ids), status=DiscountCode.Status.ISSUED
    ).update(
        status=DiscountCode.Status.REVOKED,
        revoked_at=now,
        revoked_by=by.pk if by is not None else None,
        revoke_reason=clean_text(reason, 200),
    )
