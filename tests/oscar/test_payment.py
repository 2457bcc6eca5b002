"""What is held of a code while an order is paid, and what becomes of it when the payment fails."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from oscar.apps.checkout.mixins import OrderPlacementMixin
from oscar.apps.order.exceptions import UnableToPlaceOrder
from oscar.apps.payment.exceptions import PaymentError, UnableToTakePayment

from django_ppx import codes
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopper(guest: Shopper) -> Shopper:
    """Return a guest in front of the button, with a code in the basket."""
    code = make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code
    guest.put_in_basket()
    guest.type_code(code)
    guest.go_to_preview()
    return guest


def pay_with(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> list[tuple[str, int]]:
    """Let the shop's payment end with `error`; return what the ledger says while it runs."""
    seen: list[tuple[str, int]] = []

    def pay(view: Any, order_number: Any, total: Any, **kwargs: Any) -> None:
        held = CodeRedemption.objects.get()
        seen.append((held.status, DiscountCode.objects.get().times_used))
        if error is not None:
            raise error

    monkeypatch.setattr(OrderPlacementMixin, "handle_payment", pay)
    return seen


def test_a_code_is_held_while_the_order_is_paid_and_used_when_it_is_placed(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = pay_with(monkeypatch, None)

    shopper.place_order()

    assert seen == [("reserved", 1)]
    assert CodeRedemption.objects.get().status == "redeemed"
    assert CodeRedemption.objects.get().discount_minor == 400
    assert DiscountCode.objects.get().times_used == 1


@pytest.mark.parametrize(
    "error",
    [
        UnableToTakePayment("The card has expired."),
        PaymentError("The gateway is down."),
        RuntimeError("a fault of the shop"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_was_held_is_given_back_when_the_payment_does_not_come_about(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    seen = pay_with(monkeypatch, error)

    shopper.browser.post("/checkout/preview/", {"action": "place_order"})

    assert seen == [("reserved", 1)]
    assert DiscountCode.objects.get().times_used == 0
    assert orders() == []


def test_a_payment_that_fails_does_not_undo_an_order_that_was_placed_meanwhile(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pay(*args: Any, **kwargs: Any) -> None:
        held = CodeRedemption.objects.all()
        held.update(status="redeemed", reserved_until=None, redeemed_at=timezone.now())
        raise PaymentError("The card was charged already.")

    monkeypatch.setattr(OrderPlacementMixin, "handle_payment", pay)

    shopper.place_order()

    assert CodeRedemption.objects.get().status == "redeemed"
    assert DiscountCode.objects.get().times_used == 1


def test_a_second_attempt_at_paying_has_the_code_again(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay_with(monkeypatch, UnableToTakePayment("The card has expired."))
    shopper.place_order()
    pay_with(monkeypatch, None)

    shopper.go_to_preview()
    shopper.place_order()

    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    assert CodeRedemption.objects.get().status == "redeemed"


def test_what_was_held_is_given_back_when_the_order_cant_be_placed(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise UnableToPlaceOrder("Out of stock.")

    monkeypatch.setattr("oscar.apps.order.utils.OrderCreator.create_line_models", fail)

    page = shopper.place_order()

    assert "Out of stock." in page.content.decode()
    assert DiscountCode.objects.get().times_used == 0
    assert orders() == []


@pytest.mark.parametrize("step", ["save_payment_details", "send_order_placed_email"])
def test_an_order_keeps_its_code_when_oscar_fails_after_placing_it(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch, transactions: None, step: str
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("The mail server is down.")

    monkeypatch.setattr(OrderPlacementMixin, step, fail)

    shopper.place_order()

    assert len(orders()) == 1
    assert CodeRedemption.objects.get().status == "redeemed"
    assert DiscountCode.objects.get().times_used == 1


def test_nothing_is_paid_in_a_transaction_that_has_to_begin_again(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_way(*args: Any, **kwargs: Any) -> None:
        raise codes.Busy("A deadlock.")

    seen = pay_with(monkeypatch, None)
    monkeypatch.setattr(codes, "reserve", give_way)

    page = shopper.place_order()

    assert "could not be placed just now. Please try again." in page.content.decode()
    assert (seen, orders()) == ([], [])
