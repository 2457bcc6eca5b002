"""From one order to the next, through Oscar's real checkout."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, code_on, orders

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_guest_spends_the_code_of_one_order_in_the_next_and_not_in_a_third(
    transactions: None, offer: Any, guest: Shopper
) -> None:
    code = code_on(guest.buy())

    guest.put_in_basket()
    basket = guest.type_code(code.lower().replace("-", " "))
    preview = guest.go_to_preview()
    thanks = guest.place_order()

    assert "£36.00" in basket
    assert "£36.00" in preview
    assert thanks.request["PATH_INFO"] == "/checkout/thank-you/"
    first, second = orders()
    assert (first.total_incl_tax, second.total_incl_tax) == (Decimal("40.00"), Decimal("36.00"))
    redemption = CodeRedemption.objects.get()
    assert (redemption.order_ref, redemption.discount_minor) == (second.number, 400)
    assert DiscountCode.objects.get(code=code.replace("-", "")).times_used == 1

    guest.put_in_basket()
    refused = guest.type_code(code)
    guest.go_to_preview()
    guest.place_order()

    # A guest is a stranger until the address is known, and strangers learn nothing about a code.
    assert "This code is not valid." in refused
    assert orders()[2].total_incl_tax == Decimal("40.00")
    assert CodeRedemption.objects.count() == 1


def test_an_account_spends_the_code_of_one_order_in_the_next_and_not_in_a_third(
    transactions: None, offer: Any, shop: None
) -> None:
    ada = Shopper(email="ada@example.com", password="a long one")
    code = code_on(ada.buy())

    thanks = ada.buy(code)
    refused = ada.buy(code)

    assert code_on(thanks) != code
    assert "Thank" in refused or "confirmation" in refused
    assert [order.total_incl_tax for order in orders()] == [
        Decimal("40.00"),
        Decimal("36.00"),
        Decimal("40.00"),
    ]
    assert [row.order_ref for row in CodeRedemption.objects.all()] == [orders()[1].number]
    ada.put_in_basket()
    assert "This code has already been used." in ada.type_code(code)


def test_each_order_is_recorded_with_who_bought_and_what(offer: Any, guest: Shopper) -> None:
    guest.buy()

    purchase = Purchase.objects.get()
    assert purchase.order_ref == orders()[0].number
    assert (purchase.currency, purchase.total_minor) == ("GBP", 4000)
    assert purchase.customer.email == "ada@example.com"
    assert [line.category_path for line in purchase.lines.all()] == ["Books/Novels"]


def test_a_reload_of_the_thank_you_page_shows_the_same_code_and_is_never_cached(
    offer: Any, guest: Shopper
) -> None:
    code = code_on(guest.buy())

    again = guest.browser.get("/checkout/thank-you/")

    assert code_on(again.content.decode()) == code
    assert "no-store" in again["Cache-Control"]
    assert "django_ppx/ppx.css" in again.content.decode()


def test_a_stranger_who_opens_the_thank_you_page_sees_no_code(offer: Any, guest: Shopper) -> None:
    code = code_on(guest.buy())

    page = Shopper(email="bob@example.com").browser.get("/checkout/thank-you/", follow=True)

    assert code not in page.content.decode()


def test_a_cancelled_order_is_a_cancelled_purchase(offer: Any, guest: Shopper) -> None:
    guest.buy()

    orders()[0].set_status("Being processed")
    assert Purchase.objects.get().status == Purchase.Status.PLACED
    orders()[0].set_status("Cancelled")

    assert Purchase.objects.get().status == Purchase.Status.CANCELLED


@pytest.mark.parametrize(("policy", "times_used"), [("release", 0), ("keep", 1)])
def test_the_benefits_policy_says_whether_a_cancelled_orders_code_may_be_used_again(
    guest: Shopper, policy: str, times_used: int
) -> None:
    benefit = make_benefit(percent=Decimal(10), code_after_cancellation=policy)
    code = make_code(benefit, now=timezone.now())
    guest.buy(code.code)

    orders()[0].set_status("Cancelled")

    assert Purchase.objects.get().cancelled_at is not None
    assert DiscountCode.objects.get().times_used == times_used


def test_a_code_of_a_cancelled_order_is_spent_in_the_next(guest: Shopper, shop: None) -> None:
    code = make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code
    guest.buy(code)
    orders()[0].set_status("Cancelled")

    guest.buy(code)

    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00"), Decimal("36.00")]
    assert DiscountCode.objects.get().times_used == 1


def test_the_admin_and_oscars_dashboard_agree_on_what_was_taken_off(
    offer: Any, guest: Shopper
) -> None:
    code = code_on(guest.buy())
    guest.buy(code)

    order = orders()[1]
    discount = order.discounts.get()
    assert (discount.voucher_code, discount.amount) == (code, Decimal("4.00"))
    assert CodeRedemption.objects.get().discount_minor == 400
    assert discount.voucher.applications.get().order == order
    assert Purchase.objects.get(order_ref=order.number).discount_minor == 400
