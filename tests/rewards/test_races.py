"""Eight processes want the same codes at once: each code serves exactly one order.

The full race, 10,000 attempts from 32 processes, is `make bench ONLY=race`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from django_ppx.core.retrying import TransactionConflict
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import (
    BenefitBudget,
    CodeRedemption,
    CustomerUseCount,
    DiscountCode,
    Reward,
)
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.testing import make_benefit, make_code, make_customer, make_order
from tests.racing import run_together
from tests.rewards.isolation import LEVELS, has_level
from tests.rewards.race_attempts import DISCOUNT
from tests.rewards.races import run_race

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("attempt", ["redeem", "check_out"])
def test_a_code_that_eight_processes_want_serves_one_order(attempt: str) -> None:
    result = run_race(attempt=attempt, codes=12, processes=8, attempts=8)

    assert result.faults == {}
    assert result.attempts == 12 * 8 * 8
    assert result.successes == 12
    assert result.uses == result.redemptions == (1,) * 12


def test_control_checking_before_writing_uses_codes_up_twice() -> None:
    result = run_race(attempt="check_then_write", codes=12, processes=8, attempts=8)

    assert result.successes > 12


@pytest.mark.parametrize("attempt", ["redeem", "check_out"])
def test_a_budget_serves_exactly_as_many_as_it_pays_for(attempt: str) -> None:
    result = run_race(
        attempt=attempt, processes=8, attempts=12, max_uses=1000, budget_minor=10 * DISCOUNT + 450
    )

    assert result.faults == {}
    assert result.successes == sum(result.redemptions) == 10
    assert BenefitBudget.objects.get().spent_minor == 10 * DISCOUNT


@pytest.mark.parametrize("attempt", ["redeem_as_ada", "check_out_as_ada"])
def test_one_person_gets_exactly_as_many_uses_as_allowed(attempt: str) -> None:
    result = run_race(
        attempt=attempt, processes=8, attempts=12, max_uses=1000, max_uses_per_customer=10
    )

    assert result.faults == {}
    assert result.successes == sum(result.redemptions) == 10
    assert CustomerUseCount.objects.get().uses == 10


def test_one_reason_gives_one_reward() -> None:
    make_customer()

    result = run_race(attempt="grant_once", codes=12, processes=8, attempts=2)

    assert result.faults == {}
    assert Reward.objects.count() == 12


def test_a_use_given_back_by_eight_is_given_back_once() -> None:
    result = run_race(
        attempt="release_shared", codes=12, processes=8, attempts=1, max_uses=5, is_shared=True
    )

    assert result.faults == {}
    assert result.uses == result.redemptions == (2,) * 12


def test_control_a_budget_read_before_it_is_spent_pays_for_more() -> None:
    limit = 20 * DISCOUNT

    result = run_race(
        attempt="check_budget_then_write", processes=8, attempts=12, budget_minor=limit
    )

    assert result.successes > 20


def test_control_a_customers_uses_read_before_they_are_counted_are_more() -> None:
    result = run_race(
        attempt="check_customer_then_write", processes=8, attempts=12, max_uses_per_customer=20
    )

    assert result.successes > 20


def test_control_looking_before_granting_grants_twice() -> None:
    make_customer()

    run_race(attempt="check_reward_then_write", codes=12, processes=8, attempts=2)

    assert Reward.objects.count() > 12


def test_control_giving_back_without_a_condition_gives_back_twice() -> None:
    result = run_race(
        attempt="release_without_condition",
        codes=12,
        processes=8,
        attempts=1,
        max_uses=5,
        is_shared=True,
    )

    assert min(result.uses) < 2
    assert result.redemptions == (2,) * 12


@pytest.mark.parametrize("attempt", ["redeem", "check_out"])
@pytest.mark.parametrize("level", LEVELS[connection.vendor])
def test_each_isolation_level_serves_one_order(level: str, attempt: str) -> None:
    if not has_level(connection, level):
        pytest.skip("this server has no innodb_snapshot_isolation")

    result = run_race(attempt=attempt, codes=6, processes=8, attempts=4, level=level)

    assert result.faults == {}
    assert result.successes == 6
    assert result.uses == result.redemptions == (1,) * 6


def test_the_same_order_in_eight_tabs_gets_one_redemption() -> None:
    code, order = make_code(make_benefit(max_uses=5)), make_order()

    found = run_together(lambda number: redeem_code(code=code.code, order=order, now=NOW).pk)

    assert len(set(found)) == 1
    assert DiscountCode.objects.get().times_used == 1
    assert CodeRedemption.objects.standing().count() == 1


def test_the_same_order_in_eight_tabs_gets_the_last_use() -> None:
    code, order = make_code(), make_order()

    found = run_together(lambda number: redeem_code(code=code.code, order=order, now=NOW).pk)

    assert len(set(found)) == 1
    assert DiscountCode.objects.get().times_used == 1


def test_one_order_takes_a_released_use_up_again_once() -> None:
    code, order = make_code(make_benefit(max_uses=5)), make_order()
    redeem_code(code=code.code, order=order, now=NOW)
    release_code(code=code.code, order_ref=order.number, now=NOW)

    run_together(lambda number: redeem_code(code=code.code, order=order, now=NOW))

    assert DiscountCode.objects.get().times_used == 1
    assert CodeRedemption.objects.standing().count() == 1


def test_eight_releases_give_one_use_back() -> None:
    code, order = make_code(make_benefit(max_uses=5)), make_order()
    redeem_code(code=code.code, order=order, now=NOW)
    redeem_code(code=code.code, order=make_order(), now=NOW)

    run_together(lambda number: release_code(code=code.code, order_ref=order.number, now=NOW))

    assert DiscountCode.objects.get().times_used == 1


def test_redeeming_and_releasing_at_once_keep_counter_and_ledger_equal() -> None:
    code, orders = make_code(make_benefit(max_uses=3)), [make_order() for _order in range(4)]

    def turn(number: int) -> None:
        order = orders[number % 4]
        for _round in range(5):
            try:
                redeem_code(code=code.code, order=order, now=NOW)
            except RedemptionRefused as refusal:
                if refusal.reason != "used_up":
                    raise
            except TransactionConflict:
                pass  # two processes took and gave back for one order all the time: told so, not mixed up
            release_code(code=code.code, order_ref=order.number, now=NOW)

    run_together(turn)

    stored = DiscountCode.objects.get()
    assert stored.times_used == stored.redemptions.standing().count() == 0


def test_a_budget_that_is_set_and_lifted_at_once_is_one_of_both() -> None:
    benefit = make_benefit()

    def turn(number: int) -> None:
        for limit in (1000, None, 2000, None):
            shifted = limit if number % 2 else 3000
            set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=shifted)

    run_together(turn)

    assert BenefitBudget.objects.count() <= 1
