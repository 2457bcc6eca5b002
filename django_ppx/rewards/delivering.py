"""Gifts and points: what the shop fulfils, by hand or through its adapter."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.rewards.advancing import NewEntry, advance
from django_ppx.rewards.ledger import StepNotPossible
from django_ppx.rewards.models import Reward
from django_ppx.rewards.terms import FrozenTerms, scaled
from django_ppx.shop.abilities import KeepsPoints
from django_ppx.shop.adapter import get_shop
from django_ppx.shop.types import Customer

logger: Final = logging.getLogger("django_ppx")

HANDED_OVER: Final = frozenset({"gift", "points"})
"""Types of terms that have no code: somebody packs them, or credits them."""

MOST_ATTEMPTS: Final = 8
"""After so many failures (about 21 hours) staff are asked to look."""


def shop_credits_points() -> bool:
    """Return whether the shop credits points by itself. One whose adapter can't be loaded does not."""
    try:
        return isinstance(get_shop(), KeepsPoints)
    except Exception:
        logger.exception("The shop's adapter can't be loaded.")
        return False


def hand_over(*, reward_ids: Iterable[int], by_id: int | None, note: str, now: datetime) -> int:
    """Note that gifts or points were handed over, and return how many were not before.

    Points that the shop is crediting by itself are left to it, or the customer had them twice.

    :raises TransactionConflict: see `run_retrying`.
    """
    waiting = Reward.objects.waiting_for_staff(shop_credits_points=shop_credits_points())
    ids = waiting.filter(pk__in=list(reward_ids)).order_by("pk").values_list("pk", flat=True)
    entry = NewEntry(kind="redeemed", by_id=by_id, why=clean_text(note, 200))
    return sum(run_retrying(partial(_move, reward_id, entry, now)) for reward_id in list(ids))


class HandOverRefused(Refusal):
    """There is nothing to hand over."""

    class Reason(models.TextChoices):
        NOT_WAITING = (
            "not_waiting",
            _("This reward is none that waits to be handed over."),
        )


def hand_over_one(*, reward_id: int, by_id: int | None, note: str, now: datetime) -> Reward:
    """Note that a gift or points were handed over, and return the reward; one that was before is left as it is.

    :raises HandOverRefused: when it is no gift or points, not given yet, taken back, or credited by the shop itself.
    :raises Reward.DoesNotExist: when there is none.
    :raises TransactionConflict: see `run_retrying`.
    """

    def note_it() -> Reward:
        hand_over(reward_ids=[reward_id], by_id=by_id, note=note, now=now)
        reward = Reward.objects.select_for_update().get(pk=reward_id)
        is_handed_over = reward.status == "redeemed" and reward.terms.get("type") in HANDED_OVER
        if not is_handed_over:
            raise HandOverRefused(HandOverRefused.Reason.NOT_WAITING)
        return reward

    return run_retrying(note_it)


def credit_points(*, reward_id: int, now: datetime) -> bool:
    """Credit a reward's points through the shop's adapter, and return whether they were.

    A shop whose adapter keeps no points leaves them to its staff. What fails is tried again, later each time. The
    adapter is called outside of a transaction, at least once, with the same reference each time.

    :raises TransactionConflict: see `run_retrying`.
    """
    waiting = Reward.objects.to_hand_over().of_type("points").filter(pk=reward_id)
    reward = waiting.select_related("customer").first()
    shop = get_shop()
    if reward is None or not isinstance(shop, KeepsPoints):
        run_retrying(partial(_leave_to_staff, reward_id))
        return False
    if not run_retrying(partial(_claim, reward, now)):  # another worker has it
        return False
    try:
        terms = scaled(FrozenTerms.from_json(reward.terms), kept_ppm=reward.kept_ppm)
        shop.credit_points(
            customer=_as_customer(reward), points=terms.points or 0, reference=reference_of(reward)
        )
    except Exception:
        logger.exception("Points of reward %s could not be credited.", reward.pk)
        if reward.delivery_attempts + 1 >= MOST_ATTEMPTS:
            run_retrying(partial(_move, reward_id, NewEntry(kind="undelivered"), now))
        return False
    return run_retrying(partial(_move, reward_id, NewEntry(kind="redeemed"), now))


def reference_of(reward: Reward) -> str:
    """Return the name under which the shop credits this reward's points, once."""
    return f"ppx-reward-{reward.pk}"


def resolve_flags(*, reward_ids: Iterable[int], by_id: int | None, note: str, now: datetime) -> int:
    """Note that staff have looked at flagged rewards, and return how many were flagged.

    :raises TransactionConflict: see `run_retrying`.
    """
    flagged = Reward.objects.flagged().filter(pk__in=list(reward_ids)).order_by("pk")
    entry = NewEntry(kind="resolved", by_id=by_id, why=clean_text(note, 200))
    ids = list(flagged.values_list("pk", flat=True))
    return sum(run_retrying(partial(_move, reward_id, entry, now)) for reward_id in ids)


def _move(reward_id: int, entry: NewEntry, now: datetime) -> bool:
    try:
        advance(reward_id=reward_id, entries=[entry], now=now)
    except StepNotPossible:  # somebody else was faster
        return False
    return True


def _claim(reward: Reward, now: datetime) -> bool:
    unclaimed = Reward.objects.filter(pk=reward.pk, due_at=reward.due_at, status="issued")
    return bool(
        unclaimed.update(
            due_at=now + _pause(reward.delivery_attempts),
            delivery_attempts=F("delivery_attempts") + 1,
        )
    )


def _leave_to_staff(reward_id: int) -> None:
    Reward.objects.filter(pk=reward_id).update(due_at=None)


def _pause(attempts: int) -> timedelta:
    """Return how long to wait before the next attempt: 10 minutes, doubled each time."""
    return timedelta(minutes=10 * 2**attempts)


def _as_customer(reward: Reward) -> Customer:
    stored = reward.customer
    return Customer(
        account_id=stored.account_id,
        email=stored.email,
        phone=stored.phone,
        first_name=stored.first_name,
        last_name=stored.last_name,
        language=stored.language,
        country=stored.country,
    )
