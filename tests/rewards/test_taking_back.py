"""Taking rewards back because staff say so: with their code, once, and never what was used."""

from __future__ import annotations

import pytest

from django_ppx.rewards.models import DiscountCode, Reward, RewardEntry
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.taking_back import take_rewards_back
from django_ppx.testing import make_benefit, make_order, make_reward
from tests.rewards.staff import gift_to_hand_over

pytestmark = pytest.mark.django_db


def take(*rewards: Reward, now, by_id: int | None = None) -> int:
    return take_rewards_back(
        reward_ids=[reward.pk for reward in rewards], by_id=by_id, why=" Wrong person ", now=now
    )


def test_a_reward_is_taken_back_with_its_code(now, admin_user) -> None:
    reward = make_reward(now=now)

    assert take(reward, now=now, by_id=admin_user.pk) == 1

    reward.refresh_from_db()
    entry = RewardEntry.objects.get(reward=reward)
    assert (reward.status, reward.flag) == ("reversed", "")
    assert (entry.kind, entry.by, entry.why, entry.at) == (
        "reversed",
        admin_user,
        "Wrong person",
        now,
    )
    code = DiscountCode.objects.get(reward=reward)
    assert (code.status, code.revoked_by, code.revoke_reason) == (
        "revoked",
        admin_user,
        "Wrong person",
    )
    with pytest.raises(RedemptionRefused):
        redeem_code(code=code.code, order=make_order(), now=now)


def test_a_promise_and_a_gift_are_taken_back(now) -> None:
    promise = make_reward(make_benefit(vesting_days=14), now=now)
    gift = gift_to_hand_over()

    assert take(promise, gift, now=now) == 2

    assert set(Reward.objects.values_list("status", flat=True)) == {"reversed"}


def test_what_was_used_stays_used(now) -> None:
    reward = make_reward(now=now)
    redeem_code(code=reward.code.code, order=make_order(), now=now)

    assert take(reward, now=now) == 0

    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "")
    assert DiscountCode.objects.get().status == "issued"


def test_taking_back_twice_writes_one_entry(now) -> None:
    reward = make_reward(now=now)

    assert [take(reward, now=now), take(reward, now=now), take(reward, reward, now=now)] == [
        1,
        0,
        0,
    ]

    assert RewardEntry.objects.count() == 1
