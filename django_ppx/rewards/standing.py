"""What a code is at one moment, in one word: usable, not yet, used up, expired, revoked or in the pool."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.models import DiscountCode


class Standing(models.TextChoices):
    POOLED = "pooled", _("In the pool")
    WAITING = "waiting", _("Not yet")
    USABLE = "usable", _("Usable")
    USED_UP = "used_up", _("Used")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


def standing_of(code: DiscountCode, *, now: datetime) -> Standing:
    """Return where the code stands at `now`; what staff decided comes first, then use, then time."""
    if code.status == DiscountCode.Status.REVOKED:
        return Standing.REVOKED
    if code.status == DiscountCode.Status.POOLED:
        return Standing.POOLED
    if code.times_used >= code.max_uses:
        return Standing.USED_UP
    if code.status == DiscountCode.Status.EXPIRED or (
        code.expires_at is not None and now >= code.expires_at
    ):
        return Standing.EXPIRED
    if code.starts_at is not None and now < code.starts_at:
        return Standing.WAITING
    return Standing.USABLE


def in_standing(
    codes: models.QuerySet[DiscountCode], standing: str, *, now: datetime
) -> models.QuerySet[DiscountCode]:
    """Return the codes of which `standing_of` says `standing`; all of them for an unknown word."""
    chosen = DiscountCode.objects.all()
    if standing == Standing.USABLE:
        chosen = chosen.redeemable(now=now)
    elif standing == Standing.POOLED:
        chosen = chosen.pooled()
    elif standing == Standing.WAITING:
        chosen = chosen.waiting(now=now)
    elif standing == Standing.USED_UP:
        chosen = chosen.used_up()
    elif standing == Standing.EXPIRED:
        chosen = chosen.expired(now=now)
    elif standing == Standing.REVOKED:
        chosen = chosen.revoked()
    else:
        return codes
    return codes & chosen
