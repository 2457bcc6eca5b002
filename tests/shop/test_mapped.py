"""MappedShop reads shops as different as these five, and says clearly what it can't read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.utils.functional import SimpleLazyObject

from django_ppx.exceptions import InvalidOrder
from django_ppx.shop.adapter import get_shop
from django_ppx.shop.mapped import MappedShop
from django_ppx.shop.types import Campaign, Customer, Order, OrderLine, OrderStatus
from tests.shop.fakes import (
    HOME_MADE,
    HOME_MADE_FIELDS,
    LFS_FIELDS,
    OSCAR_FIELDS,
    PLACED_AT,
    PRETIX_FIELDS,
    SALESMAN_FIELDS,
    LfsOrder,
    Manager,
    OscarOrder,
    PretixOrder,
    SalesmanOrder,
)


def read(settings: Any, fields: dict[str, Any], order: Any) -> Order:
    settings.PPX_ORDER_FIELDS = fields
    return MappedShop().order(order)


def test_it_is_the_default_shop() -> None:
    assert type(get_shop()) is MappedShop


def test_django_oscar(settings) -> None:
    user = SimpleNamespace(pk=42, email="ada@example.com", first_name="Ada")

    order = read(settings, OSCAR_FIELDS, OscarOrder(user=user, country="gb"))

    assert order == Order(
        number="100012",
        placed_at=PLACED_AT,
        currency="GBP",
        total=Decimal("24.98"),
        customer=Customer(account_id="42", email="ada@example.com", first_name="Ada", country="GB"),
        status=OrderStatus.PLACED,
        discount_total=Decimal("5.00"),
        shipping=Decimal("4.99"),
        discount_codes=("SPRING", "VIP"),
        lines=(
            OrderLine(
                title="Bowl",
                sku="B-1",
                category_path="Kitchen/Bowls",
                quantity=Decimal(2),
                unit_price=Decimal("9.995"),
                total=Decimal("19.99"),
                product_url="/catalogue/b-1/",
                image_url="",
            ),
            OrderLine(title="A product that is gone"),
        ),
    )


def test_django_oscar_guest_without_an_address(settings) -> None:
    order = read(settings, OSCAR_FIELDS, OscarOrder(guest_email="guest@example.com"))

    assert order.customer == Customer(email="guest@example.com")


def test_django_salesman(settings) -> None:
    settings.PPX_CURRENCY = "EUR"

    order = read(settings, SALESMAN_FIELDS, SalesmanOrder())

    assert order == Order(
        number="2026-00012",
        placed_at=PLACED_AT,
        currency="EUR",
        total=Decimal("30.00"),
        customer=Customer(email="ada@example.com"),
        discount_codes=("SPRING",),
        campaign=Campaign(source="newsletter"),
        lines=(
            OrderLine(
                title="Bowl",
                sku="B-1",
                quantity=Decimal(3),
                unit_price=Decimal("10.00"),
                total=Decimal("30.00"),
                product_url="/bowl/",
            ),
        ),
    )


def test_pretix(settings) -> None:
    order = read(settings, PRETIX_FIELDS, PretixOrder())

    assert order == Order(
        number="AB3CD",
        placed_at=PLACED_AT,
        currency="EUR",
        total=Decimal("0.00"),
        customer=Customer(phone="+49 30 1234567"),
        lines=(OrderLine(title="Day ticket"), OrderLine(title="Day ticket")),
        is_test=True,
    )


def test_lfs(settings) -> None:
    order = read(settings, LFS_FIELDS, LfsOrder())

    assert order.number == "7"
    assert order.placed_at == datetime(2026, 3, 2, 12, tzinfo=UTC)  # 13:00 in Berlin
    assert order.total == Decimal("0.30000000000000004")
    assert order.shipping == Decimal("2.5")
    assert order.lines == (
        OrderLine(
            title="Flour",
            quantity=Decimal("0.5"),
            unit_price=Decimal("1.1"),
            total=Decimal("0.55"),
        ),
        OrderLine(
            title="Salt", quantity=Decimal("2.0"), unit_price=Decimal("0.35"), total=Decimal("0.70")
        ),
    )


def test_a_home_made_shop_of_mappings(settings) -> None:
    order = read(settings, HOME_MADE_FIELDS, HOME_MADE)

    assert order == Order(
        number="A/2026/7",
        placed_at=PLACED_AT,
        currency="CHF",
        total=Decimal("19.90"),
        customer=Customer(
            account_id="12",
            email="ada@example.com",
            birthday=date(1990, 2, 28),
            interests=("tea", "bread"),
        ),
        lines=(
            OrderLine(
                title="Teapot",
                category_path="Kitchen/Tea",
                unit_price=Decimal("19.9"),
                total=Decimal("19.9"),
            ),
        ),
    )


MINIMAL = {"number": "number", "total": "total", "currency": "=EUR"}


@pytest.mark.parametrize(
    ("order", "fields", "message"),
    [
        ({"total": 1}, MINIMAL, "'number'"),
        ({"number": None, "total": 1}, MINIMAL, "no number"),
        ({"number": " ", "total": 1}, MINIMAL, "no number"),
        ({"number": 1}, MINIMAL, "'total'"),
        ({"number": 1, "total": None}, MINIMAL, "no total"),
        ({"number": 1, "total": "much"}, MINIMAL, "total is no number"),
        ({"number": 1, "total": True}, MINIMAL, "total is no number"),
        ({"number": 1, "total": float("nan")}, MINIMAL, "total is not finite"),
        ({"number": 1, "total": 1}, {"number": "number", "total": "total"}, "no currency"),
        ({"number": 1, "total": 1}, {**MINIMAL, "placed_at": "=soon"}, "placed_at is no date"),
        ({"number": 1, "total": 1}, {**MINIMAL, "shipping": "=free"}, "shipping is no number"),
        ({"number": 1, "total": 1}, {**MINIMAL, "lines": "number"}, "no list of lines"),
        ({"number": 1, "total": 1}, {**MINIMAL, "shipping": "postage"}, "'postage'"),
    ],
    ids=str,
)
def test_an_order_that_cannot_be_read_says_what_is_wrong(
    settings, order: Any, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidOrder, match=message):
        read(settings, fields, order)


def test_a_message_names_no_value_of_the_order(settings) -> None:
    with pytest.raises(InvalidOrder) as caught:
        read(settings, MINIMAL, {"number": 1, "total": "ada@example.com"})

    assert "ada" not in str(caught.value)


def test_a_method_that_changes_data_is_never_called(settings) -> None:
    with pytest.raises(InvalidOrder, match="changes data"):
        read(settings, {**LFS_FIELDS, "status": "delete"}, LfsOrder())


def test_a_mistyped_name_is_not_taken_for_a_missing_value(settings) -> None:
    with pytest.raises(InvalidOrder, match="OscarOrder has no 'usr'"):
        read(settings, {**OSCAR_FIELDS, "customer.email": "usr.email"}, OscarOrder())


@pytest.mark.parametrize("user", [None, AnonymousUser(), SimpleLazyObject(AnonymousUser)])
def test_every_kind_of_nobody_is_a_guest(settings, user: Any) -> None:
    order = read(settings, OSCAR_FIELDS, OscarOrder(user=user, guest_email="guest@example.com"))

    assert order.customer.account_id == ""
    assert order.customer.email == "guest@example.com"


def test_an_order_without_a_time_is_placed_now(settings, time_machine_at) -> None:
    assert read(settings, MINIMAL, {"number": 1, "total": 1}).placed_at == time_machine_at


@pytest.fixture
def time_machine_at() -> Any:
    time_machine = pytest.importorskip("time_machine")
    instant = datetime(2026, 5, 1, 8, tzinfo=UTC)
    with time_machine.travel(instant, tick=False):
        yield instant


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        (date(2026, 3, 2), datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2026-03-02T12:00:00Z", PLACED_AT),
        ("2026-03-02 13:00", PLACED_AT),
        (PLACED_AT, PLACED_AT),
    ],
    ids=str,
)
def test_a_time_is_read_in_the_shops_zone(settings, written: Any, instant: datetime) -> None:
    order = {"number": 1, "total": 1, "at": written}

    assert read(settings, {**MINIMAL, "placed_at": "at"}, order).placed_at == instant


@pytest.mark.parametrize("written", ["2026-02-30", "soon", 7, []])
def test_a_time_that_is_none_is_refused(settings, written: Any) -> None:
    order = {"number": 1, "total": 1, "at": written}

    with pytest.raises(InvalidOrder, match="placed_at"):
        read(settings, {**MINIMAL, "placed_at": "at"}, order)


@pytest.mark.parametrize("birthday", [None, "", "30 February", "2001-02-30", 7])
def test_a_birthday_that_is_none_costs_nothing(settings, birthday: Any) -> None:
    fields = {**MINIMAL, "customer.birthday": "born"}

    order = read(settings, fields, {"number": 1, "total": 1, "born": birthday})

    assert order.customer.birthday is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("paid", OrderStatus.PAID),
        ("SHIPPED", OrderStatus.SHIPPED),
        ("storniert", OrderStatus.CANCELLED),
        ("in the oven", OrderStatus.PLACED),
        (None, OrderStatus.PLACED),
        (3, OrderStatus.REFUNDED),
    ],
)
def test_the_shops_words_for_a_status(settings, word: Any, status: OrderStatus) -> None:
    fields = {
        **MINIMAL,
        "status": "state",
        "statuses": {"storniert": "cancelled", "3": "refunded"},
    }

    assert read(settings, fields, {"number": 1, "total": 1, "state": word}).status == status


@pytest.mark.parametrize(
    ("amount", "total"),
    [
        (SimpleNamespace(amount=Decimal("9.90")), Decimal("9.90")),
        (" 9.90 ", Decimal("9.90")),
        (9, Decimal(9)),
        (0, Decimal(0)),
    ],
    ids=str,
)
def test_amounts_come_in_many_types(settings, amount: Any, total: Decimal) -> None:
    assert read(settings, MINIMAL, {"number": 1, "total": amount}).total == total


def test_a_product_without_a_page_is_a_line_without_a_link(settings) -> None:
    order = OscarOrder()
    order.lines.all()[0].product.has_page = False

    line, _gone = read(settings, OSCAR_FIELDS, order).lines

    assert line.product_url == ""
    assert line.title == "Bowl"


def test_a_line_with_a_quantity_of_zero_is_read(settings) -> None:
    row = {"q": 0, "t": 0}
    fields = {**MINIMAL, "lines": "rows", "line.quantity": "q", "line.total": "t"}

    (line,) = read(settings, fields, {"number": 1, "total": 1, "rows": [row]}).lines

    assert (line.quantity, line.unit_price, line.total) == (Decimal(0), Decimal(0), Decimal(0))


def test_an_index_reaches_into_a_list(settings) -> None:
    order = {"number": 1, "total": 1, "payments": [{"mail": "ada@example.com"}]}

    read_mail = {**MINIMAL, "customer.email": "payments.0.mail"}
    read_none = {**MINIMAL, "customer.email": "payments.1.mail"}

    assert read(settings, read_mail, order).customer.email == "ada@example.com"
    assert read(settings, read_none, order).customer.email == ""


def test_no_lines_are_no_lines(settings) -> None:
    fields = {**MINIMAL, "lines": "rows"}

    assert read(settings, fields, {"number": 1, "total": 1, "rows": None}).lines == ()
    assert read(settings, fields, {"number": 1, "total": 1, "rows": Manager()}).lines == ()
    assert read(settings, MINIMAL, {"number": 1, "total": 1}).lines == ()


@pytest.mark.django_db
def test_lines_and_what_they_refer_to_are_one_query(settings, django_assert_num_queries) -> None:
    group = Group.objects.create(name="7")
    group.permissions.set(Permission.objects.all()[:20])
    fields = {
        "number": "name",
        "total": "=1",
        "currency": "=EUR",
        "lines": "permissions",
        "line.title": "content_type.model",
        "line.sku": ["codename", "content_type.app_label"],
    }

    with django_assert_num_queries(1):
        order = read(settings, fields, group)

    assert len(order.lines) == 20
    assert all(line.title and line.sku for line in order.lines)


@pytest.mark.django_db
def test_prefetched_lines_are_not_asked_for_again(settings, django_assert_num_queries) -> None:
    Group.objects.create(name="7").permissions.set(Permission.objects.all()[:3])
    group = Group.objects.prefetch_related("permissions__content_type").get()
    fields = {**MINIMAL, "number": "name", "total": "=1", "lines": "permissions"}

    with django_assert_num_queries(0):
        order = read(settings, {**fields, "line.title": "content_type.model"}, group)

    assert len(order.lines) == 3


USERS = {
    "model": "auth.User",
    "number": "username",
    "placed_at": "date_joined",
    "total": "=1",
    "currency": "=EUR",
}


@pytest.mark.django_db
def test_the_model_lets_staff_tools_find_orders(settings) -> None:
    settings.PPX_ORDER_FIELDS = USERS
    old = User.objects.create(username="A-1", date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    new = User.objects.create(username="A-2", date_joined=datetime(2026, 2, 1, tzinfo=UTC))
    shop = MappedShop()

    assert shop.find_order("A-1") == old
    assert shop.find_order("A-3") is None
    assert shop.find_order("a-1") is None
    assert shop.newest_order() == new
    assert list(shop.orders()) == [old, new]
    assert list(shop.orders(since=new.date_joined)) == [new]


@pytest.mark.django_db
def test_a_number_that_the_column_cannot_hold_finds_nothing(settings) -> None:
    settings.PPX_ORDER_FIELDS = {**USERS, "number": "pk", "placed_at": "=2026-03-02"}
    user = User.objects.create(username="ada")
    shop = MappedShop()

    assert shop.find_order("A-1") is None
    assert shop.find_order(str(user.pk)) == user
    assert shop.newest_order() == user
    assert list(shop.orders()) == [user]


def test_without_a_model_there_is_nothing_to_find(settings) -> None:
    settings.PPX_ORDER_FIELDS = MINIMAL
    shop = MappedShop()

    assert shop.find_order("A-1") is None
    assert shop.newest_order() is None
    assert list(shop.orders()) == []
    assert shop.product("B-1") is None


def test_tax_rate_and_cost_are_read_where_they_are_mapped(settings) -> None:
    fields = {**MINIMAL, "tax": "vat", "base_rate": "rate", "lines": "lines", "line.cost": "cost"}
    lines = [{"cost": "3.50"}, {"cost": None}]

    order = read(
        settings, fields, {"number": 1, "total": 1, "vat": 0.19, "rate": "0.92", "lines": lines}
    )

    assert (order.tax, order.base_rate) == (Decimal("0.19"), Decimal("0.92"))
    assert [line.cost for line in order.lines] == [Decimal("3.50"), None]


def test_tax_rate_and_cost_are_not_known_otherwise(settings) -> None:
    order = read(settings, {**MINIMAL, "lines": "lines"}, {"number": 1, "total": 1, "lines": [{}]})

    assert (order.tax, order.base_rate, order.lines[0].cost) == (Decimal(0), None, None)
