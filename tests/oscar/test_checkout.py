"""From one order to the next, through Oscar's real checkout."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from django_ppx.core.models import Purchase
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from tests.oscar.shopper import Shopper, code_on, orders

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_code_of_a_guests_order_is_spent_once_and_refused_then(
    offer: Any, guest: Shopper
) -> None:
    code = code_on(guest.buy())

    guest.put_in_basket()
    basket = guest.type_code(code.lower().replace("-", " "))
    preview = guest.go_to_preview()
    thanks = guest.place_order()

    assert "36.00" in basket
    assert "36.00" in preview
    assert thanks.request["PATH_INFO"] == "/checkout/thank-you/"
    first, second = orders()
    assert (first.total_incl_tax, second.total_incl_tax) == (Decimal("40.00"), Decimal("36.00"))
    redemption = CodeRedemption.objects.get()
    assert (redemption.order_ref, redemption.discount_minor) == (second.number, 400)
    assert DiscountCode.objects.get(code=code.replace("-", "")).times_used == 1

    guest.put_in_basket()
    refused = guest.type_code(code)

    # A guest is a stranger until the address is known.
    assert "This code is not valid." in refused
    guest.go_to_preview()
    guest.place_order()
    assert orders()[2].total_incl_tax == Decimal("40.00")
    assert CodeRedemption.objects.count() == 1


def test_purchases_are_recorded(offer: Any, guest: Shopper) -> None:
    guest.buy()

    assert [row.order_ref for row in Purchase.objects.all()] == [orders()[0].number]
