"""Two orders meet at a code of several uses: one gives its use back while the other one's is taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import transaction

from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.models import Reward
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.releasing import release_code
from django_ppx.shop.types import Order
from django_ppx.testing import make_benefit, make_order, make_reward
from tests.racing import run_together
from tests.rewards.invariants import violations

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def orders() -> tuple[Reward, Order, Order]:
    """A reward whose code serves three orders; the first one has used it."""
    reward, first, second = make_reward(make_benefit(max_uses=3)), make_order(), make_order()
    redeem_code(code=reward.code.code, order=first, now=NOW)
    return reward, first, second


def meet(holds: Callable[[], Any], waits: Callable[[], Any]) -> None:
    """Do `holds` in a transaction that stays open for a while, and `waits` meanwhile."""
    has_begun = Event()

    def hold() -> None:
        with transaction.atomic():
            holds()
            has_begun.set()
            sleep(0.4)

    def wait() -> None:
        has_begun.wait(20)
        waits()

    run_together(lambda number: (hold, wait)[number](), times=2)


@pytest.mark.parametrize("is_reserved", [False, True], ids=["fresh", "reserved"])
@pytest.mark.parametrize("release_first", [True, False], ids=["release first", "redeem first"])
def test_the_reward_stays_used_by_the_one_that_stands(orders, is_reserved, release_first) -> None:
    reward, first, second = orders
    code = reward.code.code
    if is_reserved:
        reserve_code(
            code=code, order_ref=second.number, basket=as_basket(second), now=NOW, ttl_seconds=600
        )

    def release() -> None:
        release_code(code=code, order_ref=first.number, now=NOW)

    def redeem() -> None:
        redeem_code(code=code, order=second, now=NOW)

    meet(*((release, redeem) if release_first else (redeem, release)))

    reward.refresh_from_db()
    assert reward.status == "redeemed"
    assert violations() == []


def test_control_a_reservation_made_good_beside_the_codes_row_leaves_the_reward_unused(
    orders,
) -> None:
    reward, first, second = orders
    code = reward.code.code
    held = reserve_code(
        code=code, order_ref=second.number, basket=as_basket(second), now=NOW, ttl_seconds=600
    )

    def redeem_beside_the_code() -> None:
        type(held).objects.filter(pk=held.pk, status="reserved").update(
            status="redeemed", redeemed_at=NOW
        )

    def release() -> None:
        run_retrying(lambda: release_code(code=code, order_ref=first.number, now=NOW))

    meet(release, redeem_beside_the_code)

    assert any("redeemed uses stand: True" in wrong for wrong in violations())
