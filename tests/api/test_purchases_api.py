"""Reading purchases, ending them, and asking why offers are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from django_ppx.api.showing import ShownCustomerSerializer
from django_ppx.core.models import Purchase, PurchaseEntry
from django_ppx.core.order_tokens import read_order_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.shop.types import Campaign, Customer, OrderLine
from django_ppx.testing import (
    make_code,
    make_offer,
    make_order,
    make_purchase,
    make_reward,
)
from tests.api.backend import API, Backend
from tests.racing import run_together

pytestmark = pytest.mark.django_db

ADA = Customer(
    account_id="7",
    email="Ada.Lovelace@Example.com",
    phone="+49 30 1234567",
    first_name="Ada",
    last_name="Lovelace",
    language="de",
    country="DE",
)


@pytest.fixture(autouse=True)
def shop(settings) -> None:
    settings.PPX_SHOP = "django_ppx.shop.headless.HeadlessShop"


@pytest.fixture
def backend() -> Backend:
    return Backend()


def staff(*permissions: str) -> Client:
    user = get_user_model().objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def numbers(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [each["order_ref"] for each in response.json()["results"]]


def test_a_purchase_is_read_whole(backend) -> None:
    order = make_order(
        number="2026/1",
        customer=ADA,
        discount_total=Decimal(5),
        discount_codes=("SPRING",),
        campaign=Campaign(source="mail", name="spring"),
        lines=(
            OrderLine(
                title="Tea",
                sku="TEA",
                category_path="Kitchen/Tea",
                quantity=Decimal("0.5"),
                unit_price=Decimal("20"),
                total=Decimal("10"),
                product_url="/tea/",
                image_url="/tea.png",
            ),
        ),
    )
    purchase = make_purchase(order)
    make_reward(purchase_id=purchase.pk)

    response = backend.get("purchases/2026/1/")

    assert response.status_code == 200
    assert response.json() == {
        "order_ref": "2026/1",
        "status": "placed",
        "placed_at": "2026-03-02T12:00:00+00:00",
        "currency": "EUR",
        "total": "50.00",
        "discount_total": "5.00",
        "shipping": "4.90",
        "refunded": "0.00",
        "discount_codes": ["SPRING"],
        "language": "de",
        "country": "DE",
        "campaign": {"source": "mail", "medium": "", "name": "spring", "term": "", "content": ""},
        "is_test": False,
        "recorded_at": "2026-03-02T12:00:00+00:00",
        "cancelled_at": None,
        "reward_count": 1,
        "customer": {
            "account_id": "7",
            "email": "Ada.Lovelace@Example.com",
            "phone": "+49 30 1234567",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "language": "de",
            "country": "DE",
        },
        "lines": [
            {
                "title": "Tea",
                "sku": "TEA",
                "category_path": "Kitchen/Tea",
                "quantity": "0.5",
                "unit_price": "20.00",
                "total": "10.00",
                "product_url": "/tea/",
                "image_url": "/tea.png",
            }
        ],
    }
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("number", ["1002", "100", "1001x", "%00", "7" * 300, "10/01"])
def test_a_number_that_is_not_recorded_is_not_found(backend, number) -> None:
    make_purchase(number="1001")

    for path in ("", "explain/"):
        assert backend.get(f"purchases/{number}/{path}").status_code == 404
    for path in ("cancel/", "refund/", "token/"):
        response = backend.post(f"purchases/{number}/{path}")
        assert (response.status_code, response.json()["reason"]) == (404, "not_found")
    assert Purchase.objects.get().status == "placed"


def test_another_case_is_another_number(backend) -> None:
    make_purchase(number="ab1")

    assert backend.get("purchases/AB1/").status_code == 404


@pytest.mark.parametrize("rows", [1, 5])
def test_a_list_asks_the_same_whatever_its_length(backend, rows, django_assert_num_queries) -> None:
    for _row in range(rows):
        make_reward(purchase_id=make_purchase().pk)
    backend.get("purchases/")  # the key's use is noted

    with django_assert_num_queries(4):  # the key, the throttle's savepoint, the page
        response = backend.get("purchases/")

    assert len(numbers(response)) == rows
    assert {each["reward_count"] for each in response.json()["results"]} == {1}
    assert set(response.json()["results"][0]["customer"]) == set(ShownCustomerSerializer().fields)
    assert "lines" not in response.json()["results"][0]


def test_pages_follow_each_other_while_orders_arrive(backend) -> None:
    for number in range(5):
        make_purchase(number=str(number))

    first = backend.get("purchases/", {"limit": 2})
    make_purchase(number="5")
    second = backend.get(first.json()["next"].partition(API)[2])
    third = backend.get(second.json()["next"].partition(API)[2])

    assert [numbers(page) for page in (first, second, third)] == [["4", "3"], ["2", "1"], ["0"]]
    assert first.json()["previous"] is None
    assert third.json()["next"] is None


@pytest.mark.parametrize("cursor", ["x", "cD1hYmM=", "cD0tMQ==", "bz05OTk5OTk5OTk5", "é"])
def test_a_cursor_that_is_none_is_no_fault(backend, cursor) -> None:
    make_purchase()

    assert backend.get("purchases/", {"cursor": cursor}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"order_ref": "1"}, ["1"]),
        ({"status": "cancelled"}, ["2"]),
        ({"is_test": "true"}, ["3"]),
        ({"is_test": "false", "status": "placed"}, ["4", "1"]),
        ({"placed_from": "2026-03-02T12:00:00Z"}, ["4", "3", "2"]),
        ({"placed_before": "2026-03-02T13:00:00+01:00"}, ["1"]),
        ({"recorded_from": "2026-03-05T12:00:00Z"}, ["4"]),
        (
            {"recorded_before": "2026-03-05T12:00:00Z", "placed_from": "2026-03-02T12:00:00Z"},
            ["3", "2"],
        ),
        ({"customer_account_id": "7"}, ["4", "1"]),
        ({"customer_email": " ada.lovelace@EXAMPLE.com"}, ["4", "1"]),
        ({"customer_email": "ada.lovelace@example.com", "customer_account_id": "8"}, []),
        ({"customer_email": "nobody@example.com"}, []),
        ({"customer_email": "no address"}, []),
    ],
)
def test_a_list_is_narrowed(backend, query, found) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    make_purchase(number="1", customer=ADA, placed_at=noon - timedelta(seconds=1))
    cancelled = make_purchase(number="2")
    make_purchase(number="3", is_test=True)
    make_purchase(make_order(number="4", customer=ADA), now=datetime(2026, 3, 5, 12, tzinfo=UTC))
    Purchase.objects.filter(pk=cancelled.pk).update(status="cancelled", cancelled_at=noon)

    assert numbers(backend.get("purchases/", query)) == found


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"is_test": "1"},
        {"placed_from": "yesterday"},
        {"order_ref": ""},
        {"order_ref": "\x00"},
        {"nonsense": "1"},
        {"cursor": "x" * 401},
    ],
)
def test_a_query_that_is_not_understood_is_refused(backend, query) -> None:
    response = backend.get("purchases/", query)

    assert (response.status_code, response.json()["reason"]) == (400, "invalid")


def test_a_guest_who_registers_takes_the_orders_along(backend) -> None:
    make_purchase(number="1", customer=Customer(email="ada@example.com"))
    make_purchase(number="2", customer=Customer(account_id="7", email="ada@example.com"))

    assert numbers(backend.get("purchases/", {"customer_account_id": "7"})) == ["2", "1"]
    assert numbers(backend.get("purchases/", {"customer_email": "ada@example.com"})) == ["2", "1"]


def test_staff_who_may_not_see_addresses_read_them_shortened() -> None:
    make_purchase(number="1", customer=ADA, discount_codes=("SPRING2026",))
    client = staff("view_purchase", "view_customer")

    shown = client.get(f"{API}purchases/1/").json()
    search = client.get(f"{API}purchases/", {"customer_email": "nobody@example.com"})

    assert shown["customer"] == {
        "account_id": "7",
        "email": "A…@E….com",
        "phone": "…67",
        "first_name": "A.",
        "last_name": "L.",
        "language": "de",
        "country": "DE",
    }
    assert shown["discount_codes"] == ["SPRI…"]
    assert (search.status_code, search.json()["reason"]) == (403, "not_allowed")


def test_staff_who_may_see_all_of_it_do() -> None:
    make_purchase(number="1", customer=ADA, discount_codes=("SPRING2026",))
    client = staff("view_purchase", "view_customer", "view_customer_addresses", "view_discountcode")

    [shown] = client.get(f"{API}purchases/", {"customer_email": "ada.lovelace@example.com"}).json()[
        "results"
    ]

    assert shown["customer"]["email"] == "Ada.Lovelace@Example.com"
    assert shown["discount_codes"] == ["SPRING2026"]


def test_staff_without_the_permissions_are_refused() -> None:
    make_purchase(number="1")

    for path in ("purchases/", "purchases/1/", "purchases/1/explain/"):
        assert staff_response(path) == 403


def staff_response(path: str) -> int:
    get_user_model().objects.filter(username="staff").delete()
    status: int = staff("view_purchase").get(API + path).status_code
    return status


@pytest.mark.parametrize("scope", ["orders:write", "rewards:read"])
def test_a_key_for_something_else_reads_no_purchases(scope) -> None:
    make_purchase(number="1")
    backend = Backend(scope)

    for path in ("purchases/", "purchases/1/", "purchases/1/explain/"):
        response = backend.get(path)
        assert (response.status_code, response.json()["reason"]) == (403, "scope_missing")


def test_a_key_that_reads_writes_nothing() -> None:
    make_purchase(number="1")
    backend = Backend("purchases:read")

    for path in ("cancel/", "refund/", "token/"):
        assert backend.post(f"purchases/1/{path}").json()["reason"] == "scope_missing"
    assert Purchase.objects.get().status == "placed"


def test_a_cancelled_order_gives_its_code_back_and_takes_what_it_earned(backend) -> None:
    order = make_order(number="1")
    reward, code = make_reward(purchase_id=make_purchase(order).pk), make_code()
    redeem_code(code=code.code, order=order, now=order.placed_at)

    first = backend.post("purchases/1/cancel/")
    again = backend.post("purchases/1/cancel/", {})

    reward.refresh_from_db()
    code.refresh_from_db()
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert first.json()["cancelled_at"] is not None
    assert again.json() == first.json()
    assert (reward.status, code.times_used) == ("reversed", 0)


@pytest.mark.parametrize(
    ("body", "refunded", "status"),
    [
        ({"amount": "12.50"}, "12.50", "placed"),
        ({"amount": "0"}, "0.00", "placed"),
        ({"amount": "50.00"}, "50.00", "refunded"),
        ({"amount": "999999999999999"}, "50.00", "refunded"),
        ({"amount": None}, "50.00", "refunded"),
        ({}, "50.00", "refunded"),
    ],
)
def test_what_was_refunded_so_far_is_noted(backend, body, refunded, status) -> None:
    make_purchase(number="1")

    for _time in range(2):
        response = backend.post("purchases/1/refund/", body)

        assert response.status_code == 200
        assert (response.json()["refunded"], response.json()["status"]) == (refunded, status)


@pytest.mark.parametrize("body", [{"amount": "-1"}, {"amount": 5}, {"sum": "5"}, [], "5"])
def test_a_refund_that_is_no_amount_changes_nothing(backend, body) -> None:
    make_purchase(number="1")

    assert backend.post("purchases/1/refund/", body).status_code == 400

    assert Purchase.objects.get().refunded_minor == 0


def test_a_cancellation_has_no_body(backend) -> None:
    make_purchase(number="1")

    assert backend.post("purchases/1/cancel/", {"why": "x"}).status_code == 400

    assert Purchase.objects.get().status == "placed"


def test_a_token_names_its_order_until_it_expires(settings, backend) -> None:
    settings.PPX_ORDER_TOKEN_DAYS = 3
    make_purchase(number="2026/1")

    made = backend.post("purchases/2026/1/token/").json()

    expires_at = datetime.fromisoformat(made["expires_at"])
    assert read_order_token(made["order_token"], now=timezone.now()) == "2026/1"
    assert timedelta(days=2, hours=23) < expires_at - timezone.now() <= timedelta(days=3)


def test_each_offer_is_explained_and_none_is_shown(backend) -> None:
    make_purchase(number="1")
    make_offer(slug="thanks", name="Thanks", status="active")
    make_offer(slug="later", name="Later", status="draft")

    explained = backend.get("purchases/1/explain/").json()

    by_slug = {each["offer"]: each for each in explained["offers"]}
    assert (explained["order_ref"], explained["placement"], explained["language"]) == (
        "1",
        "thank_you",
        "en",
    )
    assert by_slug["later"] == {
        "offer": "later",
        "name": "Later",
        "is_shown": False,
        "reason": "not_active",
        "label": "Not active",
        "detail": "Its status is “Draft”.",
        "variant": None,
    }
    assert set(by_slug) == {"thanks", "later"}
    assert OfferPresentation.objects.count() == 0


def test_an_explanation_is_in_the_callers_language(backend) -> None:
    make_purchase(number="1")
    make_offer(status="draft")

    [row] = backend.get("purchases/1/explain/", Accept_Language="de").json()["offers"]

    assert (row["reason"], row["label"]) == ("not_active", "Nicht aktiv")


@pytest.mark.parametrize(
    "query",
    [{"placement": "moon"}, {"language": "d"}, {"language": "../en"}, {"limit": "0"}, {"x": "1"}],
)
def test_an_explanation_of_no_page_is_refused(backend, query) -> None:
    make_purchase(number="1")

    assert backend.get("purchases/1/explain/", query).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("body", [{"amount": "20.00"}, {}])
def test_50_equal_refunds_are_one(body) -> None:
    backend = Backend("orders:write")
    reward = make_reward(purchase_id=make_purchase(number="1").pk)

    answers = run_together(lambda _: backend.post("purchases/1/refund/", body), times=50)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    reward.refresh_from_db()
    assert reward.entry_count == (0 if body else 1)
    assert PurchaseEntry.objects.filter(type="refund").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("with_key", [False, True])
def test_50_equal_cancellations_are_one(with_key) -> None:
    backend = Backend("orders:write")
    reward = make_reward(purchase_id=make_purchase(number="1").pk)

    def work(number: int) -> Any:
        headers = {"Idempotency_Key": f"k{number}"} if with_key else {}
        return backend.post("purchases/1/cancel/", **headers)

    answers = run_together(work, times=50)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    reward.refresh_from_db()
    assert (reward.status, reward.entry_count) == ("reversed", 1)
    assert PurchaseEntry.objects.filter(type="cancellation").count() == 1
