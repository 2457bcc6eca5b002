"""Staff give a code more uses or a later end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from django_ppx.rewards.amending import Amendment, AmendRefused, amend_code
from django_ppx.rewards.due import run_due
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.testing import make_benefit, make_code, make_order, make_reward

pytestmark = pytest.mark.django_db


def amend(
    code: DiscountCode, now: datetime, *, max_uses: int = 1, expires_at: datetime | None
) -> DiscountCode:
    amendment = Amendment(max_uses=max_uses, expires_at=expires_at, by_id=None, why="Asked for it")
    return amend_code(code_id=code.pk, amendment=amendment, now=now)


def refused(code: DiscountCode, now: datetime, **limits) -> str:
    before = DiscountCode.objects.filter(pk=code.pk).values().get()
    with pytest.raises(AmendRefused) as error:
        amend(code, now, **limits)
    assert DiscountCode.objects.filter(pk=code.pk).values().get() == before
    return str(error.value.reason)


def test_a_used_code_gets_another_use(now) -> None:
    code = make_code()
    redeem_code(code=code.code, order=make_order(), now=now)

    amend(code, now, max_uses=2, expires_at=code.expires_at)

    redeem_code(code=code.code, order=make_order(), now=now)
    code.refresh_from_db()
    assert (code.times_used, code.max_uses) == (2, 2)


def test_an_expired_reward_is_usable_again(now) -> None:
    reward = make_reward(now=now)
    over = reward.expires_at
    run_due(now=over)

    amend(reward.code, over, expires_at=over + timedelta(days=7))

    reward.refresh_from_db()
    assert (reward.status, reward.expires_at) == ("issued", over + timedelta(days=7))
    assert reward.due_at == reward.expires_at
    assert [entry.kind for entry in reward.entries.order_by("number")] == ["expired", "extended"]
    redeem_code(code=reward.code.code, order=make_order(), now=over)
    reward.refresh_from_db()
    assert reward.status == "redeemed"


def test_a_code_may_be_made_to_last_for_ever(now) -> None:
    reward = make_reward(now=now)

    amend(reward.code, now, expires_at=None)

    reward.refresh_from_db()
    assert (reward.expires_at, reward.due_at, reward.status) == (None, None, "issued")


def test_fewer_uses_than_there_were_are_refused(now) -> None:
    code = make_code(make_benefit(max_uses=3))
    for _use in range(2):
        redeem_code(code=code.code, order=make_order(), now=now)

    assert refused(code, now, max_uses=1, expires_at=code.expires_at) == "fewer_than_used"
    assert refused(code, now, max_uses=0, expires_at=code.expires_at) == "fewer_than_used"
    amend(code, now, max_uses=2, expires_at=code.expires_at)


def test_an_end_in_the_past_is_refused(now) -> None:
    assert refused(make_code(), now, expires_at=now) == "in_the_past"


def test_more_uses_alone_do_not_revive_what_has_expired(now) -> None:
    reward = make_reward(now=now)
    end = reward.expires_at
    run_due(now=end)

    assert refused(reward.code, end, max_uses=5, expires_at=end) == "in_the_past"

    reward.refresh_from_db()
    assert reward.status == "expired"
    assert [entry.kind for entry in reward.entries.all()] == ["expired"]


def test_a_withdrawn_code_stays_withdrawn(now) -> None:
    code = make_code()
    revoke_codes(code_ids=[code.pk], by=None, reason="Mistake", now=now)

    assert refused(code, now, max_uses=5, expires_at=None) == "revoked"


def test_a_promised_reward_has_a_later_end_and_waits_on(now) -> None:
    reward = make_reward(make_benefit(vesting_days=14), now=now)
    later = reward.expires_at + timedelta(days=7)

    amend(reward.code, now, expires_at=later)

    reward.refresh_from_db()
    assert (reward.status, reward.expires_at, reward.due_at) == (
        "promised",
        later,
        reward.vests_at,
    )


def test_more_uses_are_noted_in_the_ledger_of_the_reward(now) -> None:
    reward = make_reward(now=now)
    redeem_code(code=reward.code.code, order=make_order(), now=now)

    amend(reward.code, now, max_uses=2, expires_at=reward.expires_at)

    reward.refresh_from_db()
    assert reward.status == "redeemed"
    assert [(entry.kind, entry.why) for entry in reward.entries.order_by("number")] == [
        ("redeemed", ""),
        ("extended", "Asked for it"),
    ]


def test_the_same_limits_said_twice_are_noted_once(now) -> None:
    reward = make_reward(now=now)

    for _time in range(2):
        amend(reward.code, now, max_uses=3, expires_at=reward.expires_at)

    assert [entry.kind for entry in reward.entries.all()] == ["extended"]


def test_withdrawing_a_used_code_asks_nobody_to_look(now) -> None:
    reward, order = make_reward(now=now), make_order()
    redeem_code(code=reward.code.code, order=order, now=now)

    revoke_codes(code_ids=[reward.code.pk], by=None, reason="Leaked", now=now)

    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "")
    release_code(code=reward.code.code, order_ref=order.number, now=now)
    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("reversed", "")
