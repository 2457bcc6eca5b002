"""Changing the limits of a code that a customer has: more uses, a later end. Staff do it, and say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.rewards.advancing import NewEntry, advance
from django_ppx.rewards.ledger import StepNotPossible
from django_ppx.rewards.models import DiscountCode, Reward


class AmendRefused(Refusal):
    """The limits of a code can't be changed so."""

    class Reason(models.TextChoices):
        REVOKED = "revoked", _("A code that was withdrawn stays withdrawn.")
        FEWER_THAN_USED = "fewer_than_used", _("It has been used more often than that.")
        IN_THE_PAST = "in_the_past", _("The new end lies in the past. Revoke the code instead.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Amendment:
    """The limits as they shall be, who changes them and why. `expires_at` None: never."""

    max_uses: int
    expires_at: datetime | None
    by_id: int | None
    why: str


Reason: Final = AmendRefused.Reason


def amend_code(*, code_id: int, amendment: Amendment, now: datetime) -> DiscountCode:
    """Give the code its new limits and return it. An expired code with a later end is usable again.

    :raises AmendRefused: when that can't be; then nothing has changed.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_amend, code_id, amendment, now))


def _amend(code_id: int, amendment: Amendment, now: datetime) -> DiscountCode:
    code = DiscountCode.objects.select_for_update().get(pk=code_id)
    moved = amendment.expires_at != code.expires_at
    if code.status == DiscountCode.Status.REVOKED:
        raise AmendRefused(Reason.REVOKED)
    is_over = code.status == DiscountCode.Status.EXPIRED and not moved
    if is_over or (amendment.expires_at is not None and amendment.expires_at <= now):
        raise AmendRefused(Reason.IN_THE_PAST)
    columns: dict[str, object] = {
        "max_uses": amendment.max_uses,
        "expires_at": amendment.expires_at,
    }
    if code.status == DiscountCode.Status.EXPIRED:
        columns["status"] = DiscountCode.Status.ISSUED
    unchanged = DiscountCode.objects.filter(
        pk=code_id, status=code.status, times_used__lte=amendment.max_uses
    )
    if amendment.max_uses < 1 or not unchanged.update(**columns):
        raise AmendRefused(Reason.FEWER_THAN_USED)
    if code.reward_id is not None and (moved or amendment.max_uses != code.max_uses):
        _note(code.reward_id, amendment, now)
    code.refresh_from_db()
    return code


def _note(reward_id: int, amendment: Amendment, now: datetime) -> None:
    Reward.objects.filter(pk=reward_id).update(expires_at=amendment.expires_at)
    entry = NewEntry(kind="extended", by_id=amendment.by_id, why=clean_text(amendment.why, 200))
    try:
        advance(reward_id=reward_id, entries=[entry], now=now)
    except StepNotPossible:  # taken back, while an order still held its code
        return
