"""The one statement of PostgreSQL takes a use exactly where the common way does."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, connections

from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.uses_postgresql import take_in_one_statement
from django_ppx.testing import make_benefit, make_code, make_order, make_reward

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the statement of PostgreSQL"),
]

TICK = timedelta(microseconds=1)
STATES = product(
    ["issued", "pooled", "expired"],
    [None, timedelta(0), TICK, -TICK],
    [None, timedelta(0), TICK, -TICK],
    [0, 1, 2],
)


def use_of(code: DiscountCode, now: Any) -> CodeRedemption:
    return CodeRedemption(
        code=code,
        order_ref="1001",
        status="redeemed",
        currency="EUR",
        discount_minor=500,
        redeemed_at=now,
    )


def test_it_takes_what_is_redeemable_and_nothing_else(now) -> None:
    benefit = make_benefit()
    for status, starts, expires, times_used in STATES:
        code = make_code(
            benefit,
            status=status,
            starts_at=None if starts is None else now + starts,
            expires_at=None if expires is None else now + expires,
            times_used=times_used,
            max_uses=2,
        )
        is_redeemable = DiscountCode.objects.filter(pk=code.pk).redeemable(now=now).exists()

        taken = take_in_one_statement(use_of(code, now), moves_reward=False, now=now)

        code.refresh_from_db()
        assert taken is is_redeemable, (status, starts, expires, times_used)
        assert code.times_used == times_used + is_redeemable
        assert code.redemptions.count() == is_redeemable


def test_it_stores_what_the_common_way_stores(now, monkeypatch) -> None:
    rows = []
    for vendor in ("postgresql", "another"):
        reward = make_reward(now=now)
        monkeypatch.setattr(connections["default"], "vendor", vendor)
        redemption = redeem_code(code=reward.code.code, order=make_order(), now=now)
        monkeypatch.undo()
        reward.refresh_from_db()
        stored = CodeRedemption.objects.filter(pk=redemption.pk).values().get()
        entry = reward.entries.values().get()
        rows.append(
            (
                without(stored, "id", "code_id", "order_ref"),
                without(entry, "id", "reward_id", "order_ref"),
                (reward.status, reward.entry_count, reward.due_at),
            )
        )

    assert rows[0] == rows[1]


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
