"""Granting rewards: many at once, each once per reason and customer, and the codes that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.db import IntegrityError

from django_ppx.conf import ppx_settings
from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.advancing import next_due
from django_ppx.rewards.alphabet import draw_codes, shape_of
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.pooling import take_from_pool
from django_ppx.rewards.telling import post_issued
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import expires_at, starts_at
from django_ppx.signals import code_issued, reward_granted, reward_issued

_DRAWS: Final = 5
"""How often codes that happen to exist already are drawn anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RewardRequest:
    """One reward to be granted. Asked twice for one `reason_key` and customer, there is one reward."""

    reason_key: str
    reason_type: str
    """A `Reward.ReasonType`. Only what an `offer` gave is taken back with the order that earned it."""
    benefit_id: int
    terms: FrozenTerms
    customer_id: int
    purchase_id: int | None = None
    reason: str = ""
    """For staff: the offer's name, or what they wrote."""
    granted_by_id: int | None = None

    @property
    def key(self) -> tuple[str, int]:
        return (self.reason_key, self.customer_id)


def grant_rewards(*, requests: Sequence[RewardRequest], now: datetime) -> list[Reward]:
    """Return one stored reward per request, in their order: the one granted before, or a new one. Two at once give one.

    A discount has its code in `reward.code`. Two statements when none was granted before and the codes are drawn.
    Where an imported pool has no code left, the reward is not granted and missing from the answer. `reward_granted`,
    `reward_issued` and `code_issued` are sent once per new row, after commit.

    :raises TransactionConflict: see `run_retrying`.
    """
    # In the order of their keys, so that two that want the same ones never wait for each other.
    wanted = {request.key: request for request in sorted(requests, key=lambda each: each.key)}
    try:
        rewards = run_retrying(partial(_insert, list(wanted.values()), now))
    except IntegrityError:
        rewards = run_retrying(partial(_insert_missing, wanted, now))
    found = {(reward.reason_key, reward.customer_id): reward for reward in rewards}
    return [found[request.key] for request in requests if request.key in found]


def code_of(reward: Reward) -> DiscountCode | None:
    """Return the reward's code; None for a gift or points."""
    try:
        return reward.code
    except DiscountCode.DoesNotExist:
        return None


def _insert(requests: Sequence[RewardRequest], now: datetime) -> list[Reward]:
    rewards = [_reward(request, now) for request in requests]
    Reward.objects.bulk_create(rewards)
    if any(reward.pk is None for reward in rewards):  # MySQL does not return the keys of many rows
        stored = {(row.reason_key, row.customer_id): row for row in _stored(requests)}
        rewards = [stored[request.key] for request in requests]
    pairs = list(zip(rewards, requests, strict=True))
    codes = [_drawn(reward, request, now) for reward, request in pairs if _draws(request)]
    if codes:
        DiscountCode.objects.bulk_create(codes)
    kept = _without_empty_pools(pairs, now)
    _announce(kept, now)
    return kept


def _insert_missing(wanted: dict[tuple[str, int], RewardRequest], now: datetime) -> list[Reward]:
    """Return the rewards of `wanted` after adding those that are not there yet, and the codes they lack."""
    before = {(row.reason_key, row.customer_id) for row in _stored(wanted.values())}
    missing = [request for key, request in wanted.items() if key not in before]
    Reward.objects.bulk_create(
        [_reward(request, now) for request in missing], ignore_conflicts=True
    )
    for _draw in range(_DRAWS):
        rewards = _stored(wanted.values())
        pairs = [(reward, wanted[(reward.reason_key, reward.customer_id)]) for reward in rewards]
        bare = [pair for pair in pairs if _lacks_code(*pair) and _draws(pair[1])]
        if not bare:
            kept = _without_empty_pools(pairs, now)
            new = {request.key for request in missing}
            _announce([row for row in kept if (row.reason_key, row.customer_id) in new], now)
            return kept
        DiscountCode.objects.bulk_create(
            [_drawn(reward, request, now) for reward, request in bare], ignore_conflicts=True
        )
    raise IntegrityError("Rewards could not be stored, and not because they were granted before.")


def _without_empty_pools(
    pairs: Iterable[tuple[Reward, RewardRequest]], now: datetime
) -> list[Reward]:
    """Give the codes of imported pools; a new reward whose pool is empty is given up again."""
    kept = []
    for reward, request in pairs:
        if request.terms.code_source == "pool" and _lacks_code(reward, request):
            code = take_from_pool(reward, now=now)
            if code is None:
                reward.delete()
                continue
            reward.code = code
        kept.append(reward)
    return kept


def _lacks_code(reward: Reward, request: RewardRequest) -> bool:
    """Return whether the reward is as asked for and has no code yet. One granted before, as a gift, needs none."""
    return code_of(reward) is None and reward.terms["type"] == request.terms.type


def _draws(request: RewardRequest) -> bool:
    return request.terms.is_discount and request.terms.code_source == "drawn"


def _reward(request: RewardRequest, now: datetime) -> Reward:
    vests_at = starts_at(request.terms, now=now)
    status = Reward.Status.PROMISED if vests_at else Reward.Status.ISSUED
    reward = Reward(
        customer_id=request.customer_id,
        benefit_id=request.benefit_id,
        terms=request.terms.as_json(),
        purchase_id=request.purchase_id,
        reason_type=request.reason_type,
        reason_key=request.reason_key,
        reason=request.reason[:200],
        opened_as=status,
        status=status,
        granted_at=now,
        granted_by_id=request.granted_by_id,
        vests_at=vests_at,
        expires_at=expires_at(request.terms, now=now),
    )
    reward.due_at = next_due(reward, status)
    return reward


def _drawn(reward: Reward, request: RewardRequest, now: datetime) -> DiscountCode:
    terms = request.terms
    shape = shape_of(
        prefix=terms.code_prefix, pattern=terms.code_pattern, length=ppx_settings.PPX_CODE_LENGTH
    )
    [code] = draw_codes(1, shape=shape)
    return DiscountCode(
        code=code,
        benefit_id=request.benefit_id,
        terms=reward.terms,
        max_uses=terms.max_uses,
        customer_id=request.customer_id,
        purchase_id=request.purchase_id,
        reward=reward,
        reason=request.reason[:200],
        issued_at=now,
        starts_at=reward.vests_at,
        expires_at=reward.expires_at,
    )


def _stored(requests: Iterable[RewardRequest]) -> list[Reward]:
    # A locking read: the newest committed rows, also where the transaction reads from a snapshot.
    wanted = {request.key for request in requests}
    rows = Reward.objects.select_for_update().by_reason({key for key, _customer in wanted})
    rewards = [row for row in rows if (row.reason_key, row.customer_id) in wanted]
    codes = DiscountCode.objects.select_for_update().filter(reward__in=rewards)
    by_reward = {code.reward_id: code for code in codes}
    for reward in rewards:
        if reward.pk in by_reward:
            by_reward[reward.pk].reward = reward
    return rewards


def _announce(rewards: Iterable[Reward], now: datetime) -> None:
    with_code = []
    for reward in rewards:
        sends = [partial(reward_granted.send_robust, sender=Reward, reward=reward)]
        if reward.opened_as == Reward.Status.ISSUED:
            sends.append(partial(reward_issued.send_robust, sender=Reward, reward=reward))
        code = code_of(reward)
        if code is not None:
            with_code.append(reward.pk)
            sends.append(partial(code_issued.send_robust, sender=DiscountCode, code=code))
        for send in sends:
            after_commit(send)
    post_issued(reward_ids=with_code, now=now)
