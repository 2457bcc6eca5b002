"""What a use counts against stays right when the order, the budget or the reward changes while it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.models import Purchase
from django_ppx.rewards.delivering import resolve_flags
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit, BenefitBudget, CodeRedemption, DiscountCode, Reward
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.rewards.undoing import settle_order
from django_ppx.shop.types import Customer, Order
from django_ppx.testing import make_benefit, make_code, make_order, make_purchase, make_reward
from tests.rewards.invariants import violations

pytestmark = pytest.mark.django_db


def spent(currency: str = "EUR") -> int:
    return BenefitBudget.objects.get(currency=currency).spent_minor


def reserve(code: DiscountCode, order: Order, now: datetime) -> CodeRedemption:
    return reserve_code(
        code=code.code, order_ref=order.number, basket=as_basket(order), now=now, ttl_seconds=600
    )


def test_an_order_in_another_currency_than_was_reserved_counts_in_its_own_budget(now) -> None:
    benefit = make_benefit()
    for currency in ("EUR", "USD"):
        set_budget(benefit_id=benefit.pk, currency=currency, limit_minor=1000)
    code, order = make_code(benefit), make_order(lines=(), shipping=Decimal(0))
    reserve(code, order, now)
    assert (spent("EUR"), spent("USD")) == (500, 0)

    redeem_code(code=code.code, order=replace(order, currency="USD"), now=now)

    assert (spent("EUR"), spent("USD")) == (0, 500)
    assert violations() == []


def test_an_order_in_a_currency_without_budget_gives_back_what_was_reserved(now) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=1000)
    code, order = make_code(benefit), make_order(lines=(), shipping=Decimal(0))
    reserve(code, order, now)

    got = redeem_code(code=code.code, order=replace(order, currency="USD"), now=now)

    assert (spent("EUR"), got.budget_minor) == (0, 0)


def test_a_budget_that_was_lifted_and_set_again_gets_nothing_from_before(now) -> None:
    benefit = make_benefit(max_uses=2)
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=500)
    code = make_code(benefit)
    first, second = (make_order(lines=(), shipping=Decimal(0)) for _order in range(2))
    redeem_code(code=code.code, order=first, now=now)
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=None)
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=500)
    redeem_code(code=code.code, order=second, now=now)

    release_code(code=code.code, order_ref=first.number, now=now)

    assert spent() == 500
    assert violations() == []


def test_a_reservation_is_made_good_though_the_order_names_nobody(now) -> None:
    code, order = make_code(make_benefit(max_uses_per_customer=1)), make_order()
    held = reserve(code, order, now)

    got = redeem_code(code=code.code, order=replace(order, customer=Customer()), now=now)

    assert (got.pk, got.status) == (held.pk, "redeemed")
    assert violations() == []


@pytest.fixture
def earned(now) -> tuple[Purchase, Reward]:
    """An order of 50.00 EUR and the 5.00 EUR it earned, which shrink with it."""
    benefit = make_benefit(
        type="amount",
        amounts={"EUR": {"amount": 5}},
        reward_after_partial_refund=Benefit.AfterPartialRefund.PROPORTIONAL,
    )
    purchase = make_purchase(now=now)
    reward = make_reward(
        benefit, customer=purchase.customer, purchase_id=purchase.pk, now=now - timedelta(hours=1)
    )
    return purchase, reward


def test_a_reward_that_shrank_while_reserved_is_worth_what_is_left_afterwards(earned, now) -> None:
    purchase, reward = earned
    order = make_order()
    reserve(reward.code, order, now)
    refund_purchase(purchase=purchase, now=now, amount=Decimal(25))
    settle_order(purchase=purchase, now=now)

    release_code(code=reward.code.code, order_ref=order.number, now=now)

    assert DiscountCode.objects.get().terms["amounts"]["EUR"]["amount"] == 250
    assert violations() == []


def test_what_staff_have_looked_at_is_not_flagged_again(earned, now) -> None:
    purchase, reward = earned
    redeem_code(code=reward.code.code, order=make_order(), now=now)
    cancel_purchase(purchase=purchase, now=now)
    settle_order(purchase=purchase, now=now)
    assert resolve_flags(reward_ids=[reward.pk], by_id=None, note="Gone", now=now) == 1

    settle_order(purchase=purchase, now=now)

    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "")
    assert list(reward.entries.values_list("kind", flat=True).order_by("number")) == [
        "redeemed",
        "reversed",
        "resolved",
    ]


def test_a_use_given_back_after_the_code_was_withdrawn_leaves_nothing_owed(earned, now) -> None:
    _purchase, reward = earned
    order = make_order()
    redeem_code(code=reward.code.code, order=order, now=now)
    revoke_codes(code_ids=[reward.code.pk], by=None, reason="Leaked", now=now)
    resolve_flags(reward_ids=[reward.pk], by_id=None, note="Seen", now=now)

    release_code(code=reward.code.code, order_ref=order.number, now=now)

    reward.refresh_from_db()
    assert reward.status == "reversed"
    assert violations() == []
