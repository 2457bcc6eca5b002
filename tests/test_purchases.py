from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, OperationalError, connection, transaction

from django_ppx import purchases
from django_ppx.core.models import Purchase, PurchaseLine
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards import settling
from django_ppx.rewards.models import CodeRedemption
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.undoing import settle_order
from django_ppx.shop.adapter import Notify
from django_ppx.shop.types import Customer, Order, OrderStatus
from django_ppx.testing import (
    FakeShop,
    make_benefit,
    make_code,
    make_order,
    make_purchase,
    make_reward,
)
from tests.racing import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings) -> Iterator[type[FakeShop]]:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    yield FakeShop
    FakeShop.clear()


class ConnectedShop(FakeShop):
    """A shop whose "signals" a test fires itself."""

    notify: tuple[Notify, Notify]

    def connect(self, placed: Notify, changed: Notify) -> None:
        ConnectedShop.notify = (placed, changed)


class FaultyShop(FakeShop):
    def connect(self, placed: Notify, changed: Notify) -> None:
        raise RuntimeError("no such signal")


def test_a_completed_order_is_recorded_without_a_request() -> None:
    order = make_order(number="T-1")

    purchase = purchases.completed(order)

    assert purchase == Purchase.objects.get(order_ref="T-1")


def test_telling_it_again_changes_nothing() -> None:
    order = make_order()
    first = purchases.completed(order)

    second = purchases.completed(order)

    assert second == first
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "stored"),
    [
        (OrderStatus.SHIPPED, Purchase.Status.PLACED),
        (OrderStatus.CANCELLED, Purchase.Status.CANCELLED),
        (OrderStatus.REFUNDED, Purchase.Status.REFUNDED),
    ],
)
def test_a_known_order_follows_the_shops_status(status: OrderStatus, stored: str) -> None:
    order = make_order()
    purchases.completed(order)

    purchase = purchases.completed(replace(order, status=status))

    assert purchase is not None
    purchase.refresh_from_db()
    assert purchase.status == stored


def test_a_cancelled_purchase_is_not_revived() -> None:
    order = make_order()
    purchases.completed(order)
    purchases.cancelled(order)

    purchase = purchases.completed(order)

    assert purchase is not None
    assert purchase.status == Purchase.Status.CANCELLED


def test_an_order_can_be_cancelled_by_its_number() -> None:
    purchases.completed(make_order(number="T-1"))

    purchase = purchases.cancelled("T-1")

    assert purchase is not None
    assert Purchase.objects.get().status == Purchase.Status.CANCELLED


def test_an_order_cancelled_before_we_saw_it_is_recorded_as_cancelled(shop) -> None:
    order = shop.place()

    first, second = purchases.cancelled(order), purchases.cancelled(order.number)

    assert first == second == Purchase.objects.get()
    assert Purchase.objects.get().status == Purchase.Status.CANCELLED


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REFUNDED])
def test_an_order_that_was_undone_before_we_saw_it_gives_its_code_back(status: OrderStatus) -> None:
    order = make_order()
    code = make_code(make_benefit(code_after_refund="release"), now=order.placed_at)
    redeem_code(code=code.code, order=order, now=order.placed_at)

    purchases.completed(replace(order, status=status))

    code.refresh_from_db()
    assert code.times_used == 0
    assert CodeRedemption.objects.get().status == "released"


def test_an_unseen_number_is_looked_up_in_the_shop(shop) -> None:
    order = shop.place()

    purchase = purchases.refunded(order.number, Decimal("20.00"))

    assert purchase is not None
    assert Purchase.objects.get().refunded_minor == 2000


def test_a_number_that_nobody_knows_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert purchases.cancelled("T-404") is None
    assert len(caplog.records) == 1
    assert not Purchase.objects.exists()


def test_a_refund_told_twice_is_one_refund() -> None:
    order = make_order()
    purchases.completed(order)

    purchases.refunded(order, Decimal("20.00"))
    purchases.refunded(order, Decimal("20.00"))

    assert Purchase.objects.get().refunded_minor == 2000


def test_without_an_amount_everything_is_refunded() -> None:
    order = make_order(total=Decimal("50.00"))
    purchases.completed(order)

    purchases.refunded(order)

    purchase = Purchase.objects.get()
    assert purchase.refunded_minor == 5000
    assert purchase.status == Purchase.Status.REFUNDED


@pytest.mark.parametrize("call", [purchases.completed, purchases.cancelled, purchases.refunded])
def test_a_fault_of_the_adapter_is_contained(
    call: Any, shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.fault = RuntimeError("the adapter broke")

    with transaction.atomic():
        Group.objects.create(name="before")
        result = call(make_order())
        Group.objects.create(name="after")

    assert result is None
    assert Group.objects.count() == 2
    assert len(caplog.records) == 1


def test_a_developer_sees_the_fault(settings, shop) -> None:
    settings.DEBUG = True
    shop.fault = InvalidOrder("no total")

    with pytest.raises(InvalidOrder, match="no total"):
        purchases.completed(make_order())


@pytest.mark.django_db(transaction=True)
def test_the_shops_signals_record_after_the_shops_commit(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.ConnectedShop"
    purchases.connect_shop()
    placed, changed = ConnectedShop.notify
    order = make_order()

    with transaction.atomic():
        placed(order)
        assert not Purchase.objects.exists()
    assert Purchase.objects.get().status == Purchase.Status.PLACED
    with transaction.atomic():
        changed(replace(order, status=OrderStatus.CANCELLED))

    assert Purchase.objects.get().status == Purchase.Status.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_an_order_that_the_shop_rolls_back_is_not_recorded(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.ConnectedShop"
    purchases.connect_shop()
    placed, _changed = ConnectedShop.notify

    with transaction.atomic():
        placed(make_order())
        transaction.set_rollback(True)

    assert not Purchase.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_receiver_of_ours_never_raises_into_a_checkout(
    settings, shop, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PPX_SHOP = f"{__name__}.ConnectedShop"
    purchases.connect_shop()
    shop.fault = RuntimeError("the adapter broke")

    with transaction.atomic():
        Group.objects.create(name="order")
        ConnectedShop.notify[0](make_order())

    assert Group.objects.count() == 1
    assert len(caplog.records) == 1


@pytest.mark.parametrize("path", ["no.such.Shop", f"{__name__}.FaultyShop"])
def test_a_wrong_shop_does_not_stop_the_start(
    settings, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    settings.PPX_SHOP = path

    purchases.connect_shop()

    assert len(caplog.records) == (1 if "Faulty" in path else 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_signal_call_and_page_at_once_record_one_purchase() -> None:
    order: Order = make_order()

    results = run_together(lambda number: purchases.completed(order))

    assert len({purchase.pk for purchase in results if purchase}) == 1
    assert None not in results
    assert Purchase.objects.count() == 1


class FaultAt:
    """Makes the statement of this number fail; savepoints are statements too."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.seen = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.seen += 1
        if self.seen == self.number:
            raise DatabaseError("injected")
        return execute(*args)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "is_merge", [False, True], ids=["first order", "order that merges a guest"]
)
def test_whatever_statement_fails_nothing_is_half_done(is_merge: bool) -> None:
    for number in count(1):
        email = f"ada{number}@example.com"
        if is_merge:
            make_purchase(customer=Customer(email=email))
            make_purchase(customer=Customer(account_id=str(number)))
        before = (Purchase.objects.count(), PurchaseLine.objects.count())
        order = make_order(customer=Customer(account_id=str(number), email=email))
        fault = FaultAt(number)

        with transaction.atomic():
            Group.objects.create(name=f"before {number}")
            with connection.execute_wrapper(fault):
                purchase = purchases.completed(order)
            Group.objects.create(name=f"after {number}")

        after = (Purchase.objects.count(), PurchaseLine.objects.count())
        assert Group.objects.count() == 2 * number
        if fault.seen < number:
            break
        assert after == (before if purchase is None else (before[0] + 1, before[1] + 1))
        again = purchases.completed(order)
        assert again is not None
        assert again.customer.account_id == str(number)
    assert purchase is not None
    assert number > 10


@pytest.mark.parametrize("tell", [purchases.cancelled, purchases.refunded])
def test_what_gives_way_in_the_hosts_transaction_is_done_after_it(
    monkeypatch, django_capture_on_commit_callbacks, tell
) -> None:
    order = FakeShop.place(make_order())
    reward = make_reward(purchase_id=make_purchase(order).pk)
    tries = count()

    def settle_at_the_second_try(**arguments: Any) -> None:
        if next(tries) == 0:
            raise OperationalError(1205, "Lock wait timeout exceeded")
        settle_order(**arguments)

    monkeypatch.setattr(settling, "settle_order", settle_at_the_second_try)

    with django_capture_on_commit_callbacks(execute=True):
        tell(order.number)
        assert Purchase.objects.get().status == "placed"

    reward.refresh_from_db()
    assert reward.status == "reversed"
    assert next(tries) == 2


def keys_of(purchase: Purchase) -> list[str]:
    return list(purchase.entries.order_by("pk").values_list("key", flat=True))


def test_what_the_ledger_is_told_is_noted_once_and_by_number(shop) -> None:
    order = shop.place()

    for told in (order, order.number):
        purchases.charged_back(told, Decimal(10), reference="CB-1")
        purchases.adjusted(told, Decimal(-5), reference="weighed")
        purchase = purchases.complained(told, reference="T-1")

    assert purchase is not None
    assert keys_of(purchase) == ["purchase", "chargeback:CB-1", "adjustment:weighed"]
    assert [complaint.reference for complaint in purchase.complaints.all()] == ["T-1"]


def test_a_complaint_may_be_of_an_earlier_day(settings) -> None:
    settings.PPX_TIME_ZONE = "Asia/Tokyo"

    purchase = purchases.complained(make_order(), at=datetime(2026, 3, 9, 8))  # noqa: DTZ001

    assert purchase is not None
    complaint = purchase.complaints.get()
    assert complaint.occurred_at == datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert complaint.day_no == 20521


@pytest.mark.parametrize(
    "told",
    [
        lambda order: purchases.charged_back(order, Decimal(-1)),
        lambda order: purchases.adjusted(order, Decimal(1), reference=""),
        lambda order: purchases.complained(order, at="yesterday"),
        lambda order: purchases.charged_back("no such order"),
    ],
)
def test_a_fact_that_the_ledger_can_not_take_is_logged_and_contained(told, caplog) -> None:
    order = make_order()
    purchases.completed(order)

    assert told(order) is None

    assert len(caplog.records) == 1
    assert keys_of(Purchase.objects.get()) == ["purchase"]


def test_the_ledger_is_told_by_status_too(shop) -> None:
    order = make_order()
    purchases.completed(order)

    purchase = purchases.completed(replace(order, status=OrderStatus.REFUNDED))

    assert purchase is not None
    assert keys_of(purchase) == ["purchase", "refund:5000"]
