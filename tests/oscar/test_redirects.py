"""A shopper who pays at a provider elsewhere: what is held meanwhile, and what they find when they are back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from oscar.apps.checkout.mixins import OrderPlacementMixin
from oscar.apps.partner.strategy import Selector
from oscar.apps.payment.exceptions import RedirectRequired
from oscar.apps.shipping.methods import FixedPrice
from oscar.apps.shipping.repository import Repository
from oscar.core.loading import get_class, get_model

from django_ppx.contrib.oscar.shoppers import note_order
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shop send whoever pays to a provider."""

    def send_on(*args: Any, **kwargs: Any) -> None:
        raise RedirectRequired("https://payment.example.com/")

    monkeypatch.setattr(OrderPlacementMixin, "handle_payment", send_on)


@pytest.fixture
def code(shop: None) -> str:
    return make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code


@pytest.fixture
def away(guest: Shopper, provider: None, code: str) -> Shopper:
    """Return a guest who is at the provider, with the code in the basket."""
    guest.put_in_basket()
    guest.type_code(code)
    leave(guest)
    return guest


def leave(shopper: Shopper) -> None:
    """Press the button of the preview, and be sent to the provider."""
    assert "£" in shopper.go_to_preview()
    answer = shopper.browser.post("/checkout/preview/", {"action": "place_order"})
    assert answer.headers.get("Location") == "https://payment.example.com/", answer.content


def come_back(shopper: Shopper, *, has_paid: bool) -> Any:
    return shopper.browser.get(
        "/provider/paid/" if has_paid else "/provider/cancelled/", follow=True
    )


def let_time_run_out() -> None:
    CodeRedemption.objects.update(reserved_until=timezone.now() - timedelta(seconds=1))


def uses() -> int:
    return DiscountCode.objects.get().times_used


def test_the_use_is_held_for_who_is_away_and_taken_when_they_have_paid(
    transactions: None, away: Shopper, code: str
) -> None:
    held = CodeRedemption.objects.get()
    bob = Shopper("bob@example.com")
    bob.put_in_basket()
    refused = bob.type_code(code)

    back = come_back(away, has_paid=True)

    assert (held.status, held.discount_minor) == ("reserved", 400)
    assert "This code is not valid." in refused
    assert back.request["PATH_INFO"] == "/checkout/thank-you/"
    (order,) = orders()
    assert order.total_incl_tax == Decimal("36.00")
    taken = CodeRedemption.objects.get()
    assert (taken.order_ref, taken.status, taken.discount_minor) == (order.number, "redeemed", 400)
    assert uses() == 1


def test_who_cancels_at_the_provider_finds_the_code_as_it_was_and_pays_again(
    transactions: None, away: Shopper
) -> None:
    back = come_back(away, has_paid=False).content.decode()
    leave(away)
    come_back(away, has_paid=True)

    assert "£36.00" in back
    assert "not valid" not in back
    assert "already been used" not in back
    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    assert CodeRedemption.objects.get().status == "redeemed"
    assert uses() == 1


def test_who_cancels_and_changes_the_basket_finds_the_code_good_for_it(away: Shopper) -> None:
    come_back(away, has_paid=False)
    away.put_in_basket("PEN-1")
    basket = away.see_basket()
    leave(away)
    come_back(away, has_paid=True)

    assert "£45.00" in basket
    assert [order.total_incl_tax for order in orders()] == [Decimal("45.00")]
    assert CodeRedemption.objects.get().discount_minor == 500


def test_who_cancels_and_takes_the_code_out_can_type_it_again(away: Shopper, code: str) -> None:
    come_back(away, has_paid=False)
    get_model("basket", "Basket").objects.get().vouchers.clear()

    assert "£36.00" in away.type_code(code)


def test_who_cancels_and_orders_without_the_code_has_it_back(away: Shopper, code: str) -> None:
    come_back(away, has_paid=False)
    get_model("basket", "Basket").objects.get().vouchers.clear()
    leave(away)
    come_back(away, has_paid=True)

    assert [order.total_incl_tax for order in orders()] == [Decimal("40.00")]
    assert CodeRedemption.objects.get().status == "released"
    away.put_in_basket()
    assert "£36.00" in away.type_code(code)


def test_who_starts_again_in_a_new_basket_finds_the_code_good_and_uses_it_once(
    away: Shopper, code: str
) -> None:
    away.put_in_basket()
    page = away.type_code(code)
    leave(away)
    held = list(CodeRedemption.objects.order_by("pk").values_list("status", flat=True))
    come_back(away, has_paid=True)

    assert "£36.00" in page
    assert held == ["released", "reserved"]
    (order,) = orders()
    assert order.total_incl_tax == Decimal("36.00")
    assert CodeRedemption.objects.get(status="redeemed").order_ref == order.number
    assert uses() == 1


def test_who_comes_back_late_still_gets_a_use_that_nobody_took(away: Shopper) -> None:
    let_time_run_out()

    come_back(away, has_paid=True)

    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]
    assert CodeRedemption.objects.get().status == "redeemed"


@pytest.mark.parametrize("benefit", [{"percent": Decimal(10)}, {"type": "free_shipping"}])
def test_who_comes_back_after_somebody_else_took_the_use_gets_no_order(
    transactions: None,
    guest: Shopper,
    provider: None,
    monkeypatch: pytest.MonkeyPatch,
    benefit: dict[str, Any],
) -> None:
    monkeypatch.setattr(Repository, "methods", (FixedPrice(Decimal("4.90"), Decimal("4.90")),))
    code = make_code(make_benefit(**benefit), now=timezone.now()).code
    bob = Shopper("bob@example.com")
    for shopper in (guest, bob):
        if shopper is bob:
            let_time_run_out()
        shopper.put_in_basket()
        shopper.type_code(code)
        leave(shopper)
    come_back(bob, has_paid=True)

    back = come_back(guest, has_paid=True).content.decode()

    assert "This code is not valid." in back
    assert len(orders()) == 1
    assert CodeRedemption.objects.get(status="redeemed").order_ref == orders()[0].number
    assert uses() == 1
    guest.go_to_preview()
    stopped = guest.place_order().content.decode()
    assert "Your basket has changed. Nothing has been paid." in stopped
    leave(guest)
    come_back(guest, has_paid=True)
    assert [order.total_incl_tax for order in orders()][1:] == [Decimal("44.90")]
    assert uses() == 1


def test_a_number_that_has_become_an_order_makes_its_use_nobodys(away: Shopper, code: str) -> None:
    come_back(away, has_paid=True)
    session = away.browser.session
    session["checkout_data"] = {"submission": {"order_number": int(orders()[0].number)}}
    session.save()
    away.put_in_basket()

    page = away.type_code(code)

    assert "This code is not valid." in page
    assert "£36.00" not in page


def test_a_view_without_the_shoppers_session_says_which_order_it_is_for(away: Shopper) -> None:
    def price(number: str) -> Decimal:
        basket = get_model("basket", "Basket").objects.get()
        basket.strategy = Selector().strategy()
        note_order(basket, number)
        get_class("offer.applicator", "Applicator")().apply(basket, AnonymousUser())
        return basket.total_incl_tax

    assert price(CodeRedemption.objects.get().order_ref) == Decimal("36.00")
    assert price("") == Decimal("40.00")
