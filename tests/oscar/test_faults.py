"""A fault of ours never stands in the way of an order, and what it lost is booked afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from oscar.core.loading import get_model

from django_ppx import purchases
from django_ppx.core.models import Purchase
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def failing(text: str) -> Iterator[None]:
    """Let each statement with this text fail, as where a table of ours is broken. Names stand in double quotes."""
    text = text.replace('"', connection.ops.quote_name("a name")[0])

    def fail(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if text in sql:
            raise DatabaseError(f"broken: {text}")
        return execute(sql, *args)

    with connection.execute_wrapper(fail):
        yield


@pytest.fixture
def code(shop: None) -> str:
    return make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code


def test_an_order_goes_through_when_its_use_cant_be_written_and_is_booked_with_the_purchase(
    transactions: None, guest: Shopper, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    guest.put_in_basket()
    guest.type_code(code)
    guest.go_to_preview()
    with (
        failing('"django_ppx_coderedemption"'),
        failing('INSERT INTO "django_ppx_purchase"'),
    ):
        thanks = guest.place_order()

    assert thanks.request["PATH_INFO"] == "/checkout/thank-you/"
    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    assert not CodeRedemption.objects.exists()
    assert "codes.reserve failed" in caplog.text
    assert "codes.redeem failed" in caplog.text

    guest.browser.get("/checkout/thank-you/")

    assert CodeRedemption.objects.get().discount_minor == 400
    assert DiscountCode.objects.get().times_used == 1


def test_staff_can_find_an_order_whose_discount_the_ledger_refused_afterwards(
    guest: Shopper, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    guest.put_in_basket()
    guest.type_code(code)
    guest.go_to_preview()
    with (
        failing('"django_ppx_coderedemption"'),
        failing('INSERT INTO "django_ppx_purchase"'),
    ):
        guest.place_order()
    DiscountCode.objects.update(times_used=1)  # by another order meanwhile

    purchase = purchases.completed(orders()[0])

    assert purchase is not None
    assert f"Purchase {purchase.pk} was given a discount for a code that is refused: used_up." in (
        caplog.text
    )
    assert DiscountCode.objects.get().times_used == 1


@pytest.mark.parametrize(
    "table", ["discountcode", "coderedemption", "purchase", "customer", "offer"]
)
def test_no_broken_table_of_ours_stops_an_order(
    transactions: None, guest: Shopper, code: str, table: str
) -> None:
    guest.put_in_basket()
    guest.type_code(code)

    with failing(f'"django_ppx_{table}'):
        guest.see_basket()
        guest.go_to_preview()
        thanks = guest.place_order()

    assert thanks.status_code == 200
    assert thanks.request["PATH_INFO"] == "/checkout/thank-you/"
    assert len(orders()) == 1


def test_a_code_cant_be_added_while_the_ledger_is_broken_and_the_shopper_reads_it(
    guest: Shopper, code: str
) -> None:
    guest.put_in_basket()

    with failing('"django_ppx_discountcode'):
        page = guest.type_code(code)

    assert "The code can&#x27;t be checked right now. Please try again." in page
    assert "£40.00" in page


def test_an_adapter_that_fails_stops_no_order(
    transactions: None, guest: Shopper, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("a fault of the adapter")

    monkeypatch.setattr("django_ppx.contrib.oscar.adapter.OscarShop.order", fail)
    thanks_page = "/checkout/thank-you/"

    guest.put_in_basket()
    guest.type_code(code)
    guest.go_to_preview()
    thanks = guest.place_order()

    assert thanks.request["PATH_INFO"] == thanks_page
    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    monkeypatch.undo()
    guest.browser.get(thanks_page)
    assert Purchase.objects.count() == 1
    assert DiscountCode.objects.get().times_used == 1


@pytest.mark.parametrize("in_transaction", [True, False])
def test_an_order_refunded_before_it_was_recorded_gives_its_code_back(
    guest: Shopper, in_transaction: bool
) -> None:
    benefit = make_benefit(percent=Decimal(10), code_after_refund="release")
    guest.put_in_basket()
    guest.type_code(make_code(benefit, now=timezone.now()).code)
    guest.go_to_preview()
    with failing('INSERT INTO "django_ppx_purchase"'):
        guest.place_order()

    with transaction.atomic() if in_transaction else nullcontext():
        get_model("order", "Order").objects.update(status="Returned")
        purchases.completed(orders()[0])

    assert Purchase.objects.get().status == "refunded"
    assert CodeRedemption.objects.get().status == "released"
    assert DiscountCode.objects.get().times_used == 0
