from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.test import RequestFactory

from django_ppx.exceptions import Misconfigured
from django_ppx.shop.adapter import ShopAdapter, get_shop
from django_ppx.shop.types import Customer, Order
from django_ppx.testing import FakeShop, make_order


class Unfinished(ShopAdapter):
    pass


class Plain(FakeShop):
    """Reads an order that keeps its number elsewhere."""

    def order(self, order: Any, request: Any = None) -> Order:
        return order["order"] if isinstance(order, dict) else order


def request_of(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_the_setting_names_the_shop(settings) -> None:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"

    assert isinstance(get_shop(), FakeShop)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("no.such.Shop", "can't be imported"),
        ("", "can't be imported"),
        ("django_ppx.testing.NoShop", "can't be imported"),
        ("django_ppx.testing.make_order", "not a subclass"),
        ("django_ppx.shop.types.Order", "not a subclass"),
        (f"{__name__}.Unfinished", r"does not define order\(\)"),
    ],
)
def test_a_wrong_shop_is_a_typed_error(settings, path: str, message: str) -> None:
    settings.PPX_SHOP = path

    with pytest.raises(Misconfigured, match=message):
        get_shop()


def test_the_number_is_read_off_the_order_where_it_is_called_so() -> None:
    shop = Plain()

    assert shop.order_ref(make_order(number="T-1")) == "T-1"
    assert shop.order_ref({"order": make_order(number="T-2")}) == "T-2"


def test_an_integer_number_is_a_string() -> None:
    class Host:
        number = 17

    assert Plain().order_ref(Host()) == "17"


def test_the_defaults_find_nothing() -> None:
    class Minimal(ShopAdapter):
        def order(self, order: Order, request: Any = None) -> Order:
            return order

    shop = Minimal()

    assert shop.find_order("T-1") is None
    assert shop.newest_order() is None
    assert list(shop.orders()) == []
    assert shop.product("B-1") is None
    shop.connect(print, print)


@pytest.mark.django_db
def test_an_order_is_seen_by_its_account_and_by_permitted_staff() -> None:
    owner = User.objects.create(username="owner")
    stranger = User.objects.create(username="stranger")
    staff = User.objects.create(username="staff", is_staff=True)
    clerk = User.objects.create(username="clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_purchase"))
    order = make_order(customer=Customer(account_id=str(owner.pk)))
    shop = Plain()

    seen_by = {
        user.username: shop.can_view(request_of(user), order)
        for user in (owner, stranger, staff, clerk)
    }

    assert seen_by == {"owner": True, "stranger": False, "staff": False, "clerk": True}


def test_nobody_sees_an_order_by_default() -> None:
    guest_order = make_order(customer=Customer(email="guest@example.com"))

    assert not Plain().can_view(request_of(AnonymousUser()), guest_order)
    assert not Plain().can_view(RequestFactory().get("/"), guest_order)


def test_the_fake_shop_answers_like_a_shop() -> None:
    older = FakeShop.place(make_order(number="T-1"))
    shop = FakeShop()

    try:
        assert shop.find_order("T-1") == older
        assert shop.newest_order() == older
        assert list(shop.orders()) == [older]
        assert list(shop.orders(since=older.placed_at)) == [older]
    finally:
        FakeShop.clear()

    assert shop.newest_order() is None
