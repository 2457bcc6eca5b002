"""What cancelled and refunded orders give back and take back, through the front door."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from django_ppx import purchases
from django_ppx.core.models import Purchase
from django_ppx.rewards.delivering import hand_over
from django_ppx.rewards.models import Benefit, CodeRedemption, DiscountCode, Reward
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.signals import reward_flagged, reward_reversed
from django_ppx.testing import FakeShop, make_benefit, make_code, make_order, make_reward

pytestmark = pytest.mark.django_db


def bought(**overrides: Any) -> tuple[Any, Purchase]:
    """An order of the shop and its purchase, through the front door."""
    order = FakeShop.place(make_order(**overrides))
    purchase = purchases.completed(order)
    assert purchase is not None
    return order, purchase


def earned(benefit: Benefit, purchase: Purchase, now: datetime, **overrides: Any) -> Reward:
    return make_reward(
        benefit, customer=purchase.customer, purchase_id=purchase.pk, now=now, **overrides
    )


def undo(order: Any, how: str) -> None:
    if how == "cancelled":
        purchases.cancelled(order)
    elif how == "refunded":
        purchases.refunded(order)
    else:
        purchases.refunded(order, Decimal("10.00"))


POLICIES = {
    "cancelled": "code_after_cancellation",
    "refunded": "code_after_refund",
    "partly_refunded": "code_after_partial_refund",
}


@pytest.mark.parametrize("how", POLICIES)
def test_the_code_used_in_the_order_is_given_back_where_the_benefit_says_so(now, how) -> None:
    code = make_code(make_benefit(**{POLICIES[how]: "release"}))
    order, _purchase = bought()
    redeem_code(code=code.code, order=order, now=now)

    undo(order, how)

    stored = CodeRedemption.objects.get()
    assert (stored.status, stored.release_reason) == ("released", how)
    code.refresh_from_db()
    assert code.times_used == 0
    redeem_code(code=code.code, order=make_order(), now=now)


@pytest.mark.parametrize("how", POLICIES)
def test_the_code_used_in_the_order_stays_used_where_the_benefit_says_so(now, how) -> None:
    code = make_code(make_benefit(**{POLICIES[how]: "keep"}))
    order, _purchase = bought()
    redeem_code(code=code.code, order=order, now=now)

    undo(order, how)

    assert CodeRedemption.objects.get().status == "redeemed"
    code.refresh_from_db()
    assert code.times_used == 1


def test_the_policy_is_the_one_that_the_code_was_given_with(now) -> None:
    benefit = make_benefit(code_after_cancellation="release")
    code = make_code(benefit)
    Benefit.objects.update(code_after_cancellation="keep")
    order, _purchase = bought()
    redeem_code(code=code.code, order=order, now=now)

    purchases.cancelled(order)

    assert CodeRedemption.objects.get().status == "released"


def test_a_reservation_of_a_cancelled_order_is_given_back_whatever_the_policy(now) -> None:
    code = make_code(make_benefit(code_after_cancellation="keep"))
    order, _purchase = bought()
    reserve_code(
        code=code.code, order_ref=order.number, basket=as_basket(order), now=now, ttl_seconds=60
    )

    purchases.cancelled(order)

    assert CodeRedemption.objects.get().release_reason == "cancelled"


@pytest.mark.parametrize("how", ["cancelled", "refunded"])
def test_an_undone_order_takes_back_what_it_earned(now, how) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(), purchase, now)

    undo(order, how)

    reward.refresh_from_db()
    code = DiscountCode.objects.get()
    assert (reward.status, reward.flag, reward.due_at) == ("reversed", "", None)
    entry = reward.entries.get()
    assert (entry.number, entry.kind, entry.order_ref) == (1, "reversed", order.number)
    assert (code.status, code.revoke_reason) == ("revoked", f"the order was {how}")
    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=make_order(), now=now)
    assert refused.value.reason == "revoked"


@pytest.mark.parametrize("reason_type", ["apology", "ugc", "survey", "staff"])
def test_what_was_not_earned_by_the_order_stays(now, reason_type) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(), purchase, now, reason_type=reason_type)

    purchases.cancelled(order)

    reward.refresh_from_db()
    assert (reward.status, reward.code.status) == ("issued", "issued")


def test_what_is_promised_is_taken_back_before_it_can_be_used(now) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(vesting_days=14), purchase, now)

    purchases.cancelled(order)

    reward.refresh_from_db()
    assert (reward.opened_as, reward.status, reward.due_at) == ("promised", "reversed", None)


def test_what_was_used_already_is_flagged_and_never_negative(
    now, django_capture_on_commit_callbacks
) -> None:
    heard = []

    def hear(signal, reward, **kwargs):
        heard.append((signal, reward.flag))

    reward_flagged.connect(hear, weak=False)
    reward_reversed.connect(hear, weak=False)
    order, purchase = bought()
    reward = earned(make_benefit(), purchase, now)
    redeem_code(code=reward.code.code, order=make_order(), now=now)

    with django_capture_on_commit_callbacks(execute=True):
        purchases.cancelled(order)
        purchases.cancelled(order)

    reward_flagged.disconnect(hear)
    reward_reversed.disconnect(hear)
    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "undone_after_use")
    assert [entry.kind for entry in reward.entries.order_by("number")] == ["redeemed", "reversed"]
    assert CodeRedemption.objects.get().status == "redeemed"
    assert heard == [(reward_flagged, "undone_after_use")]


def test_a_use_given_back_after_the_order_was_undone_leaves_nothing_to_use(now) -> None:
    order, purchase = bought()
    reward, second = earned(make_benefit(), purchase, now), make_order()
    redeem_code(code=reward.code.code, order=second, now=now)
    purchases.cancelled(order)

    release_code(code=reward.code.code, order_ref=second.number, now=now)

    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("reversed", "")
    with pytest.raises(RedemptionRefused):
        redeem_code(code=reward.code.code, order=make_order(), now=now)


def test_undoing_an_order_twice_is_undoing_it_once(now) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(), purchase, now)
    used = make_code(make_benefit(code_after_refund="release"))
    redeem_code(code=used.code, order=order, now=now)

    purchases.cancelled(order)
    purchases.cancelled(order)
    purchases.refunded(order)

    reward.refresh_from_db()
    used.refresh_from_db()
    assert (reward.status, reward.entry_count, reward.entries.count()) == ("reversed", 1, 1)
    assert used.times_used == 0


def proportional(**overrides: Any) -> Benefit:
    values = {"type": "amount", "amounts": {"EUR": {"amount": 5}}, **overrides}
    return make_benefit(reward_after_partial_refund="proportional", **values)


def test_a_partial_refund_takes_its_share_of_an_amount(now) -> None:
    order, purchase = bought()
    reward = earned(proportional(), purchase, now)

    purchases.refunded(order, Decimal("10.00"))  # of 50.00

    reward.refresh_from_db()
    code = DiscountCode.objects.get()
    assert (reward.status, reward.kept_ppm, reward.flag) == ("issued", 800_000, "")
    assert FrozenTerms.from_json(code.terms).amounts[0].amount == 400
    entry = reward.entries.get()
    assert (entry.kind, entry.kept_ppm) == ("reduced", 800_000)


def test_several_refunds_shrink_from_the_whole_not_from_what_is_left(now) -> None:
    order, purchase = bought()
    reward = earned(proportional(), purchase, now)

    purchases.refunded(order, Decimal("10.00"))
    purchases.refunded(order, Decimal("10.00"))
    purchases.refunded(order, Decimal("25.00"))

    reward.refresh_from_db()
    assert (reward.kept_ppm, reward.entry_count) == (500_000, 2)
    assert FrozenTerms.from_json(DiscountCode.objects.get().terms).amounts[0].amount == 250


def test_a_share_of_nothing_is_taken_back(now) -> None:
    order, purchase = bought()
    reward = earned(proportional(), purchase, now)

    purchases.refunded(order, Decimal("49.97"))

    reward.refresh_from_db()
    assert (reward.status, reward.code.status) == ("reversed", "revoked")


def test_refunded_in_steps_to_the_whole_it_is_taken_back(now) -> None:
    order, purchase = bought()
    reward = earned(proportional(), purchase, now)

    purchases.refunded(order, Decimal("10.00"))
    purchases.refunded(order)

    reward.refresh_from_db()
    assert reward.status == "reversed"
    assert [entry.kind for entry in reward.entries.order_by("number")] == ["reduced", "reversed"]


def test_a_reward_that_is_kept_whole_does_not_notice_a_partial_refund(now) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(type="amount", amounts={"EUR": {"amount": 5}}), purchase, now)

    purchases.refunded(order, Decimal("10.00"))

    reward.refresh_from_db()
    assert (reward.kept_ppm, reward.entry_count) == (1_000_000, 0)


def test_what_was_used_before_a_partial_refund_is_flagged(now) -> None:
    order, purchase = bought()
    reward, second = earned(proportional(), purchase, now), make_order()
    redeem_code(code=reward.code.code, order=second, now=now)

    purchases.refunded(order, Decimal("10.00"))

    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "reduced_after_use")
    assert CodeRedemption.objects.get().discount_minor == 500
    release_code(code=reward.code.code, order_ref=second.number, now=now)
    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("issued", "")
    assert FrozenTerms.from_json(DiscountCode.objects.get().terms).amounts[0].amount == 400


def test_points_handed_over_before_the_order_was_undone_are_flagged(now) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(type="points", points=100), purchase, now)
    hand_over(reward_ids=[reward.pk], by_id=None, note="", now=now)

    purchases.cancelled(order)

    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "undone_after_use")


def test_the_budget_gets_back_what_a_cancelled_order_had_taken(now) -> None:
    benefit = make_benefit(code_after_cancellation="release")
    budget = benefit.budgets.create(currency="EUR", limit_minor=10_000)
    order, _purchase = bought()
    redeem_code(code=make_code(benefit).code, order=order, now=now)

    purchases.cancelled(order)

    budget.refresh_from_db()
    assert budget.spent_minor == 0


def test_an_order_that_the_shop_reports_as_cancelled_is_settled_too(now) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(), purchase, now)
    gone = FakeShop.place(make_order(number=order.number, status="cancelled"))

    purchases.completed(gone)

    reward.refresh_from_db()
    assert reward.status == "reversed"


def test_a_free_order_that_is_refunded_takes_back_what_it_earned(now) -> None:
    order, purchase = bought(total=Decimal(0), shipping=Decimal(0), lines=())
    reward = earned(make_benefit(), purchase, now)

    purchases.refunded(order)

    reward.refresh_from_db()
    assert reward.status == "reversed"


def test_an_expired_reward_is_left_as_it_is(now) -> None:
    order, purchase = bought()
    reward = earned(make_benefit(valid_days=1), purchase, now - timedelta(days=10))
    Reward.objects.update(status="expired")

    purchases.cancelled(order)

    reward.refresh_from_db()
    assert (reward.status, reward.entry_count) == ("expired", 0)


def test_a_code_whose_terms_were_changed_by_hand_does_not_keep_an_order_from_being_cancelled(
    now,
) -> None:
    code = make_code()
    order, purchase = bought()
    redeem_code(code=code.code, order=order, now=now)
    DiscountCode.objects.update(terms={})

    purchases.cancelled(order)

    purchase.refresh_from_db()
    assert purchase.status == "cancelled"
    assert CodeRedemption.objects.get().status == "redeemed"
