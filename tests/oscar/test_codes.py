"""What our codes are good for at Oscar's own voucher field, and what the shopper reads when they are not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from oscar.apps.checkout.mixins import OrderPlacementMixin
from oscar.apps.partner.strategy import UK, Selector
from oscar.apps.shipping.methods import FixedPrice
from oscar.apps.shipping.repository import Repository
from oscar.core.loading import get_model
from oscar.test.factories import (
    BenefitFactory,
    ConditionalOfferFactory,
    ConditionFactory,
    RangeFactory,
    VoucherFactory,
)

from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import BenefitBudget, CodeRedemption, DiscountCode
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = pytest.mark.django_db(transaction=True)


def issue(**benefit: Any) -> str:
    """Return a code that is good today."""
    return make_code(make_benefit(**benefit), now=timezone.now()).code


def revoke(code: str) -> None:
    found = DiscountCode.objects.get(code=code)
    revoke_codes(code_ids=[found.pk], by=None, reason="A mistake", now=timezone.now())


def site_offer(*, exclusive: bool, percent: int = 50) -> Any:
    everything = RangeFactory(includes_all_products=True)
    return ConditionalOfferFactory(
        offer_type="Site",
        exclusive=exclusive,
        condition=ConditionFactory(range=everything, type="Count", value=1),
        benefit=BenefitFactory(range=everything, type="Percentage", value=percent),
    )


def test_a_fixed_amount_is_taken_off_once_and_spread_over_the_lines(guest: Shopper) -> None:
    code = issue(type="amount", amounts={"GBP": {"amount": 7, "minimum_total": 50}})
    guest.put_in_basket("PEN-1")

    guest.buy(code)

    order = orders()[0]
    assert order.total_incl_tax == Decimal("43.00")
    assert [line.line_price_incl_tax for line in order.lines.order_by("pk")] == [
        Decimal("8.60"),
        Decimal("34.40"),
    ]
    assert CodeRedemption.objects.get().discount_minor == 700


def test_a_basket_below_the_minimum_is_told_so(guest: Shopper) -> None:
    code = issue(type="amount", amounts={"GBP": {"amount": 7, "minimum_total": 50}})
    guest.put_in_basket()

    page = guest.type_code(code)

    assert "This code is for orders of £50.00 or more." in page
    assert not get_model("basket", "Basket").objects.get().vouchers.exists()


@pytest.mark.parametrize(
    ("scope", "total"),
    [
        (("category", "Books"), "46.00"),
        (("category", "Books/Novels"), "46.00"),
        (("product", "PEN-1"), "49.00"),
    ],
)
def test_a_code_for_some_products_leaves_the_others_alone(
    guest: Shopper, scope: tuple[str, str], total: str
) -> None:
    code = issue(percent=Decimal(10), scopes=[scope])
    guest.put_in_basket("PEN-1")

    guest.buy(code)

    assert orders()[0].total_incl_tax == Decimal(total)
    assert CodeRedemption.objects.count() == 1


def test_a_code_for_other_products_is_told_so(guest: Shopper) -> None:
    code = issue(percent=Decimal(10), scopes=[("product", "PEN-1")])
    guest.put_in_basket()

    assert "This code is for other products than those in the basket." in guest.type_code(code)


def test_the_largest_discount_holds(guest: Shopper) -> None:
    code = issue(percent=Decimal(50), amounts={"GBP": {"maximum_discount": 15}})

    guest.buy(code)

    assert orders()[0].total_incl_tax == Decimal("25.00")


@pytest.mark.parametrize(("most", "shipping"), [(None, "0.00"), (3, "1.90")])
def test_free_shipping_is_taken_off_the_shipping(
    guest: Shopper, monkeypatch: pytest.MonkeyPatch, most: int | None, shipping: str
) -> None:
    monkeypatch.setattr(Repository, "methods", (FixedPrice(Decimal("4.90"), Decimal("4.90")),))
    code = issue(type="free_shipping", amounts={"GBP": {"maximum_discount": most}} if most else {})

    guest.buy(code)

    order = orders()[0]
    assert order.shipping_incl_tax == Decimal(shipping)
    assert order.total_incl_tax == 40 + Decimal(shipping)
    assert CodeRedemption.objects.get().discount_minor == 490 - int(Decimal(shipping) * 100)


def test_free_shipping_stays_unused_where_shipping_is_free_already(guest: Shopper) -> None:
    code = issue(type="free_shipping")

    guest.buy(code)

    assert orders()[0].total_incl_tax == Decimal("40.00")
    assert DiscountCode.objects.get(code=code).times_used == 0


def test_two_codes_that_may_be_combined_are(guest: Shopper) -> None:
    first, second = (issue(percent=Decimal(10), is_combinable=True) for _ in range(2))
    guest.put_in_basket()
    guest.type_code(first)

    guest.buy(second, sku="PEN-1")

    assert orders()[0].total_incl_tax == Decimal("40.50")
    assert sorted(row.discount_minor for row in CodeRedemption.objects.all()) == [450, 500]


def test_a_code_that_may_not_be_combined_is_not(guest: Shopper) -> None:
    first, second = (issue(percent=Decimal(10)) for _ in range(2))
    guest.put_in_basket()
    guest.type_code(first)

    page = guest.type_code(second)

    assert "This code can&#x27;t be combined with another one." in page
    assert "£36.00" in page


def test_an_offer_of_the_shop_comes_first(guest: Shopper) -> None:
    site_offer(exclusive=False)

    guest.buy(issue(percent=Decimal(10)))

    assert orders()[0].total_incl_tax == Decimal("18.00")


def test_an_exclusive_offer_of_the_shop_leaves_nothing_to_a_code(guest: Shopper) -> None:
    site_offer(exclusive=True)
    guest.put_in_basket()

    page = guest.type_code(issue(percent=Decimal(10)))

    assert "There is nothing this code could take off." in page


def test_a_product_that_oscar_does_not_discount_keeps_its_price(guest: Shopper) -> None:
    get_model("catalogue", "Product").objects.filter(upc="PEN-1").update(is_discountable=False)
    guest.put_in_basket("PEN-1")

    guest.buy(issue(percent=Decimal(10)))

    assert orders()[0].total_incl_tax == Decimal("46.00")


def test_a_voucher_of_the_shop_goes_its_own_way(guest: Shopper) -> None:
    offer = site_offer(exclusive=True, percent=25)
    offer.offer_type = "Voucher"
    offer.save()
    voucher = VoucherFactory(code="SUMMER", name="Summer", usage="Multi-use")
    voucher.offers.add(offer)

    guest.buy("summer")

    assert orders()[0].total_incl_tax == Decimal("30.00")
    assert voucher.applications.count() == 1
    assert not CodeRedemption.objects.exists()


def test_unknown_used_expired_and_revoked_are_one_answer_to_a_stranger(guest: Shopper) -> None:
    used, expired, revoked = (issue(percent=Decimal(10)) for _ in range(3))
    DiscountCode.objects.filter(code=used).update(times_used=1)
    DiscountCode.objects.filter(code=expired).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    revoke(revoked)
    guest.put_in_basket()

    said = []
    for code in ("NOSUCHCODE", used, expired, revoked):
        page = guest.type_code(code)
        said.append((page.count("This code is not valid."), code in page, "oucher found" in page))

    assert said == [(1, False, False)] * 4


def test_who_has_used_the_attempts_up_finds_no_voucher_even_for_a_good_code(
    guest: Shopper, settings: Any
) -> None:
    settings.PPX_GUESSES_PER_ADDRESS = 1
    good = issue(percent=Decimal(10))
    guest.put_in_basket()

    guest.type_code("NOSUCHCODE")
    page = guest.type_code(good)

    assert "Too many attempts." in page
    assert not get_model("voucher", "Voucher").objects.exists()


def test_a_code_revoked_in_the_admin_is_explained_in_the_basket_and_stops_the_order_before_payment(
    guest: Shopper,
) -> None:
    code = issue(percent=Decimal(10))
    guest.put_in_basket()
    guest.type_code(code)
    guest.go_to_preview()

    revoke(code)
    basket = guest.see_basket()
    stopped = guest.place_order()

    assert "This code is not valid." in basket
    assert "£40.00" in basket
    assert orders() == []
    assert "Your basket has changed. Nothing has been paid." in stopped.content.decode()
    guest.go_to_preview()
    guest.place_order()
    assert [order.total_incl_tax for order in orders()] == [Decimal("40.00")]


def test_a_first_order_code_is_refused_to_a_guest_known_by_address_before_payment(
    guest: Shopper,
) -> None:
    guest.buy()
    code = issue(percent=Decimal(10), first_order_only=True)

    guest.put_in_basket()
    guest.type_code(code)
    guest.go_to_preview()
    stopped = guest.place_order()

    assert "This code is for a first order only." in stopped.content.decode()
    assert len(orders()) == 1


def test_a_code_that_is_typed_twice_stays_once_in_the_basket(guest: Shopper) -> None:
    code = issue(percent=Decimal(10))
    guest.put_in_basket()
    guest.type_code(code)

    page = guest.type_code(f" {code.lower()} ")

    assert "already added" in page
    assert "£36.00" in page


def test_codes_that_nobody_types_have_no_voucher(guest: Shopper) -> None:
    issue(percent=Decimal(10))

    guest.buy()

    assert not get_model("voucher", "Voucher").objects.exists()


def test_the_public_page_of_a_mirrors_offer_does_not_name_the_code(guest: Shopper) -> None:
    code = issue(percent=Decimal(10))
    guest.put_in_basket()
    voucher_code = get_voucher(guest, code).code

    page = guest.browser.get(
        get_model("offer", "ConditionalOffer").objects.get().get_absolute_url()
    )

    text = Shopper("eve@example.com").browser.get(page.request["PATH_INFO"]).content.decode()
    assert code not in text
    assert voucher_code not in text


def get_voucher(guest: Shopper, code: str) -> Any:
    guest.type_code(code)
    return get_model("voucher", "Voucher").objects.get()


@pytest.mark.parametrize("lost", ["Voucher", "ConditionalOffer"])
def test_a_mirror_deleted_in_oscars_dashboard_is_made_again_when_the_code_is_typed(
    guest: Shopper, lost: str
) -> None:
    code = issue(percent=Decimal(10))
    guest.put_in_basket()
    guest.type_code(code)
    app = "voucher" if lost == "Voucher" else "offer"

    get_model("basket", "Basket").objects.get().vouchers.clear()
    get_model(app, lost).objects.all().delete()

    assert "£36.00" in guest.type_code(code)


def test_dates_edited_in_oscars_dashboard_are_set_right_when_the_code_is_typed(
    guest: Shopper,
) -> None:
    code = issue(percent=Decimal(10))
    guest.put_in_basket()
    guest.type_code(code)
    get_model("basket", "Basket").objects.get().vouchers.clear()
    vouchers = get_model("voucher", "Voucher").objects
    vouchers.update(end_datetime=timezone.now() - timedelta(days=1))

    guest.type_code(code)

    assert vouchers.get().end_datetime == DiscountCode.objects.get().expires_at
    assert "£36.00" in guest.see_basket()


def test_a_limit_per_customer_counts_for_a_guest_who_gave_an_address(guest: Shopper) -> None:
    benefit = make_benefit(percent=Decimal(10), max_uses=5, max_uses_per_customer=1)
    code = make_code(benefit, now=timezone.now()).code
    guest.buy(code)

    guest.put_in_basket()
    guest.go_to_preview()
    known = guest.type_code(code)
    stranger = Shopper("bob@example.com")
    stranger.buy(code)

    assert "You have used this offer as often as it allows." in known
    assert [order.total_incl_tax for order in orders()] == [Decimal("36.00"), Decimal("36.00")]


def test_a_limit_per_customer_stops_a_guest_whose_address_comes_after_the_code(
    guest: Shopper,
) -> None:
    benefit = make_benefit(percent=Decimal(10), max_uses=5, max_uses_per_customer=1)
    code = make_code(benefit, now=timezone.now()).code
    guest.buy(code)

    guest.put_in_basket()
    basket = guest.type_code(code)
    preview = guest.go_to_preview()
    stopped = guest.place_order().content.decode()

    assert "£36.00" in basket
    assert "£36.00" not in preview
    assert "You have used this offer as often as it allows." in stopped
    assert len(orders()) == 1


def test_free_shipping_with_a_budget_takes_what_it_cost(
    guest: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Repository, "methods", (FixedPrice(Decimal("4.90"), Decimal("4.90")),))
    benefit = make_benefit(type="free_shipping")
    set_budget(benefit_id=benefit.pk, currency="GBP", limit_minor=2000)

    guest.buy(make_code(benefit, now=timezone.now()).code)

    assert orders()[0].shipping_incl_tax == Decimal("0.00")
    assert CodeRedemption.objects.get().discount_minor == 490
    assert BenefitBudget.objects.get().spent_minor == 490


def test_free_shipping_that_its_budget_does_not_cover_stops_the_order_before_payment(
    guest: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Repository, "methods", (FixedPrice(Decimal("4.90"), Decimal("4.90")),))
    paid = []
    monkeypatch.setattr(
        OrderPlacementMixin, "handle_payment", lambda view, *args, **kwargs: paid.append(args)
    )
    benefit = make_benefit(type="free_shipping")
    set_budget(benefit_id=benefit.pk, currency="GBP", limit_minor=200)

    stopped = guest.buy(make_code(benefit, now=timezone.now()).code)

    assert "Your basket has changed. Nothing has been paid." in stopped
    assert (paid, orders()) == ([], [])
    assert BenefitBudget.objects.get().spent_minor == 0


def test_a_code_from_a_pool_is_unknown_until_somebody_gets_it(guest: Shopper) -> None:
    code = issue(percent=Decimal(10))
    DiscountCode.objects.update(status="pooled")
    guest.put_in_basket()

    assert "This code is not valid." in guest.type_code(code)
    assert not get_model("voucher", "Voucher").objects.exists()


@pytest.mark.parametrize(("is_incl_tax", "booked"), [(True, 480), (False, 400)])
def test_with_tax_a_code_is_weighed_as_oscars_own_offers_are(
    guest: Shopper,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    is_incl_tax: bool,
    booked: int,
) -> None:
    settings.OSCAR_OFFERS_INCL_TAX = is_incl_tax
    monkeypatch.setattr(Selector, "strategy", lambda self, request=None, **kwargs: UK(request))
    code = issue(percent=Decimal(10), amounts={"GBP": {"minimum_total": 40}})

    guest.buy(code)

    order = orders()[0]
    assert (order.total_excl_tax, order.total_incl_tax) == (Decimal("36.00"), Decimal("43.20"))
    assert order.discounts.get().amount * 100 == booked
    assert CodeRedemption.objects.get().discount_minor == booked
