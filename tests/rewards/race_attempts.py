"""What each process of a race does over and over: the real thing, and the naive control that must race."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from django_ppx import codes
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_order


def redeem(code: str, number: str) -> str:
    """Redeem through the front door, on its own. Return "ok", or the machine reason of the refusal."""
    try:
        codes.redeem(code, order=make_order(number=number))
    except codes.RedemptionRefused as refusal:
        return str(refusal.reason)
    return "ok"


def check_out(code: str, number: str) -> str:
    """Redeem inside a transaction of the host, which writes its own order first and gives it up when refused."""
    try:
        with transaction.atomic():
            Group.objects.create(name=number)
            codes.redeem(code, order=make_order(number=number))
    except codes.RedemptionRefused as refusal:
        return str(refusal.reason)
    return "ok"


def check_then_write(code: str, number: str) -> str:
    """Look whether a use is left, and then take it: what every shop writes first."""
    row = DiscountCode.objects.get(code=code)
    if row.times_used >= row.max_uses:
        return "used_up"
    row.times_used += 1
    row.save(update_fields=["times_used"])
    CodeRedemption.objects.create(
        code=row,
        order_ref=number,
        status=CodeRedemption.Status.REDEEMED,
        currency="EUR",
        discount_minor=500,
        redeemed_at=timezone.now(),
    )
    return "ok"
