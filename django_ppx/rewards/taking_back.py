"""Taking rewards back because staff decide so. What an undone order takes back is in `undoing`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.rewards.advancing import NewEntry
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.undoing import take_back


class TakingBackRefused(Refusal):
    """The reward can't be taken back."""

    class Reason(models.TextChoices):
        USED = "used", _("What was used already can't be taken back.")


def take_rewards_back(
    *, reward_ids: Iterable[int], by_id: int | None, why: str, now: datetime
) -> int:
    """Take the rewards back, with their codes, and return how many still could be.

    What was used already stays used; those, and what was taken back before, are left as they are.

    :raises TransactionConflict: see `run_retrying`.
    """
    entry = NewEntry(kind="reversed", by_id=by_id, why=clean_text(why, 200))
    return sum(
        run_retrying(partial(_take_back, reward_id, entry, now))
        for reward_id in sorted(set(reward_ids))
    )


def take_reward_back(*, reward_id: int, by_id: int | None, why: str, now: datetime) -> Reward:
    """Take one reward back, with its code, and return it; one that was taken back before is left as it is.

    :raises TakingBackRefused: when it was used already.
    :raises Reward.DoesNotExist: when there is none.
    :raises TransactionConflict: see `run_retrying`.
    """
    entry = NewEntry(kind="reversed", by_id=by_id, why=clean_text(why, 200))

    def take() -> Reward:
        _take_back(reward_id, entry, now)
        reward = Reward.objects.select_for_update().get(pk=reward_id)
        if reward.status != Reward.Status.REVERSED:
            raise TakingBackRefused(TakingBackRefused.Reason.USED)
        return reward

    return run_retrying(take)


def _take_back(reward_id: int, entry: NewEntry, now: datetime) -> bool:
    # Code first, reward second: an order that uses the code this moment holds its row.
    code = DiscountCode.objects.select_for_update().filter(reward=reward_id).first()
    if not Reward.objects.filter(pk=reward_id).returnable().exists():
        return False
    return take_back(reward_id=reward_id, code=code, entry=entry, now=now)
