"""A use is held while the customer pays, made good by the order, or given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.quoting import quote_code
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code, release_lapsed
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.signals import code_redeemed, code_released, code_reserved
from django_ppx.testing import make_benefit, make_code, make_order, make_reward

pytestmark = pytest.mark.django_db

HALF_AN_HOUR = timedelta(minutes=30)


def reserve(code: DiscountCode, order: Any, now: datetime, **overrides: Any) -> CodeRedemption:
    values = {
        "code": code.code,
        "order_ref": order.number,
        "basket": as_basket(order),
        "now": now,
        "ttl_seconds": 1800,
        **overrides,
    }
    return reserve_code(**values)


def uses(code: DiscountCode) -> int:
    return DiscountCode.objects.get(pk=code.pk).times_used


def test_a_reservation_takes_the_use_until_its_time_is_over(now) -> None:
    code, order = make_code(), make_order()

    held = reserve(code, order, now)

    stored = CodeRedemption.objects.get()
    assert held == stored
    assert (stored.status, stored.reserved_at, stored.redeemed_at) == ("reserved", now, None)
    assert stored.reserved_until == now + HALF_AN_HOUR
    assert (stored.discount_minor, stored.currency) == (451, "EUR")
    assert uses(code) == 1


def test_nobody_else_gets_a_reserved_use(now) -> None:
    code = make_code()
    reserve(code, make_order(), now)

    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=make_order(), now=now)

    assert refused.value.reason == "used_up"
    assert CodeRedemption.objects.count() == uses(code) == 1


def test_the_order_makes_its_reservation_good(now) -> None:
    code, order = make_code(), make_order()
    held = reserve(code, order, now)
    later = now + timedelta(minutes=5)

    redemption = redeem_code(code=code.code, order=order, now=later, discount=Decimal("4.00"))

    stored = CodeRedemption.objects.get()
    assert redemption.pk == stored.pk == held.pk
    assert (stored.status, stored.reserved_at, stored.redeemed_at) == ("redeemed", now, later)
    assert stored.discount_minor == 400
    assert uses(code) == 1


def test_a_reservation_that_ran_out_is_still_good_while_nobody_else_wants_it(now) -> None:
    code, order = make_code(), make_order()
    reserve(code, order, now)

    redeem_code(code=code.code, order=order, now=now + timedelta(hours=2))

    assert CodeRedemption.objects.get().status == "redeemed"
    assert uses(code) == 1


def test_whoever_wants_a_lapsed_use_gets_it(now) -> None:
    code, slow, fast = make_code(), make_order(), make_order()
    reserve(code, slow, now)
    later = now + HALF_AN_HOUR

    redeem_code(code=code.code, order=fast, now=later)

    first, second = CodeRedemption.objects.order_by("pk")
    assert (first.status, first.released_at, first.release_reason) == ("released", later, "time")
    assert (second.order_ref, second.status) == (fast.number, "redeemed")
    assert uses(code) == 1
    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=slow, now=later)
    assert refused.value.reason == "used_up"


def test_a_quote_counts_a_lapsed_use_as_free(now) -> None:
    code = make_code()
    reserve(code, make_order(), now)
    basket = as_basket(make_order())

    with pytest.raises(RedemptionRefused):
        quote_code(code=code.code, basket=basket, now=now)

    assert quote_code(code=code.code, basket=basket, now=now + HALF_AN_HOUR).summary == "10% off"
    assert CodeRedemption.objects.get().status == "reserved"


def test_asked_again_the_order_holds_it_for_longer(now) -> None:
    code, order = make_code(), make_order()
    first = reserve(code, order, now)

    second = reserve(code, order, now + timedelta(minutes=10))

    assert second.pk == first.pk
    assert CodeRedemption.objects.get().reserved_until == now + timedelta(minutes=40)
    assert uses(code) == 1


def test_a_shorter_reservation_takes_nothing_away(now) -> None:
    code, order = make_code(), make_order()
    reserve(code, order, now)

    reserve(code, order, now, ttl_seconds=60)

    assert CodeRedemption.objects.get().reserved_until == now + HALF_AN_HOUR


def test_reserving_what_the_order_has_redeemed_changes_nothing(now) -> None:
    code, order = make_code(), make_order()
    redemption = redeem_code(code=code.code, order=order, now=now)

    again = reserve(code, order, now)

    assert (again.pk, again.status) == (redemption.pk, "redeemed")
    assert uses(code) == 1


def test_a_failed_payment_gives_the_use_back(now) -> None:
    code, order = make_code(), make_order()
    reserve(code, order, now)

    release_code(code=code.code, order_ref=order.number, now=now)

    stored = CodeRedemption.objects.get()
    assert (stored.status, stored.release_reason) == ("released", "shop")
    assert uses(code) == 0


def test_after_a_release_the_order_can_reserve_again(now) -> None:
    code, order = make_code(), make_order()
    held = reserve(code, order, now)
    release_code(code=code.code, order_ref=order.number, now=now)

    again = reserve(code, order, now)

    stored = CodeRedemption.objects.get()
    assert again.pk == held.pk
    assert (stored.status, stored.released_at, stored.release_reason) == ("reserved", None, "")
    assert uses(code) == 1


def test_who_gives_back_only_what_is_held_does_not_undo_an_order(now) -> None:
    code, paid, failed = make_code(max_uses=2), make_order(), make_order()
    for order in (paid, failed):
        reserve(code, order, now)
    redeem_code(code=code.code, order=paid, now=now)

    for order in (paid, failed):
        release_code(code=code.code, order_ref=order.number, now=now, is_held_only=True)

    stored = CodeRedemption.objects.order_by("pk").values_list("order_ref", "status")
    assert list(stored) == [(paid.number, "redeemed"), (failed.number, "released")]
    assert uses(code) == 1


def test_a_code_that_expires_meanwhile_is_good_for_who_has_reserved_it(now) -> None:
    code, order = make_code(expires_at=now + timedelta(minutes=1)), make_order()
    reserve(code, order, now)

    redeem_code(code=code.code, order=order, now=now + timedelta(minutes=5))

    assert CodeRedemption.objects.get().status == "redeemed"


def test_a_code_that_is_withdrawn_meanwhile_is_good_for_who_has_reserved_it(now) -> None:
    reward, order = make_reward(now=now), make_order()
    reserve(reward.code, order, now)
    revoke_codes(code_ids=[reward.code.pk], by=None, reason="Mistake", now=now)

    redeem_code(code=reward.code.code, order=order, now=now)

    reward.refresh_from_db()
    assert CodeRedemption.objects.get().status == "redeemed"
    assert (reward.status, reward.flag) == ("redeemed", "undone_after_use")


def test_an_order_that_became_too_small_is_refused_although_it_holds_the_use(now) -> None:
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 40}})
    code, order = make_code(benefit), make_order()
    reserve(code, order, now)
    smaller = make_order(number=order.number, total=Decimal(20), lines=())

    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=smaller, now=now)

    assert refused.value.reason == "minimum_not_met"
    assert CodeRedemption.objects.get().status == "reserved"


def test_only_what_has_lapsed_is_given_back_in_time(now) -> None:
    code = make_code(make_benefit(max_uses=3))
    first, second = make_order(), make_order()
    reserve(code, first, now)
    reserve(code, second, now, ttl_seconds=3600)
    redeem_code(code=code.code, order=make_order(), now=now)

    released = release_lapsed(now=now + HALF_AN_HOUR)

    assert released == 1
    assert CodeRedemption.objects.get(order_ref=first.number).release_reason == "time"
    assert CodeRedemption.objects.get(order_ref=second.number).status == "reserved"
    assert uses(code) == 2
    assert release_lapsed(now=now + HALF_AN_HOUR) == 0


def test_a_reservation_is_no_redemption_of_the_reward(now) -> None:
    reward, order = make_reward(now=now), make_order()

    reserve(reward.code, order, now)

    reward.refresh_from_db()
    assert (reward.status, reward.entry_count) == ("issued", 0)
    redeem_code(code=reward.code.code, order=order, now=now)
    reward.refresh_from_db()
    assert (reward.status, reward.entry_count) == ("redeemed", 1)
    entry = reward.entries.get()
    assert (entry.kind, entry.order_ref, entry.at) == ("redeemed", order.number, now)


def test_each_step_is_announced_after_commit(now, django_capture_on_commit_callbacks) -> None:
    heard = []

    def hear(signal, redemption, **kwargs):
        heard.append((signal, redemption.status))

    signals = (code_reserved, code_redeemed, code_released)
    for signal in signals:
        signal.connect(hear, weak=False)
    code, order = make_code(), make_order()

    with django_capture_on_commit_callbacks(execute=True):
        reserve(code, order, now)
        redeem_code(code=code.code, order=order, now=now)
        release_code(code=code.code, order_ref=order.number, now=now)

    for signal in signals:
        signal.disconnect(hear)
    assert [signal for signal, _status in heard] == list(signals)


@pytest.mark.parametrize("number", ["", "   ", "x" * 101])
def test_a_reservation_needs_the_number_of_an_order(now, number) -> None:
    with pytest.raises(InvalidOrder):
        reserve(make_code(), make_order(), now, order_ref=number)

    assert CodeRedemption.objects.count() == 0


def test_a_quote_for_the_order_that_holds_the_use_is_as_before(now) -> None:
    code, order = make_code(), make_order()
    reserve(code, order, now)
    basket = as_basket(order)

    with pytest.raises(RedemptionRefused):
        quote_code(code=code.code, basket=basket, now=now)

    mine = replace(basket, order_ref=order.number)
    assert quote_code(code=code.code, basket=mine, now=now).discount.minor == 451
    release_code(code=code.code, order_ref=order.number, now=now)
    assert quote_code(code=code.code, basket=mine, now=now).discount.minor == 451


def test_a_held_use_counts_against_no_limit_twice(now) -> None:
    benefit = make_benefit(max_uses_per_customer=1)
    benefit.budgets.create(currency="EUR", limit_minor=500)
    code, order = make_code(benefit), make_order()
    reserve(code, order, now)

    quote = quote_code(
        code=code.code, basket=replace(as_basket(order), order_ref=order.number), now=now
    )

    assert quote.discount.minor == 451
