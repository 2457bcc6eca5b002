"""Oscar's voucher field is no place to guess codes at, and who has a code is not disturbed by the guard."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import ConditionalOfferFactory, VoucherFactory

from django_ppx.rewards.models import DiscountCode, FailedAttempt
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactions")]

THROTTLED = "Too many attempts. Please try again in a few minutes."
WRONG = ("NOSUCHCODEA", "NOSUCHCODEB", "NOSUCHCODEC")


@pytest.fixture(autouse=True)
def limit(settings: Any) -> None:
    settings.PPX_GUESSES_PER_ADDRESS = 3
    settings.PPX_GUESSES_PER_SESSION = 3


@pytest.fixture
def code(shop: None) -> str:
    return make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code


def use_attempts_up(shopper: Shopper) -> None:
    for wrong in WRONG:
        assert "This code is not valid." in shopper.type_code(wrong)


def without_tokens(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|csrf_token\W+\w+', "", page)


def test_wrong_codes_count_and_the_one_too_many_is_not_looked_at(guest: Shopper, code: str) -> None:
    guest.put_in_basket()

    use_attempts_up(guest)
    wrong, good = guest.type_code("NOSUCHCODED"), guest.type_code(code)

    assert THROTTLED in wrong
    assert THROTTLED in good
    assert "£36.00" not in good
    reasons = FailedAttempt.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["unknown", "unknown", "unknown", "throttled"]


def test_the_throttled_answer_is_one_and_the_same_and_leaves_no_trace_of_the_code(
    guest: Shopper, code: str
) -> None:
    used = make_code(make_benefit(percent=Decimal(10)), now=timezone.now()).code
    DiscountCode.objects.filter(code=used).update(times_used=1)
    guest.put_in_basket()
    use_attempts_up(guest)

    pages = {without_tokens(guest.type_code(typed)) for typed in ("NOSUCHCODED", used, code)}

    assert len(pages) == 1
    assert THROTTLED in pages.pop()
    assert not get_model("voucher", "Voucher").objects.exists()


def test_used_codes_count_like_those_that_never_were(guest: Shopper, code: str) -> None:
    DiscountCode.objects.update(times_used=1)
    guest.put_in_basket()

    for typed in (code, *WRONG[:2]):
        assert "This code is not valid." in guest.type_code(typed)

    assert THROTTLED in guest.type_code("NOSUCHCODED")


def test_a_code_in_the_basket_is_taken_off_however_many_wrong_ones_were_typed(
    guest: Shopper, code: str
) -> None:
    guest.put_in_basket()
    guest.type_code(code)
    use_attempts_up(guest)
    assert THROTTLED in guest.type_code("NOSUCHCODED")

    basket, again = guest.see_basket(), guest.type_code(code)
    preview = guest.go_to_preview()
    guest.place_order()

    assert "£36.00" in basket
    assert "already added" in again
    assert THROTTLED not in again
    assert "£36.00" in preview
    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00")]


def test_good_codes_cost_no_attempt(guest: Shopper, code: str) -> None:
    guest.put_in_basket()

    for _ in range(5):
        assert "£36.00" in guest.type_code(code)
        get_model("basket", "Basket").objects.get().vouchers.clear()

    assert not FailedAttempt.objects.exists()


def test_an_account_that_was_told_its_code_is_good_may_type_it_again(shop: None, code: str) -> None:
    ada = Shopper("ada@example.com", password="a long one")
    ada.put_in_basket()
    ada.type_code(code)
    get_model("basket", "Basket").objects.get().vouchers.clear()
    use_attempts_up(ada)

    assert "£36.00" in ada.type_code(code)


def test_a_voucher_of_the_shop_is_not_limited(guest: Shopper) -> None:
    voucher = VoucherFactory(code="SUMMER", name="Summer", usage="Multi-use")
    voucher.offers.add(ConditionalOfferFactory(offer_type="Voucher"))
    guest.put_in_basket()
    use_attempts_up(guest)

    assert THROTTLED not in guest.type_code("summer")
