"""What each connection of the benchmark does over and over: our front door, and the two ways it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from django_ppx import codes
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.shop.types import Order


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One use to be taken, with all that is known before the clock starts."""

    code: str
    code_id: int
    order: Order
    now: datetime


def redeem(attempt: Attempt) -> None:
    codes.redeem(attempt.code, order=attempt.order)


def bare_orm(attempt: Attempt) -> None:
    """One conditional update and one insert in a transaction: the least that is right, and nothing else."""
    with transaction.atomic():
        taken = DiscountCode.objects.filter(
            pk=attempt.code_id, status="issued", times_used__lt=F("max_uses")
        ).update(times_used=F("times_used") + 1)
        if not taken:
            raise RuntimeError("No use left.")
        _insert(attempt)


def locking(attempt: Attempt) -> None:
    """`select_for_update`, look, save, insert."""
    with transaction.atomic():
        code = DiscountCode.objects.select_for_update().get(pk=attempt.code_id)
        if code.times_used >= code.max_uses:
            raise RuntimeError("No use left.")
        code.times_used += 1
        code.save(update_fields=["times_used"])
        _insert(attempt)


def _insert(attempt: Attempt) -> None:
    CodeRedemption.objects.create(
        code_id=attempt.code_id,
        order_ref=attempt.order.number,
        status=CodeRedemption.Status.REDEEMED,
        currency="EUR",
        discount_minor=500,
        redeemed_at=attempt.now,
    )
