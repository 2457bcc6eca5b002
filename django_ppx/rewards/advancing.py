"""Moving rewards along their ledger: the entry, and the state it comes to, in one transaction.

Whoever moves a reward that has a code holds the code's row already: code first, reward second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import TransactionConflict
from django_ppx.rewards.ledger import NOT_DELIVERED, RewardState, Step, apply
from django_ppx.rewards.models import Reward, RewardEntry
from django_ppx.rewards.telling import post_reversed
from django_ppx.signals import reward_flagged, reward_issued, reward_reversed

_ATTEMPTS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEntry:
    """What is to be written down: what happened, who did it (None: nobody in particular) and why."""

    kind: str
    by_id: int | None = None
    why: str = ""
    order_ref: str = ""
    kept_ppm: int | None = None


def state_of(reward: Reward) -> RewardState:
    return RewardState(status=reward.status, kept_ppm=reward.kept_ppm, flag=reward.flag)


def advance(*, reward_id: int, entries: Sequence[NewEntry], now: datetime) -> Reward:
    """Write the entries and return the reward as it then stands. Call it in a transaction.

    The reward is read as committed by now, and the update names the number of entries that were read: where no row is
    locked (SQLite), a concurrent step makes it start over.

    :raises StepNotPossible: when the reward can't take these steps; then nothing is written.
    """
    for _attempt in range(_ATTEMPTS):
        reward = Reward.objects.select_for_update().get(pk=reward_id)
        before = state_of(reward)
        after = before
        for entry in entries:
            after = apply(after, Step(kind=entry.kind, kept_ppm=entry.kept_ppm))
        if _write(reward, after, entries, now):
            _announce(reward, before, after, entries)
            if after.status == "reversed" and before.status != "reversed":
                post_reversed(reward=reward, now=now)
            return reward
    raise TransactionConflict("Somebody else moves this reward all the time.")


def note_redeemed(
    *, reward_id: int, status: str, entry_count: int, order_ref: str, now: datetime
) -> None:
    """Write down that an order has used the reward's code. Two statements where it stands as was read.

    Later uses of the same code change nothing: the reward is used already.
    """
    if status == "issued":
        moved = Reward.objects.filter(
            pk=reward_id, status="issued", flag="", entry_count=entry_count
        ).update(status="redeemed", entry_count=entry_count + 1, due_at=None)
        if moved:
            RewardEntry.objects.create(
                reward_id=reward_id,
                number=entry_count + 1,
                kind=RewardEntry.Kind.REDEEMED,
                at=now,
                order_ref=order_ref,
            )
            return
    reward = Reward.objects.select_for_update().get(pk=reward_id)
    kinds = {"promised": ("vested", "issued"), "vested": ("issued",), "redeemed": None}.get(
        reward.status, ()
    )
    if kinds is not None:
        entries = [NewEntry(kind=kind) for kind in kinds]
        entries.append(NewEntry(kind="redeemed", order_ref=order_ref))
        advance(reward_id=reward_id, entries=entries, now=now)


def next_due(reward: Reward, status: str) -> datetime | None:
    """Return when `ppx_run_due` has to look at a reward that stands so: to vest, credit or expire it."""
    if status == "promised":
        return reward.vests_at
    if status != "issued":
        return None
    return reward.granted_at if reward.terms["type"] == "points" else reward.expires_at


def _write(reward: Reward, after: RewardState, entries: Sequence[NewEntry], now: datetime) -> bool:
    count = reward.entry_count
    columns = {
        "status": after.status,
        "kept_ppm": after.kept_ppm,
        "flag": after.flag,
        "entry_count": count + len(entries),
        # What could not be handed over waits for staff.
        "due_at": None if after.flag == NOT_DELIVERED else next_due(reward, after.status),
    }
    if not Reward.objects.filter(pk=reward.pk, entry_count=count).update(**columns):
        return False
    RewardEntry.objects.bulk_create(
        RewardEntry(
            reward=reward,
            number=number,
            kind=entry.kind,
            at=now,
            by_id=entry.by_id,
            why=entry.why[:200],
            order_ref=entry.order_ref,
            kept_ppm=entry.kept_ppm,
        )
        for number, entry in enumerate(entries, count + 1)
    )
    for name, value in columns.items():
        setattr(reward, name, value)
    return True


def _announce(
    reward: Reward, before: RewardState, after: RewardState, entries: Sequence[NewEntry]
) -> None:
    sends = []
    if any(entry.kind == "issued" for entry in entries):
        sends.append(reward_issued.send_robust)
    if after.status == "reversed" and before.status != "reversed":
        sends.append(reward_reversed.send_robust)
    if after.flag and after.flag != before.flag:
        sends.append(reward_flagged.send_robust)
    for send in sends:
        after_commit(partial(send, sender=Reward, reward=reward))
