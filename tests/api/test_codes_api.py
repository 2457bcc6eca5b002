"""What a checkout in any language asks of discount codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.shop.types import Customer
from django_ppx.testing import make_benefit, make_code, make_purchase, make_reward
from tests.api.backend import Backend, sent
from tests.racing import run_together

pytestmark = pytest.mark.django_db

NEUTRAL = "This code is not valid."


@pytest.fixture(autouse=True)
def shop(settings) -> None:
    settings.PPX_SHOP = "django_ppx.shop.headless.HeadlessShop"


@pytest.fixture
def backend() -> Backend:
    return Backend("codes:write")


@pytest.fixture
def code() -> DiscountCode:
    return make_code(make_benefit(code_prefix="THX"), code="THXABCDEFGHJKMN", now=timezone.now())


def basket(**overrides: Any) -> dict[str, Any]:
    return {"currency": "EUR", "total": "45.05", **overrides}


def refusal(response: Any, status: int = 409) -> tuple[str, str]:
    assert response.status_code == status, response.content
    problem = response.json()
    return problem["reason"], problem["detail"]


def uses(code: DiscountCode) -> tuple[int, int]:
    """The counter, and the uses that stand: they must be equal."""
    code.refresh_from_db()
    return code.times_used, code.redemptions.standing().count()


def test_a_code_is_quoted_and_nothing_is_used(backend, code) -> None:
    lines = [{"total": "30.00", "sku": "A"}, {"total": "15.05", "quantity": "0.5"}]

    response = backend.post(
        "codes/quote/", {"code": "thx abcd-efghjkmn", "basket": basket(lines=lines)}
    )

    assert response.status_code == 200
    assert response.json() == {
        "code": "THX-ABCD-EFGH-JKMN",
        "currency": "EUR",
        "discount": "4.51",
        "shipping_discount": "0.00",
        "total_discount": "4.51",
        "line_discounts": ["3.00", "1.51"],
        "text": "10% off",
    }
    assert uses(code) == (0, 0)


def test_a_quote_is_in_the_callers_language_and_the_baskets_currency(backend) -> None:
    code = make_code(
        make_benefit(type="amount", amounts={"JPY": {"amount": 500}}), now=timezone.now()
    )

    response = backend.post(
        "codes/quote/",
        {"code": code.code, "basket": basket(currency="JPY", total="4000")},
        Accept_Language="de",
    )

    assert (response.json()["discount"], response.json()["text"]) == ("500", "500\xa0¥ Rabatt")


def test_free_shipping_is_told_apart(backend) -> None:
    code = make_code(make_benefit(type="free_shipping"), now=timezone.now())

    quoted = backend.post(
        "codes/quote/", {"code": code.code, "basket": basket(shipping="4.90")}
    ).json()

    assert (quoted["discount"], quoted["shipping_discount"], quoted["total_discount"]) == (
        "0.00",
        "4.90",
        "4.90",
    )


@pytest.mark.parametrize(
    ("change", "reason", "sentence"),
    [
        ({"status": "revoked", "revoked_at": timezone.now()}, "revoked", NEUTRAL),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "expired", NEUTRAL),
        ({"times_used": 1}, "used_up", NEUTRAL),
        ({"starts_at": timezone.now() + timedelta(days=2)}, "not_yet", NEUTRAL),
        ({"code": "OTHERCODE"}, "unknown", NEUTRAL),
    ],
)
@pytest.mark.parametrize("door", ["quote", "reserve", "redeem"])
def test_the_shop_learns_why_and_the_shopper_does_not(
    backend, code, door, change, reason, sentence
) -> None:
    DiscountCode.objects.filter(pk=code.pk).update(**change)
    body = {
        "quote": {"basket": basket()},
        "reserve": {"basket": basket(), "order_ref": "1001"},
        "redeem": {"order": sent()},
    }[door]

    response = backend.post(f"codes/{door}/", {"code": code.code, **body})

    assert refusal(response) == (reason, sentence)
    assert response["Content-Type"] == "application/problem+json"
    assert CodeRedemption.objects.count() == 0


def test_the_owner_is_told_in_words(backend) -> None:
    purchase = make_purchase(customer=Customer(email="ada@example.com"))
    reward = make_reward(customer=purchase.customer, now=timezone.now())
    DiscountCode.objects.update(times_used=1)

    response = backend.post(
        "codes/quote/",
        {"code": reward.code.code, "basket": basket(customer={"email": "Ada@example.com"})},
    )

    assert refusal(response) == ("used_up", "This code has already been used.")


def test_conditions_are_weighed_with_the_sentence_for_the_customer(backend) -> None:
    code = make_code(make_benefit(amounts={"EUR": {"minimum_total": 60}}), now=timezone.now())

    response = backend.post("codes/quote/", {"code": code.code, "basket": basket()})

    assert refusal(response) == (
        "minimum_not_met",
        "This code is for orders of €60.00 or more.",
    )


def test_other_codes_of_the_basket_count(backend, code) -> None:
    response = backend.post(
        "codes/quote/", {"code": code.code, "basket": basket(other_codes=["SPRING"])}
    )

    assert refusal(response)[0] == "not_combinable"


def test_a_use_is_held_made_good_and_given_back(backend, code) -> None:
    order = sent("1001", total="45.45", discount_total="4.55")

    held = backend.post(
        "codes/reserve/",
        {"code": code.code, "order_ref": "1001", "basket": basket(), "minutes": 30},
    ).json()
    quoted = backend.post("codes/quote/", {"code": code.code, "basket": basket(order_ref="1001")})
    other = backend.post("codes/quote/", {"code": code.code, "basket": basket(order_ref="1002")})
    kept = backend.post(
        "codes/redeem/", {"code": code.code, "order": order, "discount": "4.55"}
    ).json()
    not_held = backend.post(
        "codes/release/", {"code": code.code, "order_ref": "1001", "is_held_only": True}
    ).json()
    back = backend.post("codes/release/", {"code": code.code, "order_ref": "1001"}).json()
    again = backend.post("codes/release/", {"code": code.code, "order_ref": "1001"}).json()

    assert (held["code"], held["order_ref"], held["status"], held["discount"]) == (
        "THX-ABCD-EFGH-JKMN",
        "1001",
        "reserved",
        "4.51",
    )
    minutes = datetime.fromisoformat(held["reserved_until"]) - timezone.now()
    assert timedelta(minutes=29) < minutes <= timedelta(minutes=30)
    assert quoted.status_code == 200
    assert refusal(other)[0] == "used_up"
    assert (kept["status"], kept["discount"], kept["released_at"]) == ("redeemed", "4.55", None)
    assert not_held["redemption"] == kept
    assert (back["redemption"]["status"], again) == ("released", back)
    assert uses(code) == (0, 0)


def test_redeeming_records_no_purchase(backend, code) -> None:
    backend.post("codes/redeem/", {"code": code.code, "order": sent()})

    assert uses(code) == (1, 1)
    assert Purchase.objects.count() == 0


def test_a_recorded_order_is_redeemed_by_its_number(backend, code) -> None:
    make_purchase(number="1001", discount_total=Decimal("4.51"), discount_codes=(code.code,))

    response = backend.post("codes/redeem/", {"code": code.code, "order_ref": "1001"})

    assert response.status_code == 200
    assert (response.json()["status"], response.json()["discount"]) == ("redeemed", "4.96")
    assert uses(code) == (1, 1)


def test_the_same_order_asking_again_gets_the_same_answer(backend, code) -> None:
    body = {"code": code.code, "order": sent()}

    first = backend.post("codes/redeem/", body)
    again = backend.post("codes/redeem/", body)
    keyed = [backend.post("codes/redeem/", body, Idempotency_Key="k") for _time in range(2)]

    assert {each.content for each in (first, again, *keyed)} == {first.content}
    assert keyed[1]["Idempotent-Replayed"] == "true"
    assert uses(code) == (1, 1)


def test_of_two_orders_one_gets_the_use(backend, code) -> None:
    first = backend.post("codes/redeem/", {"code": code.code, "order": sent("1")})
    second = backend.post("codes/redeem/", {"code": code.code, "order": sent("2")})

    assert first.status_code == 200
    assert refusal(second) == ("used_up", NEUTRAL)


def test_a_refusal_is_not_kept_for_the_next_try(backend, code) -> None:
    body = {"code": code.code, "order_ref": "2", "basket": basket()}
    backend.post("codes/reserve/", {**body, "order_ref": "1"})
    assert backend.post("codes/reserve/", body, Idempotency_Key="k").status_code == 409
    backend.post("codes/release/", {"code": code.code, "order_ref": "1"})

    assert backend.post("codes/reserve/", body, Idempotency_Key="k").status_code == 200


def test_what_never_was_used_is_given_back_as_nothing(backend, code) -> None:
    for typed in (code.code, "NOSUCHCODE"):
        response = backend.post("codes/release/", {"code": typed, "order_ref": "1001"})

        assert (response.status_code, response.json()) == (200, {"redemption": None})


def test_an_order_that_is_not_recorded_is_not_found(backend, code) -> None:
    response = backend.post("codes/redeem/", {"code": code.code, "order_ref": "1001"})

    assert refusal(response, 404)[0] == "not_found"


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("quote", {"basket": basket(currency="XYZ")}),
        ("quote", {"basket": basket(currency="CLF", total="999999999999999")}),
        ("quote", {"basket": basket(currency="CLF", shipping="999999999999999")}),
        ("reserve", {"basket": basket(currency="XYZ"), "order_ref": "1"}),
        (
            "reserve",
            {"basket": basket(currency="CLF"), "order_ref": "1", "discount": "999999999999999"},
        ),
        ("redeem", {"order": sent(currency="XYZ")}),
        ("redeem", {"order": sent(total="-1")}),
        ("redeem", {"order": sent(lines=[{"title": "Bowl", "total": "999999999999999"}] * 500)}),
        ("redeem", {"order": sent(), "discount": "999999999999999999"}),
    ],
)
def test_amounts_out_of_range_are_refused(backend, code, door, body) -> None:
    response = backend.post(f"codes/{door}/", {"code": code.code, **body})

    assert response.status_code in (400, 422)
    assert response.json()["reason"] in ("invalid", "invalid_order")
    assert uses(code) == (0, 0)


@pytest.mark.parametrize("door", ["quote", "reserve"])
def test_the_largest_basket_that_is_taken_is_no_fault(backend, door) -> None:
    code = make_code(make_benefit(percent=Decimal(100)), now=timezone.now())
    lines = [{"total": "999999999999999.99"}] * 500
    body = {"basket": basket(total="999999999999999.99", lines=lines), "order_ref": "1"}
    if door == "quote":
        del body["order_ref"]

    response = backend.post(f"codes/{door}/", {"code": code.code, **body})

    assert response.status_code == 200
    assert response.json()["discount"] == "999999999999999.99"


@pytest.mark.parametrize(
    ("door", "body", "pointer"),
    [
        ("quote", {"code": ""}, "/code"),
        ("quote", {"code": "x" * 201}, "/code"),
        ("quote", {"basket": {}}, "/basket/total"),
        ("quote", {"basket": basket(total=45)}, "/basket/total"),
        ("quote", {"basket": basket(total="-1")}, "/basket/total"),
        ("quote", {"basket": basket(lines=[{}])}, "/basket/lines/0/total"),
        ("quote", {"basket": basket(customer={"email": 1})}, "/basket/customer/email"),
        ("quote", {"basket": basket(other_codes=[1])}, "/basket/other_codes/0"),
        ("reserve", {"basket": basket()}, "/order_ref"),
        ("reserve", {"basket": basket(), "order_ref": "1", "minutes": 0}, "/minutes"),
        ("reserve", {"basket": basket(), "order_ref": "1", "minutes": 10081}, "/minutes"),
        ("reserve", {"basket": basket(), "order_ref": "1", "discount": "-1"}, "/discount"),
        ("redeem", {}, "/order"),
        ("redeem", {"order": sent(), "order_ref": "1"}, "/order"),
        ("redeem", {"order": {**sent(), "refunded": "1"}}, "/order/refunded"),
        ("release", {"order_ref": ""}, "/order_ref"),
        ("release", {"order_ref": "1", "is_held_only": 1}, "/is_held_only"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_the_place(
    backend, code, door, body, pointer
) -> None:
    response = backend.post(f"codes/{door}/", {"code": code.code, **body})

    assert response.status_code == 400
    assert pointer in [each["pointer"] for each in response.json()["errors"]]
    assert uses(code) == (0, 0)


@pytest.mark.parametrize("door", ["quote", "reserve", "redeem", "release"])
def test_a_key_for_something_else_asks_of_no_code(code, door) -> None:
    response = Backend("orders:write", "rewards:write").post(f"codes/{door}/", {})

    assert refusal(response, 403)[0] == "scope_missing"


@pytest.mark.parametrize("typed", ["' OR 1=1 --", "💥" * 50, "SAVÉ", "%", "_", "…"])
def test_whatever_is_typed_is_no_fault(backend, code, typed) -> None:
    response = backend.post("codes/quote/", {"code": typed, "basket": basket()})

    assert refusal(response) == ("unknown", NEUTRAL)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("with_key", [False, True])
@pytest.mark.parametrize("door", ["reserve", "redeem"])
def test_50_equal_requests_take_one_use(door, with_key) -> None:
    backend, code = Backend("codes:write"), make_code(now=timezone.now())
    body = {
        "reserve": {"code": code.code, "order_ref": "1", "basket": basket(), "minutes": 60},
        "redeem": {"code": code.code, "order": sent("1")},
    }[door]

    def work(number: int) -> Any:
        headers = {"Idempotency_Key": f"k{number}"} if with_key else {}
        return backend.post(f"codes/{door}/", body, **headers)

    answers = run_together(work, times=50)

    assert {answer.status_code for answer in answers} == {200}
    found = [answer.json() for answer in answers]
    assert {each["discount"] for each in found} == {"4.51"}
    if door == "redeem":
        assert len({answer.content for answer in answers}) == 1
    assert uses(code) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_of_50_orders_one_gets_the_use() -> None:
    backend, code = Backend("codes:write"), make_code(now=timezone.now())

    answers = run_together(
        lambda number: backend.post(
            "codes/redeem/", {"code": code.code, "order": sent(str(number))}
        ),
        times=50,
    )

    found = [answer.status_code for answer in answers]
    assert (found.count(200), found.count(409)) == (1, 49)
    assert uses(code) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_50_equal_releases_give_one_use_back() -> None:
    backend, code = Backend("codes:write"), make_code(make_benefit(max_uses=3), now=timezone.now())
    for number in ("1", "2"):
        backend.post("codes/redeem/", {"code": code.code, "order": sent(number)})

    answers = run_together(
        lambda _: backend.post("codes/release/", {"code": code.code, "order_ref": "1"}), times=50
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert uses(code) == (1, 1)
