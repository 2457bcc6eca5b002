"""Using a code up, giving it back, withdrawing it: what the ledger says afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from django_ppx.core.customers import resolve_customer
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.redeeming import as_basket, redeem_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.shop.types import Customer, OrderLine
from django_ppx.signals import code_redeemed, code_released
from django_ppx.testing import make_benefit, make_code, make_order, make_purchase

pytestmark = pytest.mark.django_db

ADA = Customer(email="ada@example.com")
NEUTRAL = "This code is not valid."


def uses(code: DiscountCode) -> tuple[int, int]:
    """The counter, and the redemptions that stand: they must be equal."""
    code.refresh_from_db()
    return code.times_used, code.redemptions.standing().count()


def refused(reason: str, code: str, order, now) -> RedemptionRefused:
    with pytest.raises(RedemptionRefused) as caught:
        redeem_code(code=code, order=order, now=now)
    assert caught.value.reason == reason
    return caught.value


def test_an_order_uses_a_code(now) -> None:
    code = make_code(make_benefit(code_prefix="THX"))
    order = make_order(total=Decimal("45.49"), discount_total=Decimal("4.51"))

    redemption = redeem_code(code=f" {code.code.lower()[:7]}-{code.code[7:]}", order=order, now=now)

    stored = CodeRedemption.objects.get()
    assert stored == redemption
    assert (stored.code, stored.order_ref, stored.redeemed_at) == (code, order.number, now)
    assert (stored.discount_minor, stored.currency, stored.released_at) == (451, "EUR", None)
    assert uses(code) == (1, 1)


def test_the_same_order_asking_again_gets_the_same_redemption(now) -> None:
    code, order = make_code(), make_order()
    first = redeem_code(code=code.code, order=order, now=now)

    again = redeem_code(code=code.code, order=order, now=now + timedelta(days=900))

    assert again == first
    assert again.redeemed_at == now
    assert uses(code) == (1, 1)


def test_another_order_is_refused(now) -> None:
    code = make_code()
    redeem_code(code=code.code, order=make_order(), now=now)

    error = refused("used_up", code.code, make_order(), now)

    assert str(error) == NEUTRAL
    assert uses(code) == (1, 1)


def test_a_code_for_three_uses_serves_three_orders(now) -> None:
    code = make_code(make_benefit(max_uses=3))

    for _order in range(3):
        redeem_code(code=code.code, order=make_order(), now=now)

    refused("used_up", code.code, make_order(), now)
    assert uses(code) == (3, 3)


def test_the_last_instant_counts_and_the_next_does_not() -> None:
    code = make_code(make_benefit(max_uses=2))
    last = code.expires_at - timedelta(microseconds=1)

    redeem_code(code=code.code, order=make_order(), now=last)

    refused("expired", code.code, make_order(), code.expires_at)
    assert uses(code) == (1, 1)


def test_a_code_that_runs_out_between_looking_and_writing_is_refused(now, monkeypatch) -> None:
    code = make_code()
    monkeypatch.setattr("django_ppx.rewards.weighing.check_usable", lambda *args, **kwargs: None)
    DiscountCode.objects.update(times_used=1)

    refused("used_up", code.code, make_order(), now)

    assert CodeRedemption.objects.count() == 0


@pytest.mark.parametrize("kind", ["unknown", "expired", "used_up", "revoked"])
def test_a_stranger_reads_one_answer(kind, now) -> None:
    owner = resolve_customer(customer=ADA, placed_at=now, now=now).customer
    code = make_code(customer=owner)
    text = _spoil(code, kind, now)

    error = refused(kind, text, make_order(), now)

    assert str(error) == error.public_sentence == NEUTRAL


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("unknown", NEUTRAL),
        ("expired", "This code has expired."),
        ("used_up", "This code has already been used."),
        ("revoked", "This code has been withdrawn."),
    ],
)
def test_the_owner_learns_the_reason(kind, sentence, now) -> None:
    owner = resolve_customer(customer=ADA, placed_at=now, now=now).customer
    code = make_code(customer=owner)
    text = _spoil(code, kind, now)

    error = refused(kind, text, make_order(customer=Customer(email="ADA@example.com")), now)

    assert str(error) == sentence
    assert error.public_sentence == NEUTRAL


def _spoil(code: DiscountCode, kind: str, now: datetime) -> str:
    if kind == "unknown":
        return "NOSUCHCODE22"
    if kind == "expired":
        DiscountCode.objects.update(expires_at=now)
    if kind == "used_up":
        DiscountCode.objects.update(times_used=1)
    if kind == "revoked":
        revoke_codes(code_ids=[code.pk], by=None, reason="Typing error", now=now)
    return code.code


@pytest.mark.parametrize("text", ["", "SAVÉ", "save'; --", "x" * 500, "\x00", "\ud800"])
def test_what_can_not_be_a_code_asks_the_database_nothing(
    text, now, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):  # the savepoint alone
        refused("unknown", text, make_order(), now)


def test_a_small_order_learns_the_minimum(now) -> None:
    code = make_code(make_benefit(amounts={"EUR": {"minimum_total": 60}}))

    error = refused("minimum_not_met", code.code, make_order(), now)

    assert str(error) == "This code is for orders of €60.00 or more."
    assert uses(code) == (0, 0)


def test_an_expired_code_does_not_tell_a_stranger_its_minimum(now) -> None:
    code = make_code(make_benefit(amounts={"EUR": {"minimum_total": 60}}), expires_at=now)

    assert str(refused("expired", code.code, make_order(), now)) == NEUTRAL


def test_another_currency_is_refused(now) -> None:
    code = make_code(make_benefit(type="amount", amounts={"EUR": {"amount": 5}}))

    refused("wrong_currency", code.code, make_order(currency="USD"), now)

    assert uses(code) == (0, 0)


def test_other_products_are_refused(now) -> None:
    code = make_code(make_benefit(scopes=[("product", "MUG-1")]))

    refused("no_matching_products", code.code, make_order(), now)


@pytest.mark.parametrize("customer", [ADA, Customer(account_id="7", email="ada@example.com")])
def test_a_first_order_code_is_refused_to_who_has_ordered(customer, now) -> None:
    code = make_code(make_benefit(first_order_only=True))
    make_purchase(customer=customer)

    refused("first_order_only", code.code, make_order(customer=customer), now)

    assert uses(code) == (0, 0)


def test_a_first_order_code_is_taken_for_the_first_order_recorded_already(now) -> None:
    code = make_code(make_benefit(first_order_only=True))
    order = make_order(customer=ADA)
    make_purchase(order)

    redeem_code(code=code.code, order=order, now=now)

    assert uses(code) == (1, 1)


def test_a_cancelled_order_is_no_first_order(now) -> None:
    code = make_code(make_benefit(first_order_only=True))
    purchase = make_purchase(customer=ADA)
    type(purchase).objects.update(status="cancelled", cancelled_at=now)

    redeem_code(code=code.code, order=make_order(customer=ADA), now=now)

    assert uses(code) == (1, 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "is_taken"), [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 0)]
)
def test_codes_combine_where_both_allow_it(ours, theirs, is_taken, now) -> None:
    mine = make_code(make_benefit(is_combinable=bool(ours)))
    other = make_code(make_benefit(is_combinable=bool(theirs)))
    order = make_order(discount_codes=(mine.code.lower(), other.code.lower()))

    if is_taken:
        redeem_code(code=mine.code, order=order, now=now)
    else:
        refused("not_combinable", mine.code, order, now)

    assert uses(mine) == (is_taken, is_taken)


def test_a_second_code_is_refused_though_the_order_does_not_name_the_first(now) -> None:
    first, second, order = make_code(), make_code(), make_order()
    redeem_code(code=first.code, order=order, now=now)

    refused("not_combinable", second.code, order, now)


def test_the_shop_says_what_it_really_took_off(now) -> None:
    code, order = make_code(), make_order()

    redemption = redeem_code(code=code.code, order=order, now=now, discount=Decimal("3.335"))

    assert redemption.discount_minor == 334


@pytest.mark.parametrize("discount", ["-0.01", "NaN", "Infinity", "1e30"])
def test_what_is_no_discount_is_not_booked(discount, now) -> None:
    code = make_code()

    with pytest.raises(InvalidOrder):
        redeem_code(code=code.code, order=make_order(), now=now, discount=Decimal(discount))

    assert uses(code) == (0, 0)


@pytest.mark.parametrize("number", ["", "  ", "\x00", "9" * 101])
def test_an_order_without_a_usable_number_is_no_order(number, now) -> None:
    with pytest.raises(InvalidOrder):
        redeem_code(code=make_code().code, order=make_order(number=number), now=now)


@pytest.mark.parametrize(
    ("lines", "total", "discount_total", "goods"),
    [
        (["45.10"], "50.00", "0", "45.10"),
        (["50.00"], "49.90", "5.00", "50.00"),  # the shop keeps the discount off the lines
        (["45.00"], "49.90", "5.00", "50.00"),  # the shop spreads it over the lines
        (["50.00"], "49.90", "0", "50.00"),  # the adapter does not know the discount
        ([], "49.90", "5.00", "50.00"),
    ],
)
def test_an_order_is_weighed_as_it_was_before_the_discount(
    lines, total, discount_total, goods
) -> None:
    order = make_order(
        total=Decimal(total),
        discount_total=Decimal(discount_total),
        lines=tuple(OrderLine(title="Bowl", total=Decimal(line)) for line in lines),
    )

    assert as_basket(order).total == Decimal(goods)


def test_a_released_use_serves_another_order(now) -> None:
    code, order, other = make_code(), make_order(), make_order()
    redeem_code(code=code.code, order=order, now=now)

    released = release_code(code=code.code, order_ref=order.number, now=now)

    assert released is not None
    assert released.released_at == now
    assert uses(code) == (0, 0)
    redeem_code(code=code.code, order=other, now=now)
    refused("used_up", code.code, order, now)
    assert uses(code) == (1, 1)


def test_a_released_use_serves_the_same_order_again_in_the_same_row(now) -> None:
    code, order = make_code(), make_order()
    first = redeem_code(code=code.code, order=order, now=now)
    release_code(code=code.code, order_ref=order.number, now=now)
    later = now + timedelta(hours=1)

    again = redeem_code(code=code.code, order=order, now=later, discount=Decimal(2))

    assert again.pk == first.pk
    stored = CodeRedemption.objects.get()
    assert (stored.redeemed_at, stored.released_at, stored.discount_minor) == (later, None, 200)
    assert uses(code) == (1, 1)


def test_releasing_twice_gives_one_use_back(now) -> None:
    code, order = make_code(make_benefit(max_uses=2)), make_order()
    redeem_code(code=code.code, order=order, now=now)
    redeem_code(code=code.code, order=make_order(), now=now)

    for hours in range(3):
        release_code(code=code.code, order_ref=order.number, now=now + timedelta(hours=hours))

    assert uses(code) == (1, 1)
    assert CodeRedemption.objects.get(order_ref=order.number).released_at == now


def test_releasing_what_was_never_used_is_nothing(now) -> None:
    code = make_code()

    assert release_code(code=code.code, order_ref="1", now=now) is None
    assert release_code(code="NOSUCHCODE22", order_ref="1", now=now) is None
    assert uses(code) == (0, 0)


def test_releasing_does_not_revive_an_expired_code(now) -> None:
    code, order = make_code(), make_order()
    redeem_code(code=code.code, order=order, now=now)
    release_code(code=code.code, order_ref=order.number, now=code.expires_at)

    refused("expired", code.code, order, code.expires_at)


def test_a_withdrawn_code_keeps_its_first_date_and_reason(now, django_user_model) -> None:
    code, staff = make_code(), django_user_model.objects.create_user("staff")

    first = revoke_codes(code_ids=[code.pk], by=staff, reason="Leaked", now=now)
    second = revoke_codes(code_ids=[code.pk], by=None, reason="Again", now=now + timedelta(1))

    code.refresh_from_db()
    assert (first, second) == (1, 0)
    assert (code.status, code.revoked_at, code.revoke_reason) == ("revoked", now, "Leaked")
    assert code.revoked_by == staff


def test_a_redemption_names_the_customer_we_know(now) -> None:
    owner = resolve_customer(customer=ADA, placed_at=now, now=now).customer
    code, other = make_code(), make_code()

    known = redeem_code(code=code.code, order=make_order(customer=ADA), now=now)
    unknown = redeem_code(code=other.code, order=make_order(), now=now)

    assert (known.customer_id, unknown.customer_id) == (owner.pk, None)


def test_signals_leave_after_commit_once_and_a_failing_receiver_harms_nothing(
    now, django_capture_on_commit_callbacks
) -> None:
    code, order, heard = make_code(), make_order(), []

    def fail(**kwargs):
        raise ValueError("a receiver of the host")

    def redeemed(redemption, **kwargs):
        heard.append(("redeemed", redemption.pk))

    def released(redemption, **kwargs):
        heard.append(("released", redemption.pk))

    for signal, receiver in ((code_redeemed, redeemed), (code_released, released)):
        signal.connect(fail, weak=False)
        signal.connect(receiver, weak=False)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            redemption = redeem_code(code=code.code, order=order, now=now)
            redeem_code(code=code.code, order=order, now=now)
            release_code(code=code.code, order_ref=order.number, now=now)
            release_code(code=code.code, order_ref=order.number, now=now)
            assert heard == []
    finally:
        for signal, receiver in ((code_redeemed, redeemed), (code_released, released)):
            signal.disconnect(fail)
            signal.disconnect(receiver)

    assert heard == [("redeemed", redemption.pk), ("released", redemption.pk)]
