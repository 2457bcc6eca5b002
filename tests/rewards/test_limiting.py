"""Uses per customer and budgets in money: counted exactly, given back exactly."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from django_ppx.core.identity import fold_mailbox, limit_keys
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit, BenefitBudget, CodeRedemption, CustomerUseCount
from django_ppx.rewards.quoting import quote_code
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.shop.types import Customer
from django_ppx.testing import make_benefit, make_code, make_order

pytestmark = pytest.mark.django_db


def order_of(email: str = "", account_id: str = "", **overrides: Any) -> Any:
    return make_order(customer=Customer(email=email, account_id=account_id), **overrides)


def redeem(benefit: Benefit, order: Any, now: datetime, **overrides: Any) -> CodeRedemption:
    return redeem_code(code=make_code(benefit).code, order=order, now=now, **overrides)


def reason_of(benefit: Benefit, order: Any, now: datetime) -> str:
    before = CodeRedemption.objects.count()
    with pytest.raises(RedemptionRefused) as refused:
        redeem(benefit, order, now)
    assert CodeRedemption.objects.count() == before
    return str(refused.value.reason)


@pytest.mark.parametrize(
    "same",
    ["ada@example.com", "ADA@example.com", "ada+shop@example.com", " ada@EXAMPLE.com "],
)
def test_a_person_is_counted_over_all_codes_and_spellings(now, same) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    redeem(benefit, order_of("ada@example.com"), now)

    assert reason_of(benefit, order_of(same), now) == "customer_limit"
    redeem(benefit, order_of("grace@example.com"), now)


def test_a_guest_is_the_account_with_the_same_address(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    redeem(benefit, order_of("ada@example.com"), now)

    assert reason_of(benefit, order_of("ada@example.com", account_id="7"), now) == "customer_limit"


def test_an_account_is_counted_whatever_address_it_uses(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    redeem(benefit, order_of("ada@example.com", account_id="7"), now)

    assert reason_of(benefit, order_of("other@example.com", account_id="7"), now) == (
        "customer_limit"
    )
    assert CustomerUseCount.objects.filter(uses=1).count() == 2


def test_a_refused_use_leaves_all_counters_as_they_were(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=10_000)
    redeem(benefit, order_of("ada@example.com"), now)
    spent = BenefitBudget.objects.get().spent_minor
    code = make_code(benefit)

    with pytest.raises(RedemptionRefused):
        redeem_code(code=code.code, order=order_of("ada@example.com"), now=now)

    code.refresh_from_db()
    assert code.times_used == 0
    assert BenefitBudget.objects.get().spent_minor == spent


def test_without_an_address_a_code_that_is_counted_per_customer_is_refused(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)

    assert reason_of(benefit, order_of(), now) == "customer_unknown"


def test_a_use_that_is_given_back_counts_no_more(now) -> None:
    benefit, order = make_benefit(max_uses_per_customer=1), order_of("ada@example.com")
    code = make_code(benefit)
    redeem_code(code=code.code, order=order, now=now)

    release_code(code=code.code, order_ref=order.number, now=now)

    redeem(benefit, order_of("ada@example.com"), now)
    assert CustomerUseCount.objects.get().uses == 1


def test_a_limit_of_two_is_two(now) -> None:
    benefit = make_benefit(max_uses_per_customer=2)
    for _use in range(2):
        redeem(benefit, order_of("ada@example.com"), now)

    assert reason_of(benefit, order_of("ada@example.com"), now) == "customer_limit"


def test_a_quote_tells_a_known_customer_beforehand(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    redeem(benefit, order_of("ada@example.com"), now)
    code = make_code(benefit).code

    with pytest.raises(RedemptionRefused) as refused:
        quote_code(code=code, basket=as_basket(order_of("ada@example.com")), now=now)

    assert refused.value.reason == "customer_limit"
    assert quote_code(code=code, basket=as_basket(order_of()), now=now).summary == "10% off"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("A.d.a+shop@Gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("ada+a+b@example.com", "ada@example.com"),
        ("+tag@example.com", "+tag@example.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_addresses_of_one_mailbox_fold_to_one(written, folded) -> None:
    assert fold_mailbox(written) == folded


def test_a_phone_counts_where_there_is_nothing_else() -> None:
    assert len(limit_keys(Customer(phone="+49 30 1234567"))) == 1
    assert len(limit_keys(Customer(phone="+49 30 1234567", email="ada@example.com"))) == 1
    assert limit_keys(Customer()) == ()


def budget(benefit: Benefit) -> tuple[int, int]:
    row = BenefitBudget.objects.get(benefit=benefit)
    return row.spent_minor, row.limit_minor


def test_a_budget_pays_until_a_discount_does_not_fit(now) -> None:
    benefit = make_benefit(type="amount", amounts={"EUR": {"amount": 5}})
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=1499)
    redeem(benefit, make_order(), now)
    redeem(benefit, make_order(), now)

    assert reason_of(benefit, make_order(), now) == "budget_spent"
    assert budget(benefit) == (1000, 1499)
    assert BenefitBudget.objects.get().exhausted_at == now


def test_a_discount_that_fits_to_the_cent_is_paid(now) -> None:
    benefit = make_benefit(type="amount", amounts={"EUR": {"amount": 5}})
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=500)

    redeem(benefit, make_order(), now)

    assert budget(benefit) == (500, 500)
    assert BenefitBudget.objects.get().exhausted_at is None


def test_each_currency_has_its_own_budget(now) -> None:
    benefit = make_benefit(type="amount", amounts={"EUR": {"amount": 5}, "GBP": {"amount": 4}})
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=0)

    assert reason_of(benefit, make_order(), now) == "budget_spent"
    redeem(benefit, make_order(currency="GBP"), now)


def test_what_the_shop_took_off_is_what_is_spent(now) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=10_000)

    redeem(benefit, make_order(), now, discount=Decimal("3.21"))

    assert budget(benefit) == (321, 10_000)


def test_a_reservation_holds_its_part_of_the_budget(now) -> None:
    benefit, order = make_benefit(), make_order()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=600)
    code = make_code(benefit)
    held = {"code": code.code, "order_ref": order.number, "basket": as_basket(order)}

    reserve_code(**held, now=now, ttl_seconds=60, discount=Decimal(5))

    assert budget(benefit) == (500, 600)
    assert reason_of(benefit, make_order(), now) == "budget_spent"
    redeem_code(code=code.code, order=order, now=now, discount=Decimal("4.50"))
    assert budget(benefit) == (450, 600)


def test_more_than_was_reserved_has_to_fit_too(now) -> None:
    benefit, order = make_benefit(), make_order()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=600)
    code = make_code(benefit)
    reserve_code(
        code=code.code,
        order_ref=order.number,
        basket=as_basket(order),
        now=now,
        ttl_seconds=60,
        discount=Decimal(5),
    )

    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=order, now=now, discount=Decimal("6.01"))

    assert refused.value.reason == "budget_spent"
    assert budget(benefit) == (500, 600)
    redeem_code(code=code.code, order=order, now=now, discount=Decimal("6.00"))
    assert budget(benefit) == (600, 600)


def test_a_lapsed_reservation_of_another_code_makes_room(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    slow, fast = order_of("ada@example.com"), order_of("ada@example.com")
    reserve_code(
        code=make_code(benefit).code,
        order_ref=slow.number,
        basket=as_basket(slow),
        now=now,
        ttl_seconds=60,
    )

    redeem(benefit, fast, now + timedelta(seconds=60))

    assert CustomerUseCount.objects.get().uses == 1


def test_a_use_that_is_given_back_returns_its_money(now) -> None:
    benefit, order = make_benefit(), make_order()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=600)
    code = make_code(benefit)
    redeem_code(code=code.code, order=order, now=now, discount=Decimal(5))

    release_code(code=code.code, order_ref=order.number, now=now)

    assert budget(benefit) == (0, 600)


def test_a_quote_tells_beforehand_that_the_budget_is_spent(now) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=450)

    with pytest.raises(RedemptionRefused) as refused:
        quote_code(code=make_code(benefit).code, basket=as_basket(make_order()), now=now)

    assert refused.value.reason == "budget_spent"
    assert budget(benefit) == (0, 450)


def test_changing_the_budget_keeps_what_was_spent_and_opens_the_offer_again(now) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=500)
    redeem(benefit, make_order(), now, discount=Decimal(5))
    assert reason_of(benefit, make_order(), now) == "budget_spent"

    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=2000)

    assert budget(benefit) == (500, 2000)
    assert BenefitBudget.objects.get().exhausted_at is None


def test_a_budget_lowered_below_what_was_spent_pays_nothing_more(now) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=1000)
    redeem(benefit, make_order(), now, discount=Decimal(5))

    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=100)

    assert budget(benefit) == (500, 100)
    assert reason_of(benefit, make_order(), now) == "budget_spent"


def test_lifting_the_budget_lifts_the_limit(now) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=0)

    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=None)

    redeem(benefit, make_order(), now)
    assert CodeRedemption.objects.get().budget_minor == 0


@pytest.mark.parametrize("limit_minor", [0, 499, 500])
def test_a_budget_that_is_lowered_stays_used_up(now, limit_minor) -> None:
    benefit = make_benefit()
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=500)
    redeem(benefit, make_order(), now, discount=Decimal(5))
    assert reason_of(benefit, make_order(), now) == "budget_spent"

    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=limit_minor)

    assert BenefitBudget.objects.get().exhausted_at == now
    assert budget(benefit) == (500, limit_minor)


@pytest.mark.parametrize(("spent", "is_used_up"), [(0, False), (499, False), (500, True)])
def test_a_budget_of_which_nothing_is_left_is_used_up(spent, is_used_up) -> None:
    budget = BenefitBudget(currency="EUR", limit_minor=500, spent_minor=spent)

    assert budget.is_used_up is is_used_up


def test_a_budget_of_nothing_is_used_up_from_the_start() -> None:
    assert BenefitBudget(currency="EUR", limit_minor=0).is_used_up
