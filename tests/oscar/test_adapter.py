"""What the adapter reads of an Oscar order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import create_product_image

from django_ppx.contrib.oscar.adapter import OscarShop
from django_ppx.shop.types import OrderStatus
from django_ppx.testing import make_benefit, make_code
from tests.oscar.shopper import Shopper, orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(guest: Shopper) -> Any:
    """Return the stored order of a guest: two novels."""
    guest.buy(quantity=2)
    return orders()[0]


def test_a_guests_order_is_read_with_all_that_oscar_knows(order: Any) -> None:
    read = OscarShop().order(order)

    assert (read.number, read.placed_at, read.status) == (
        order.number,
        order.date_placed,
        OrderStatus.PLACED,
    )
    assert (read.currency, read.total, read.shipping, read.discount_total) == (
        "GBP",
        Decimal("80.00"),
        Decimal("0.00"),
        Decimal("0.00"),
    )
    customer = read.customer
    assert (customer.account_id, customer.email) == ("", "ada@example.com")
    assert (customer.first_name, customer.last_name, customer.country) == ("Ada", "Lovelace", "GB")
    (line,) = read.lines
    assert (line.title, line.sku, line.category_path) == ("A novel", "NOVEL-1", "Books/Novels")
    assert (line.quantity, line.unit_price, line.total) == (2, Decimal("40.00"), Decimal("80.00"))
    assert line.product_url.startswith("https://example.com/catalogue/a-novel")
    assert line.image_url == ""


def test_an_accounts_order_is_read_with_the_account(shop: None) -> None:
    ada = Shopper(email="ada@example.com", password="a long one")
    ada.buy()

    customer = OscarShop().order(orders()[0]).customer

    assert (customer.account_id, customer.email) == (str(ada.user.pk), "ada@example.com")


def test_with_a_request_addresses_are_those_of_the_request_and_the_language_is_known(
    order: Any, rf: RequestFactory
) -> None:
    create_product_image(product=order.lines.get().product, original="images/novel.jpg")

    read = OscarShop().order(order, rf.get("/", headers={"host": "shop.example.com"}))

    assert read.customer.language == "en-gb"
    assert read.lines[0].product_url.startswith("http://shop.example.com/catalogue/")
    assert read.lines[0].image_url == "http://shop.example.com/media/images/novel.jpg"


def test_a_line_whose_product_is_gone_is_still_read(order: Any) -> None:
    get_model("catalogue", "Product").objects.all().delete()

    (line,) = OscarShop().order(orders()[0]).lines

    assert (line.title, line.sku, line.total) == ("A novel", "NOVEL-1", Decimal("80.00"))
    assert (line.category_path, line.product_url, line.image_url) == ("", "", "")


def test_an_order_without_address_basket_and_site_is_still_read(order: Any) -> None:
    get_model("order", "Order").objects.update(
        shipping_address=None, billing_address=None, basket=None, site=None
    )

    read = OscarShop().order(orders()[0])

    assert (read.customer.email, read.customer.country) == ("ada@example.com", "")


def test_codes_and_all_discounts_are_read(guest: Shopper) -> None:
    code = make_code(make_benefit(percent=Decimal(10)), now=timezone.now())
    guest.buy(code.code)

    read = OscarShop().order(orders()[0])

    assert [text.replace("-", "") for text in read.discount_codes] == [code.code]
    assert read.discount_total == Decimal("4.00")
    assert read.lines[0].total == Decimal("36.00")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Pending", OrderStatus.PLACED),
        ("Being processed", OrderStatus.PAID),
        ("Complete", OrderStatus.SHIPPED),
        ("Cancelled", OrderStatus.CANCELLED),
        ("Canceled", OrderStatus.CANCELLED),
        ("Refunded", OrderStatus.REFUNDED),
        ("On the moon", OrderStatus.DELIVERED),
        ("", OrderStatus.PLACED),
    ],
)
def test_oscars_statuses_are_understood_and_the_setting_adds_words(
    order: Any, settings: Any, word: str, status: OrderStatus
) -> None:
    settings.PPX_ORDER_FIELDS = {"statuses": {"On the moon": "delivered"}}
    order.status = word

    assert OscarShop().order(order).status == status


def test_a_field_of_the_setting_wins(order: Any, settings: Any) -> None:
    settings.PPX_ORDER_FIELDS = {"customer.email": "guest_email", "is_test": "=1"}

    assert OscarShop().order(order).is_test is True


def test_orders_are_found_by_number_and_in_order(guest: Shopper) -> None:
    guest.buy()
    guest.buy()
    first, second = orders()
    get_model("order", "Order").objects.filter(pk=first.pk).update(
        date_placed=timezone.now() - timedelta(days=3)
    )
    shop = OscarShop()

    assert shop.find_order(str(first.number)) == first
    assert shop.find_order("nothing") is None
    assert shop.newest_order() == second
    assert list(shop.orders()) == [first, second]
    assert list(shop.orders(since=timezone.now() - timedelta(days=1))) == [second]


def test_a_product_is_read_as_the_shop_shows_it(shop: None) -> None:
    product = OscarShop().product("NOVEL-1")

    assert product is not None
    assert (product.title, product.category_path) == ("A novel", "Books/Novels")
    assert product.url.startswith("https://example.com/catalogue/")
    assert OscarShop().product("NOTHING") is None


def test_only_who_ordered_may_see_the_order(order: Any, rf: RequestFactory) -> None:
    link = reverse("customer:anon-order", args=[order.number, order.verification_hash()])

    def may_see(session: dict[str, Any], path: str = "/") -> bool:
        request = rf.get(path)
        request.user = AnonymousUser()
        request.session = session
        request.resolver_match = resolve(path)
        return OscarShop().can_view(request, order)

    assert may_see({"checkout_order_id": order.pk})
    assert not may_see({"checkout_order_id": order.pk + 1})
    assert not may_see({})
    assert may_see({"anon_order_email": "ada@example.com"}, link)
    assert not may_see({"anon_order_email": "eve@example.com"}, link)
    assert not may_see({}, link)
