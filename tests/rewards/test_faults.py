"""Each statement of issuing, redeeming and releasing fails once: what is true afterwards, and after trying again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.models import (
    Benefit,
    CodeRedemption,
    DiscountCode,
    Reward,
    RewardEntry,
)
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.shop.types import Customer, Order
from django_ppx.testing import make_benefit, make_code, make_customer, make_order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Broken(DatabaseError):
    """The database went away at this very statement."""


@dataclass
class Fault:
    """Fails the statement with this number; counts all of them."""

    at: int | None = None
    seen: int = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.seen += 1
        if self.seen == self.at:
            raise Broken(f"statement {self.at}")
        return execute(*args)


def sweep(
    prepare: Callable[[], Any], operation: Callable[[Any], None], check: Callable[[], None]
) -> int:
    """Run `operation` once per statement of it with a fault there, each from a fresh start; return how many."""
    counted = Fault()
    prepared = prepare()
    with connection.execute_wrapper(counted):
        operation(prepared)
    for number in range(1, counted.seen + 1):
        for table in (CodeRedemption, DiscountCode, RewardEntry, Reward, Benefit):
            table.objects.all().delete()
        prepared = prepare()
        with connection.execute_wrapper(Fault(at=number)), pytest.raises(Broken):
            operation(prepared)
        check()
        operation(prepared)  # the fault is over: the same call finds its way
        check()
    return counted.seen


def ledger_is_right() -> None:
    for code in DiscountCode.objects.all():
        standing = code.redemptions.standing().count()
        assert code.times_used == standing <= code.max_uses


def a_code_and_an_order() -> tuple[DiscountCode, Order]:
    return make_code(make_benefit(max_uses=2)), make_order(
        customer=Customer(email="ada@example.com")
    )


def used_once() -> tuple[DiscountCode, Order]:
    code, order = a_code_and_an_order()
    redeem_code(code=code.code, order=order, now=NOW)
    return code, order


def released_once() -> tuple[DiscountCode, Order]:
    code, order = used_once()
    release_code(code=code.code, order_ref=order.number, now=NOW)
    return code, order


def redeem(prepared: tuple[DiscountCode, Order]) -> None:
    code, order = prepared
    redeem_code(code=code.code, order=order, now=NOW)


def release(prepared: tuple[DiscountCode, Order]) -> None:
    code, order = prepared
    release_code(code=code.code, order_ref=order.number, now=NOW)


def test_redeeming_leaves_a_right_ledger_wherever_it_fails() -> None:
    assert sweep(a_code_and_an_order, redeem, ledger_is_right) >= 2
    assert DiscountCode.objects.get().times_used == 1


def test_redeeming_again_leaves_a_right_ledger_wherever_it_fails() -> None:
    assert sweep(released_once, redeem, ledger_is_right) >= 3
    assert DiscountCode.objects.get().times_used == 1


def test_releasing_leaves_a_right_ledger_wherever_it_fails() -> None:
    assert sweep(used_once, release, ledger_is_right) >= 4
    assert DiscountCode.objects.get().times_used == 0


def test_redeeming_in_the_hosts_transaction_leaves_a_right_ledger_wherever_it_fails() -> None:
    @transaction.atomic
    def place_order(prepared: tuple[DiscountCode, Order]) -> None:
        redeem(prepared)

    sweep(a_code_and_an_order, place_order, ledger_is_right)

    assert DiscountCode.objects.get().times_used == 1


@pytest.mark.parametrize("given_before", [0, 1])
def test_granting_gives_one_reward_and_code_per_reason_wherever_it_fails(given_before: int) -> None:
    terms = FrozenTerms(type="percent", percent=Decimal(10))
    customer = make_customer()

    def requests(benefit_id: int, count: int) -> list[RewardRequest]:
        return [
            RewardRequest(
                reason_key=f"key-{number}",
                reason_type=Reward.ReasonType.OFFER,
                benefit_id=benefit_id,
                terms=terms,
                customer_id=customer.pk,
            )
            for number in range(count)
        ]

    def prepare() -> int:
        benefit_id = make_benefit().pk
        grant_rewards(requests=requests(benefit_id, given_before), now=NOW)
        return int(benefit_id)

    def grant(benefit_id: int) -> None:
        grant_rewards(requests=requests(benefit_id, 3), now=NOW)

    def check() -> None:
        assert Reward.objects.count() == DiscountCode.objects.count()
        assert DiscountCode.objects.count() in {given_before, 3}

    sweep(prepare, grant, check)

    assert DiscountCode.objects.count() == 3
