"""`POST orders/`: what a shop in any language sends, and what becomes of each order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.core.models import Customer, Purchase, PurchaseEntry, PurchaseLine
from django_ppx.core.order_tokens import read_order_token
from django_ppx.core.retrying import TransactionConflict
from django_ppx.rewards import settling
from django_ppx.testing import make_reward
from tests.api.backend import Backend, sent
from tests.racing import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings) -> None:
    settings.PPX_SHOP = "django_ppx.shop.headless.HeadlessShop"


@pytest.fixture
def backend() -> Backend:
    return Backend("orders:write")


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def words(response: Any) -> list[str]:
    return [each["result"] for each in results(response)]


def complaints(response: Any, status: int = 400) -> list[tuple[str, str]]:
    assert response.status_code == status, response.content
    return [(each["pointer"], each["reason"]) for each in response.json()["errors"]]


def send(backend: Backend, *orders: dict[str, Any], **headers: str) -> Any:
    return backend.post("orders/", {"orders": list(orders)}, **headers)


def test_an_order_is_recorded_whole(backend) -> None:
    order = sent(
        discount_total="5.00",
        tax="7.20",
        discount_codes=["SPRING"],
        campaign={"source": "mail", "medium": "news", "name": "spring", "term": "", "content": "a"},
    )
    order["customer"] |= {"birthday": "1990-12-31", "interests": ["tea"]}
    order["lines"].append({"title": "Tea", "quantity": "0.5", "cost": "1.25"})

    [result] = results(send(backend, order))

    purchase = Purchase.objects.select_related("customer").get()
    assert (result["number"], result["result"]) == ("1001", "recorded")
    assert read_order_token(result["order_token"], now=timezone.now()) == "1001"
    assert (purchase.order_ref, purchase.status, purchase.currency) == ("1001", "placed", "EUR")
    assert (purchase.total_minor, purchase.shipping_minor, purchase.discount_minor) == (
        5000,
        490,
        500,
    )
    assert purchase.placed_at == datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert purchase.discount_codes == ["SPRING"]
    assert (purchase.utm_source, purchase.utm_campaign) == ("mail", "spring")
    assert purchase.customer.email == "Ada@example.com"
    assert purchase.customer.birthday == date(1990, 12, 31)
    assert purchase.customer.interests == ["tea"]
    assert [(line.title, line.quantity, line.total_minor) for line in purchase.lines.all()] == [
        ("Bowl", Decimal(2), 4510),
        ("Tea", Decimal("0.5"), 0),
    ]
    assert PurchaseEntry.objects.get().net_minor == 3790


def test_the_least_that_an_order_has_is_enough(backend) -> None:
    order = {
        "number": "1",
        "placed_at": "2026-03-02T12:00:00Z",
        "currency": "JPY",
        "total": "0",
    }

    assert words(send(backend, order)) == ["recorded"]

    assert Purchase.objects.get().total_minor == 0


def test_an_order_sent_again_changes_nothing(backend) -> None:
    send(backend, sent())

    again = send(backend, sent(total="99.00", lines=[]))

    assert words(again) == ["unchanged"]
    assert Purchase.objects.get().total_minor == 5000
    assert (PurchaseLine.objects.count(), PurchaseEntry.objects.count()) == (1, 1)


@pytest.mark.parametrize("status", ["paid", "shipped", "delivered"])
def test_a_status_that_ends_nothing_changes_nothing(backend, status) -> None:
    send(backend, sent())

    assert words(send(backend, sent(status=status))) == ["unchanged"]

    assert Purchase.objects.get().status == "placed"


@pytest.mark.parametrize(
    ("change", "status", "refunded"),
    [
        ({"status": "cancelled"}, "cancelled", 0),
        ({"status": "refunded"}, "refunded", 5000),
        ({"refunded": "12.50"}, "placed", 1250),
        ({"refunded": "50"}, "refunded", 5000),
        ({"refunded": "900.00"}, "refunded", 5000),
        ({"status": "cancelled", "refunded": "50.00"}, "cancelled", 5000),
    ],
)
def test_what_ends_an_order_is_followed_once(backend, change, status, refunded) -> None:
    send(backend, sent())
    reward = make_reward(purchase_id=Purchase.objects.get().pk)

    assert words(send(backend, sent(**change))) == ["updated"]
    assert words(send(backend, sent(**change))) == ["unchanged"]

    purchase = Purchase.objects.get()
    reward.refresh_from_db()
    assert (purchase.status, purchase.refunded_minor) == (status, refunded)
    assert reward.status == ("issued" if status == "placed" else "reversed")


def test_a_refund_never_falls(backend) -> None:
    send(backend, sent(refunded="20.00"))

    assert words(send(backend, sent(refunded="10.00"))) == ["unchanged"]

    assert Purchase.objects.get().refunded_minor == 2000


def test_a_new_order_that_has_ended_is_recorded_as_ended(backend) -> None:
    assert words(send(backend, sent("1", status="cancelled"), sent("2", refunded="50.00"))) == [
        "recorded",
        "recorded",
    ]

    assert list(Purchase.objects.order_by("order_ref").values_list("status", flat=True)) == [
        "cancelled",
        "refunded",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "XYZ"},
        {"currency": "eur"},
        {"total": "-1.00"},
        {"currency": "CLF", "total": "999999999999999.00"},
        {"currency": "CLF", "shipping": "999999999999999.00"},
        {"base_rate": "0"},
        {"base_rate": "-1"},
        {"currency": "JPY", "total": "999999999999999", "base_rate": "999999999999999.123"},
        {"lines": [{"title": "Bowl", "quantity": "10000000000"}]},
        {"lines": [{"title": "Bowl", "quantity": "-10000000000"}]},
        {"currency": "CLF", "lines": [{"title": "Bowl", "unit_price": "999999999999999"}]},
        {"lines": [{"title": "Bowl", "cost": "999999999999999"}] * 500},
    ],
)
def test_an_order_that_cannot_be_stored_refuses_itself_alone(settings, backend, change) -> None:
    settings.PPX_BASE_CURRENCY = "EUR"

    response = send(backend, sent("1"), sent("2", **change), sent("3"))

    assert words(response) == ["recorded", "refused", "recorded"]
    [_first, refused, _third] = results(response)
    assert refused["reason"] == "invalid_order"
    assert refused["detail"]
    assert "order_token" not in refused
    assert set(Purchase.objects.values_list("order_ref", flat=True)) == {"1", "3"}


@pytest.mark.parametrize(
    ("change", "pointer", "reason"),
    [
        ({"number": ""}, "/orders/1/number", "blank"),
        ({"number": " "}, "/orders/1/number", "blank"),
        ({"number": 7}, "/orders/1/number", "invalid"),
        ({"number": "7" * 101}, "/orders/1/number", "max_length"),
        ({"total": 50}, "/orders/1/total", "invalid"),
        ({"total": None}, "/orders/1/total", "null"),
        ({"total": "1e3"}, "/orders/1/total", "invalid"),
        ({"total": "NaN"}, "/orders/1/total", "invalid"),
        ({"total": "1" * 16}, "/orders/1/total", "invalid"),
        ({"tax": "-1"}, "/orders/1/tax", "negative"),
        ({"refunded": "-1"}, "/orders/1/refunded", "negative"),
        ({"base_rate": "1e-3"}, "/orders/1/base_rate", "invalid"),
        ({"currency": "EURO"}, "/orders/1/currency", "max_length"),
        ({"placed_at": "2026-03-02T12:00:00"}, "/orders/1/placed_at", "invalid"),
        ({"placed_at": "9999-12-31T23:59:59-12:00"}, "/orders/1/placed_at", "invalid"),
        ({"placed_at": "2026-02-30T12:00:00Z"}, "/orders/1/placed_at", "invalid"),
        ({"status": "lost"}, "/orders/1/status", "invalid_choice"),
        ({"is_test": "true"}, "/orders/1/is_test", "invalid"),
        ({"nonsense": 1}, "/orders/1/nonsense", "unknown_field"),
        ({"discount_codes": "SPRING"}, "/orders/1/discount_codes", "not_a_list"),
        ({"customer": {"country": "DEU"}}, "/orders/1/customer/country", "max_length"),
        ({"customer": {"birthday": "1700-01-01"}}, "/orders/1/customer/birthday", "invalid"),
        ({"customer": {"birthday": "2026-02-30"}}, "/orders/1/customer/birthday", "invalid"),
        ({"customer": {"birthday": 7}}, "/orders/1/customer/birthday", "invalid"),
        ({"campaign": []}, "/orders/1/campaign", "invalid"),
        ({"lines": [{}]}, "/orders/1/lines/0/title", "required"),
        ({"lines": [{"title": "B", "quantity": 2}]}, "/orders/1/lines/0/quantity", "invalid"),
        ({"lines": [{"title": "B" * 301}]}, "/orders/1/lines/0/title", "max_length"),
        ({"lines": [{"title": "B"}] * 501}, "/orders/1/lines", "max_length"),
    ],
)
def test_a_body_that_does_not_fit_records_nothing(backend, change, pointer, reason) -> None:
    response = send(backend, sent("1"), sent("2", **change))

    assert complaints(response) == [(pointer, reason)]
    assert Purchase.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "pointer", "reason"),
    [
        ({}, "/orders", "required"),
        ({"orders": []}, "/orders", "min_length"),
        ({"orders": {}}, "/orders", "not_a_list"),
        ({"orders": [1]}, "/orders/0", "invalid"),
        ({"orders": [sent(str(number)) for number in range(101)]}, "/orders", "max_length"),
        ({"orders": [sent("7"), sent("8"), sent(" 7")]}, "/orders/2/number", "unique"),
    ],
)
def test_a_list_has_1_to_100_orders_each_once(backend, body, pointer, reason) -> None:
    assert complaints(backend.post("orders/", body)) == [(pointer, reason)]

    assert Purchase.objects.count() == 0


def test_the_latest_and_the_longest_that_is_taken_can_be_stored(backend) -> None:
    order = sent(
        "7" * 100,
        placed_at="9000-12-31T23:59:59.999999-12:00",
        total="999999999999999.994999",
        status="refunded",
        customer={"email": f"{'a' * 308}@example.com", "last_name": "ü" * 150},
        discount_codes=["C" * 100] * 50,
        lines=[
            {
                "title": "😀" * 300,
                "sku": "S" * 150,
                "category_path": "/" * 500,
                "quantity": "9999999999.99994",
                "total": "-999999999999999",
                "image_url": "u" * 1000,
            }
        ],
    )

    assert words(send(backend, order)) == ["recorded"]

    assert Purchase.objects.get().refunded_minor == 99999999999999999


def test_a_number_that_differs_in_case_is_no_fault(backend) -> None:
    send(backend, sent("ab1"))

    [result] = results(send(backend, sent("AB1", customer={"email": "eve@example.com"})))

    numbers = set(Purchase.objects.values_list("order_ref", flat=True))
    assert (result["result"], numbers) in [("recorded", {"ab1", "AB1"}), ("refused", {"ab1"})]


def test_a_test_order_is_kept_apart(backend) -> None:
    assert words(send(backend, sent(is_test=True))) == ["recorded"]

    assert Purchase.objects.get().is_test
    assert PurchaseEntry.objects.count() == 0


def test_the_same_request_is_answered_the_same(backend) -> None:
    first = send(backend, sent("1"), sent("2", currency="XYZ"), Idempotency_Key="k")

    again = send(backend, sent("1"), sent("2", currency="XYZ"), Idempotency_Key="k")

    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert words(again) == ["recorded", "refused"]


def test_what_gives_way_is_told_and_nothing_of_it_stays(backend, monkeypatch) -> None:
    send(backend, sent("1"))
    conflict = TransactionConflict("deadlock")
    monkeypatch.setattr("django_ppx.core.retrying.GIVE_UP_AFTER_SECONDS", 0)
    monkeypatch.setattr(settling, "settle_order", lambda **_: (_ for _ in ()).throw(conflict))

    response = send(backend, sent("2"), sent("1", status="cancelled"), Idempotency_Key="k")

    assert (response.status_code, response.json()["reason"]) == (503, "busy")
    assert Purchase.objects.get().status == "placed"

    monkeypatch.undo()
    again = send(backend, sent("2"), sent("1", status="cancelled"), Idempotency_Key="k")

    assert words(again) == ["recorded", "updated"]


def test_a_key_without_the_scope_is_refused() -> None:
    response = Backend("purchases:read").post("orders/", {"orders": [sent()]})

    assert (response.status_code, response.json()["reason"]) == (403, "scope_missing")
    assert Purchase.objects.count() == 0


def test_without_a_key_nothing_is_taken(client) -> None:
    response = client.post(
        "/ppx/api/v1/orders/", {"orders": [sent()]}, content_type="application/json"
    )

    assert response.status_code == 401
    assert Purchase.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("with_key", [False, True])
def test_50_that_send_the_same_order_record_one(with_key) -> None:
    backend = Backend("orders:write")

    def work(number: int) -> Any:
        headers = {"Idempotency_Key": f"k{number}"} if with_key else {}
        return send(backend, sent("1"), sent("2"), **headers)

    answers = run_together(work, times=50)

    found = [words(answer) for answer in answers]
    for position in (0, 1):
        assert [each[position] for each in found].count("recorded") == 1
        assert [each[position] for each in found].count("unchanged") == 49
    assert (Purchase.objects.count(), Customer.objects.count()) == (2, 1)
    assert (PurchaseLine.objects.count(), PurchaseEntry.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_50_that_cancel_the_same_order_settle_it_once() -> None:
    backend = Backend("orders:write")
    send(backend, sent())
    purchase = Purchase.objects.get()
    reward = make_reward(purchase_id=purchase.pk)

    answers = run_together(lambda _: send(backend, sent(status="cancelled")), times=50)

    found = [word for answer in answers for word in words(answer)]
    assert (found.count("updated"), found.count("unchanged")) == (1, 49)
    reward.refresh_from_db()
    assert (reward.status, reward.entry_count) == ("reversed", 1)
    assert PurchaseEntry.objects.filter(type="cancellation").count() == 1
