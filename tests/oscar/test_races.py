"""Two orders that want the last use of one code at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from oscar.apps.checkout.mixins import OrderPlacementMixin

from django_ppx.contrib.oscar import checkout, redeeming
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shoppers(shop: None, monkeypatch: pytest.MonkeyPatch) -> list[Shopper]:
    """Return two shoppers with the same code in their baskets, who both see its discount.

    Both arrive at the payment at the same moment, as two requests in two processes would.
    """
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)
    code = make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code
    found = [Shopper("ada@example.com"), Shopper("bob@example.com")]
    for shopper in found:
        shopper.put_in_basket()
        shopper.type_code(code)
        assert "£36.00" in shopper.go_to_preview()
    both_are_here = threading.Barrier(2, timeout=20)
    hold = checkout.HoldsCodes._hold_codes

    def wait_then_hold(view: Any, order_ref: str) -> str:
        both_are_here.wait()
        return hold(view, order_ref)

    monkeypatch.setattr(checkout.HoldsCodes, "_hold_codes", wait_then_hold)
    return found


@pytest.fixture
def no_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the codes be held by nobody, as where the shop's own view takes the payment."""
    both_are_here = threading.Barrier(2, timeout=20)

    def only_wait(view: Any, order_ref: str) -> str:
        both_are_here.wait()
        return ""

    monkeypatch.setattr(checkout.HoldsCodes, "_hold_codes", only_wait)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    answers: list[Any] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            answers.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_one_of_two_orders_gets_the_code_and_the_other_is_stopped_before_payment(
    shoppers: list[Shopper], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = []
    monkeypatch.setattr(
        OrderPlacementMixin, "handle_payment", lambda view, number, total: paid.append(total)
    )

    pages = at_once(*(shopper.place_order for shopper in shoppers))

    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    assert len(paid) == 1
    assert CodeRedemption.objects.get().order_ref == orders()[0].number
    assert DiscountCode.objects.get().times_used == 1
    (refused,) = [page for page in pages if page.request["PATH_INFO"] != "/checkout/thank-you/"]
    assert "Nothing has been paid." in refused.content.decode()


def test_where_nothing_was_held_one_of_two_orders_is_not_placed(
    shoppers: list[Shopper], no_hold: None
) -> None:
    pages = at_once(*(shopper.place_order for shopper in shoppers))

    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    assert CodeRedemption.objects.get().order_ref == orders()[0].number
    assert DiscountCode.objects.get().times_used == 1
    (refused,) = [page for page in pages if page.request["PATH_INFO"] != "/checkout/thank-you/"]
    assert "This code is not valid." in refused.content.decode()


def test_without_the_ledger_both_orders_would_get_it(
    shoppers: list[Shopper], no_hold: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redeeming, "_take_use", lambda *args: None)

    at_once(*(shopper.place_order for shopper in shoppers))

    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00"), Decimal("36.00")]
