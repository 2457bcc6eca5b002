"""Rewards that staff, or a program of the shop's, give of their own accord: a goodwill gift, an apology."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.models import Benefit, Reward
from django_ppx.rewards.recipients import Recipient
from django_ppx.rewards.terms import FrozenTerms


class GivingRefused(Refusal):
    """The reward can't be given."""

    class Reason(models.TextChoices):
        NO_CODES_LEFT = (
            "no_codes_left",
            _("No imported code of this benefit is left. Import more, or choose another benefit."),
        )
        REFERENCE_USED = (
            "reference_used",
            _("This reference stands for another reward already."),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class GiftOfStaff:
    """What staff give to whom, and why. Given twice with one `key`, the customer gets it once."""

    key: str
    recipient: Recipient
    benefit: Benefit
    reason_type: str
    reason: str
    by_id: int | None


def give_reward(*, gift: GiftOfStaff, now: datetime) -> Reward:
    """Return the reward that was given, the same one however often it is asked for.

    :raises GivingRefused: when there is nothing to give; then nothing has changed.
    :raises TransactionConflict: see `run_retrying`.
    """
    purchase = gift.recipient.purchase
    request = RewardRequest(
        reason_key=_reason_key(gift),
        reason_type=gift.reason_type,
        benefit_id=gift.benefit.pk,
        terms=FrozenTerms.of(gift.benefit),
        customer_id=gift.recipient.customer.pk,
        purchase_id=None if purchase is None else purchase.pk,
        reason=clean_text(gift.reason, 200),
        granted_by_id=gift.by_id,
    )
    rewards = run_retrying(partial(grant_rewards, requests=[request], now=now))
    if not rewards:
        raise GivingRefused(GivingRefused.Reason.NO_CODES_LEFT)
    return rewards[0]


def give_by_reference(*, gift: GiftOfStaff, giver: models.QuerySet[Any], now: datetime) -> Reward:
    """Return the reward that `gift.key` stands for, given now unless it was before.

    Unlike in a form, one key is one reward, whoever it is for: those of one giver queue at the row of `giver`.

    :raises GivingRefused: when there is nothing to give, or the key stands for another reward already.
    :raises TransactionConflict: see `run_retrying`.
    """

    def give() -> Reward:
        list(giver.select_for_update())
        # A locking read: the newest committed row, also where the transaction reads from a snapshot.
        found = Reward.objects.select_for_update().by_reason([_reason_key(gift)]).first()
        if found is None:
            return give_reward(gift=gift, now=now)
        if not _is_the_same(found, gift):
            raise GivingRefused(GivingRefused.Reason.REFERENCE_USED)
        return found

    return run_retrying(give)


def _is_the_same(reward: Reward, gift: GiftOfStaff) -> bool:
    purchase = gift.recipient.purchase
    return (
        reward.reason_key == _reason_key(gift)  # a column may compare without case
        and reward.customer_id == gift.recipient.customer.pk
        and reward.benefit_id == gift.benefit.pk
        and reward.purchase_id == (None if purchase is None else purchase.pk)
    )


def _reason_key(gift: GiftOfStaff) -> str:
    return f"staff:{clean_text(gift.key, 100)}"
