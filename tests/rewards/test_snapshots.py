"""A host's transaction that reads from an old snapshot (MariaDB, REPEATABLE READ) gets the answers of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from django_ppx.rewards.amending import Amendment, amend_code
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.testing import make_benefit, make_code, make_customer, make_order, make_reward
from tests.rewards.invariants import violations

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "mysql", reason="the snapshots of MariaDB"),
]


@pytest.fixture(autouse=True)
def repeatable_read() -> Iterator[None]:
    """MariaDB's own default, and not Django's."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    yield
    connection.close()


@pytest.fixture
def old_snapshot(repeatable_read) -> Iterator[None]:
    """A transaction of the host that has read before anything happens."""
    with transaction.atomic():
        list(DiscountCode.objects.all())
        yield


def elsewhere(work: Callable[[], Any]) -> Any:
    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.fixture
def used(now) -> tuple[DiscountCode, Any]:
    code, order = make_code(), make_order()
    redeem_code(code=code.code, order=order, now=now)
    return code, order


def test_a_use_given_back_meanwhile_is_taken_again_and_not_merely_confirmed(
    used, old_snapshot, now
):
    code, order = used
    elsewhere(lambda: release_code(code=code.code, order_ref=order.number, now=now))

    got = redeem_code(code=code.code, order=order, now=now)

    assert got.status == "redeemed"
    assert violations() == []


def test_a_use_given_back_meanwhile_is_there_for_another_order(used, old_snapshot, now):
    code, order = used
    elsewhere(lambda: release_code(code=code.code, order_ref=order.number, now=now))

    got = redeem_code(code=code.code, order=make_order(), now=now)

    assert got.status == "redeemed"


def test_a_code_that_staff_gave_more_uses_meanwhile_has_them(used, old_snapshot, now):
    code, _order = used
    more = Amendment(max_uses=2, expires_at=code.expires_at, by_id=None, why="")
    elsewhere(lambda: amend_code(code_id=code.pk, amendment=more, now=now))

    assert redeem_code(code=code.code, order=make_order(), now=now).status == "redeemed"


def test_a_code_used_up_meanwhile_is_refused(used, now):
    code, other = make_code(), make_order()
    with transaction.atomic():
        list(DiscountCode.objects.all())
        elsewhere(lambda: redeem_code(code=code.code, order=other, now=now))

        with pytest.raises(RedemptionRefused) as refused:
            redeem_code(code=code.code, order=make_order(), now=now)

    assert refused.value.reason == "used_up"
    assert violations() == []


def test_the_last_of_two_uses_given_back_hands_the_reward_back(now):
    reward = make_reward(make_benefit(max_uses=2), now=now)
    first, second = make_order(), make_order()
    for order in (first, second):
        redeem_code(code=reward.code.code, order=order, now=now)
    with transaction.atomic():
        list(DiscountCode.objects.values_list("redemptions"))
        elsewhere(lambda: release_code(code=reward.code.code, order_ref=first.number, now=now))

        release_code(code=reward.code.code, order_ref=second.number, now=now)

    reward.refresh_from_db()
    assert reward.status == "issued"
    assert violations() == []


def test_a_pool_is_not_empty_because_the_codes_that_were_seen_are_gone(now):
    benefit = make_benefit(code_source="pool")
    make_code(benefit, status="pooled", expires_at=None)
    customers = [make_customer(), make_customer()]
    with transaction.atomic():
        list(DiscountCode.objects.all())

        def take_the_first_and_bring_another() -> None:
            make_reward(benefit, customer=customers[0], now=now)
            make_code(benefit, status="pooled", expires_at=None)

        elsewhere(take_the_first_and_bring_another)

        assert make_reward(benefit, customer=customers[1], now=now).code.status == "issued"

    assert Reward.objects.count() == 2
    assert violations() == []
