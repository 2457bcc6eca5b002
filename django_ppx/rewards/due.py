"""What time alone makes happen to codes and rewards. `ppx_run_due` calls it; late is never wrong, only late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django_ppx.core.containment import contain
from django_ppx.core.models import Purchase
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.advancing import NewEntry, advance
from django_ppx.rewards.attempts import forget_old
from django_ppx.rewards.delivering import credit_points
from django_ppx.rewards.expiring import expire_codes, expire_reward
from django_ppx.rewards.generating import continue_batches
from django_ppx.rewards.ledger import StepNotPossible
from django_ppx.rewards.models import Reward
from django_ppx.rewards.releasing import release_lapsed
from django_ppx.rewards.stocking import note_low_stocks
from django_ppx.rewards.undoing import EARNED_BY_ORDER, settle_order


@dataclass(kw_only=True, slots=True)
class DueWork:
    """What was done, counted. `failed` is logged on "django_ppx" and tried again at the next run."""

    released: int = 0
    vested: int = 0
    credited: int = 0
    expired_rewards: int = 0
    expired_codes: int = 0
    taken_back: int = 0
    codes_made: int = 0
    stocks_noted: int = 0
    attempts_forgotten: int = 0
    failed: int = 0


def run_due(*, now: datetime, limit: int = 1000) -> DueWork:
    """Do what is due at `now`, at most `limit` of each kind, and return what was done. Safe to run twice, and at once.

    A fault in one row does not keep the others waiting.
    """
    work = DueWork()
    work.released = _guarded(work, "reservations", lambda: release_lapsed(now=now, limit=limit))
    # Before anything vests: what an undone order earned must not become usable.
    for purchase in _undone(limit):
        work.taken_back += _guarded(work, "orders", partial(_settle, purchase, now))
    for reward_id, status, kind in _due_rewards(now, limit):
        if status == Reward.Status.PROMISED:
            work.vested += _guarded(work, "vesting", partial(vest, reward_id=reward_id, now=now))
        elif kind == "points":
            credit = partial(credit_points, reward_id=reward_id, now=now)
            work.credited += _guarded(work, "points", credit)
        else:
            expire = partial(expire_reward, reward_id=reward_id, now=now)
            work.expired_rewards += _guarded(work, "expiry", expire)
    work.expired_codes = _guarded(work, "codes", lambda: expire_codes(now=now, limit=limit))
    work.stocks_noted = _guarded(work, "stocks", lambda: note_low_stocks(now=now))
    work.attempts_forgotten = _guarded(
        work, "failed attempts", lambda: forget_old(now=now, limit=limit)
    )
    # Last: a large batch takes its time.
    work.codes_made = _guarded(work, "batches", lambda: continue_batches(now=now))
    return work


def vest(*, reward_id: int, now: datetime) -> bool:
    """Make a promised reward usable whose days have passed, and return whether it was done now.

    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_vest, reward_id, now))


def _vest(reward_id: int, now: datetime) -> bool:
    reward = Reward.objects.select_for_update().get(pk=reward_id)
    if reward.vests_at is None or now < reward.vests_at:
        return False
    try:
        advance(
            reward_id=reward_id, entries=[NewEntry(kind="vested"), NewEntry(kind="issued")], now=now
        )
    except StepNotPossible:
        return False
    return True


def _due_rewards(now: datetime, limit: int) -> list[tuple[int, str, str]]:
    rows = Reward.objects.due(now=now).order_by("due_at", "pk")
    return list(rows.values_list("pk", "status", "terms__type")[:limit])


def _undone(limit: int) -> list[Purchase]:
    """Return orders that were undone at the very moment at which they earned something."""
    ids = (
        Reward.objects.outstanding()
        .filter(
            reason_type__in=EARNED_BY_ORDER,
            purchase__status__in=[Purchase.Status.CANCELLED, Purchase.Status.REFUNDED],
        )
        .values_list("purchase", flat=True)
        .distinct()[:limit]
    )
    return list(Purchase.objects.filter(pk__in=list(ids)))


def _settle(purchase: Purchase, now: datetime) -> int:
    run_retrying(partial(settle_order, purchase=purchase, now=now))
    return 1


def _guarded(work: DueWork, what: str, do: Callable[[], int]) -> int:
    done: list[int] = []
    with contain(f"Due work ({what})") as containment:
        done.append(do())
    if containment.failed:
        work.failed += 1
        return 0
    return int(done[0])
