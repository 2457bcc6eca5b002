"""Reading rewards, giving them, taking them back and handing them over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from django_ppx.access.models import ApiKey
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.shop.types import Customer
from django_ppx.testing import (
    make_benefit,
    make_customer,
    make_purchase,
    make_reward,
)
from tests.api.backend import API, Backend
from tests.racing import run_together

pytestmark = pytest.mark.django_db

ADA = Customer(account_id="7", email="ada@example.com", first_name="Ada", last_name="Lovelace")
EVE = Customer(account_id="8", email="eve@example.com")
GIVERS = ("view_reward", "grant_reward", "fulfil_reward", "reverse_reward")


@pytest.fixture(autouse=True)
def shop(settings) -> None:
    settings.PPX_SHOP = "django_ppx.shop.headless.HeadlessShop"


@pytest.fixture
def backend() -> Backend:
    return Backend("rewards:read", "rewards:write")


def signature() -> str:
    return f"(ppx_{ApiKey.objects.get().prefix}_…)"


def staff(*permissions: str) -> Client:
    user = get_user_model().objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [each["id"] for each in response.json()["results"]]


def reason(response: Any, status: int = 409) -> str:
    assert response.status_code == status, response.content
    found: str = response.json()["reason"]
    return found


def test_a_reward_is_read_with_its_history(backend) -> None:
    purchase = make_purchase(number="1001", customer=ADA)
    benefit = make_benefit(name="Ten percent", code_prefix="THX")
    reward = make_reward(
        benefit, customer=purchase.customer, purchase_id=purchase.pk, reason="Thanks"
    )
    DiscountCode.objects.update(code="THXABCDEFGHJKMN")
    backend.post(f"rewards/{reward.pk}/reverse/", {"why": "A mistake"})

    shown = backend.get(f"rewards/{reward.pk}/").json()

    [entry] = shown.pop("entries")
    assert shown == {
        "id": reward.pk,
        "status": "reversed",
        "type": "percent",
        "text": "10% off",
        "code": "THX-ABCD-EFGH-JKMN",
        "benefit": {"id": benefit.pk, "name": "Ten percent"},
        "customer": {
            "account_id": "7",
            "email": "ada@example.com",
            "phone": "",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "language": "",
            "country": "",
        },
        "order_ref": "1001",
        "reason_type": "offer",
        "reason": "Thanks",
        "flag": None,
        "kept_ppm": 1_000_000,
        "granted_at": "2026-03-02T12:00:00+00:00",
        "vests_at": None,
        "expires_at": "2026-04-01T22:00:00+00:00",
    }
    assert (entry["number"], entry["kind"], entry["by"], entry["order_ref"]) == (
        1,
        "reversed",
        None,
        "",
    )
    assert entry["why"] == f"A mistake {signature()}"


@pytest.mark.parametrize("rows", [1, 5])
def test_a_list_asks_the_same_whatever_its_length(backend, rows, django_assert_num_queries) -> None:
    for _row in range(rows):
        purchase = make_purchase()
        make_reward(customer=purchase.customer, purchase_id=purchase.pk)
        make_reward(make_benefit(type="gift", gift="A cup"))
    backend.get("rewards/")  # the key's use is noted

    with django_assert_num_queries(4):  # the key, the throttle's savepoint, the page
        response = backend.get("rewards/")

    assert len(ids(response)) == 2 * rows
    assert [bool(each["code"]) for each in response.json()["results"]] == [False, True] * rows


def test_a_list_is_narrowed(backend) -> None:
    mine, other = (
        make_purchase(number=number, customer=who) for number, who in [("1", ADA), ("2", EVE)]
    )
    cup = make_benefit(type="gift", gift="A cup")
    first = make_reward(customer=mine.customer, purchase_id=mine.pk)
    second = make_reward(cup, customer=mine.customer)
    third = make_reward(cup, customer=other.customer, purchase_id=other.pk)
    backend.post(f"rewards/{third.pk}/hand_over/")

    for query, found in [
        ({}, [third, second, first]),
        ({"customer_account_id": "7"}, [second, first]),
        ({"customer_email": "ADA@example.com "}, [second, first]),
        ({"customer_email": "nobody"}, []),
        ({"order_ref": "2"}, [third]),
        ({"status": "issued"}, [second, first]),
        ({"benefit": str(cup.pk)}, [third, second]),
        ({"benefit": str(cup.pk), "customer_account_id": "7"}, [second]),
        ({"benefit": str(2**63 - 1)}, []),
    ]:
        assert ids(backend.get("rewards/", query)) == [reward.pk for reward in found], query


@pytest.mark.parametrize(
    "query", [{"status": "lost"}, {"benefit": "0"}, {"benefit": str(2**63)}, {"benefit": "x"}]
)
def test_a_query_that_is_not_understood_is_refused(backend, query) -> None:
    assert reason(backend.get("rewards/", query), 400) == "invalid"


@pytest.mark.parametrize("reward_id", [0, 7, 2**63, 10**30])
def test_what_is_not_there_is_not_found(backend, reward_id) -> None:
    assert reason(backend.get(f"rewards/{reward_id}/"), 404) == "not_found"
    for path, body in [("reverse/", {"why": "x"}), ("hand_over/", {})]:
        assert reason(backend.post(f"rewards/{reward_id}/{path}", body), 404) == "not_found"


def test_staff_see_of_codes_and_addresses_what_admin_shows_them() -> None:
    purchase = make_purchase(customer=ADA)
    reward = make_reward(customer=purchase.customer)

    shown = staff("view_reward").get(f"{API}rewards/{reward.pk}/").json()
    get_user_model().objects.all().delete()
    seeing = staff("view_reward", "view_discountcode", "view_customer_addresses")
    whole = seeing.get(f"{API}rewards/{reward.pk}/").json()

    assert (shown["code"], shown["customer"]["email"]) == (None, "a…@e….com")
    assert whole["code"].replace("-", "") == DiscountCode.objects.get().code
    assert whole["customer"]["email"] == "ada@example.com"


def test_a_reward_is_given_once_per_reference(backend) -> None:
    customer = make_purchase(customer=ADA).customer
    benefit = make_benefit()
    body = {
        "reference": "ticket-1",
        "benefit": benefit.pk,
        "customer": {"email": "Ada@Example.com"},
        "reason_type": "apology",
        "note": "Late parcel",
    }

    first = backend.post("rewards/", body)
    again = backend.post("rewards/", {**body, "note": "Other words"})
    keyed = [backend.post("rewards/", body, Idempotency_Key="k") for _time in range(2)]

    reward = Reward.objects.get()
    assert first.status_code == 201
    assert {each.content for each in (first, again, *keyed)} == {first.content}
    assert (reward.customer, reward.benefit, reward.purchase) == (customer, benefit, None)
    assert (reward.reason_type, reward.reason) == ("apology", f"Late parcel {signature()}")
    assert reward.granted_by is None
    assert first.json()["code"].replace("-", "") == reward.code.code


def test_a_reward_for_an_order_names_it(backend) -> None:
    purchase = make_purchase(number="1001", customer=ADA)

    made = backend.post(
        "rewards/", {"reference": "r", "benefit": make_benefit().pk, "order_ref": "1001"}
    ).json()

    assert (made["order_ref"], made["reason_type"], made["reason"]) == (
        "1001",
        "staff",
        signature(),
    )
    assert Reward.objects.get().customer_id == purchase.customer_id


@pytest.mark.parametrize(
    "customer",
    [
        {"account_id": "7"},
        {"account_id": "7", "email": "new@example.com"},
        {"account_id": "9", "email": "ada@example.com"},
    ],
)
def test_a_customer_is_known_by_any_of_their_names(backend, customer) -> None:
    make_purchase(customer=EVE)
    make_purchase(customer=ADA)
    body = {"reference": "r", "benefit": make_benefit().pk, "customer": customer}

    assert backend.post("rewards/", body).json()["customer"]["account_id"] == "7"


def test_a_customer_without_account_and_address_is_known_by_the_phone(backend) -> None:
    make_purchase(customer=Customer(phone="+49 30 1234567"))
    body = {"reference": "r", "benefit": make_benefit().pk, "customer": {"phone": "+49301234567"}}

    assert backend.post("rewards/", body).status_code == 201


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"customer": {"email": "eve@example.com"}}, "reference_used"),
        ({"benefit": "other"}, "reference_used"),
        ({"customer": None, "order_ref": "1001"}, "reference_used"),
        ({"reference": "new", "customer": {"email": "nobody@example.com"}}, "not_a_customer"),
        ({"reference": "new", "customer": {}}, "not_a_customer"),
        ({"reference": "new", "customer": None, "order_ref": "9"}, "no_such_order"),
    ],
)
def test_what_can_not_be_given_is_refused(backend, change, refused) -> None:
    make_purchase(number="1001", customer=ADA)
    make_purchase(customer=EVE)
    benefit = make_benefit()
    body = {"reference": "r", "benefit": benefit.pk, "customer": {"account_id": "7"}}
    backend.post("rewards/", body)
    if change.get("benefit") == "other":
        change = {"benefit": make_benefit().pk}

    sent = {name: value for name, value in {**body, **change}.items() if value is not None}

    assert reason(backend.post("rewards/", sent)) == refused
    assert Reward.objects.count() == 1


def test_another_keys_reference_is_another_reward(backend) -> None:
    make_purchase(customer=ADA)
    body = {"reference": "r", "benefit": make_benefit().pk, "customer": {"account_id": "7"}}

    first, second = backend.post("rewards/", body), Backend().post("rewards/", body)

    assert first.json()["id"] != second.json()["id"]


def test_a_reference_in_other_case_is_no_fault(backend) -> None:
    make_purchase(customer=ADA)
    body = {"reference": "r", "benefit": make_benefit().pk, "customer": {"account_id": "7"}}
    backend.post("rewards/", body)

    again = backend.post("rewards/", {**body, "reference": "R"})

    assert (again.status_code, Reward.objects.count()) in [(201, 2), (409, 1)]


def test_an_empty_pool_gives_nothing(backend) -> None:
    make_purchase(customer=ADA)
    body = {
        "reference": "r",
        "benefit": make_benefit(code_source="pool").pk,
        "customer": {"account_id": "7"},
    }

    assert reason(backend.post("rewards/", body)) == "no_codes_left"
    assert Reward.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reference": ""}, "/reference"),
        ({"reference": "r" * 65}, "/reference"),
        ({"reference": "a b"}, "/reference"),
        ({"reference": "ü"}, "/reference"),
        ({"benefit": "1"}, "/benefit"),
        ({"benefit": 2**63 - 1}, "/benefit"),
        ({"benefit": 2**63}, "/benefit"),
        ({"customer": None}, "/customer"),
        ({"order_ref": "1"}, "/customer"),
        ({"reason_type": "offer"}, "/reason_type"),
        ({"note": "n" * 161}, "/note"),
        ({"amount": "5"}, "/amount"),
    ],
)
def test_a_body_that_does_not_fit_gives_nothing(backend, change, pointer) -> None:
    make_purchase(number="1", customer=ADA)
    body = {"reference": "r", "benefit": make_benefit().pk, "customer": {"account_id": "7"}}

    response = backend.post("rewards/", {**body, **change})

    assert reason(response, 400) == "invalid"
    assert [each["pointer"] for each in response.json()["errors"]] == [pointer]
    assert Reward.objects.count() == 0


def test_a_reward_is_taken_back_with_its_code(backend) -> None:
    reward = make_reward()

    first = backend.post(f"rewards/{reward.pk}/reverse/", {"why": "A mistake"})
    again = backend.post(f"rewards/{reward.pk}/reverse/", {"why": "Once more"})

    assert (first.status_code, first.json()["status"]) == (200, "reversed")
    assert again.json() == first.json()
    code = DiscountCode.objects.get()
    assert (code.status, code.revoke_reason) == ("revoked", f"A mistake {signature()}")


def test_what_was_used_is_not_taken_back(backend) -> None:
    reward = make_reward(make_benefit(type="gift", gift="A cup"))
    backend.post(f"rewards/{reward.pk}/hand_over/")

    response = backend.post(f"rewards/{reward.pk}/reverse/", {"why": "A mistake"})

    reward.refresh_from_db()
    assert reason(response) == "used"
    assert (reward.status, reward.flag, reward.entry_count) == ("redeemed", "", 1)


@pytest.mark.parametrize("body", [{}, {"why": ""}, {"why": "w" * 161}, {"why": 1}])
def test_whoever_takes_back_says_why(backend, body) -> None:
    reward = make_reward()

    assert reason(backend.post(f"rewards/{reward.pk}/reverse/", body), 400) == "invalid"

    reward.refresh_from_db()
    assert reward.status == "issued"


@pytest.mark.parametrize("terms", [{"gift": "A cup"}, {"points": 50}])
def test_a_gift_or_points_are_handed_over_once(backend, terms) -> None:
    [kind] = terms
    kind = {"gift": "gift", "points": "points"}[kind]
    reward = make_reward(make_benefit(type=kind, **terms))

    first = backend.post(f"rewards/{reward.pk}/hand_over/", {"note": "Parcel 7"})
    again = backend.post(f"rewards/{reward.pk}/hand_over/", {})

    assert (first.status_code, first.json()["status"]) == (200, "redeemed")
    assert [entry["why"] for entry in first.json()["entries"]] == [f"Parcel 7 {signature()}"]
    assert again.json() == first.json()


def test_what_does_not_wait_is_not_handed_over(backend) -> None:
    discount = make_reward()
    promised = make_reward(make_benefit(type="gift", gift="A cup", vesting_days=14))
    reversed_ = make_reward(make_benefit(type="gift", gift="A cup"))
    backend.post(f"rewards/{reversed_.pk}/reverse/", {"why": "A mistake"})

    for reward in (discount, promised, reversed_):
        assert reason(backend.post(f"rewards/{reward.pk}/hand_over/")) == "not_waiting"
    assert set(Reward.objects.values_list("status", flat=True)) == {
        "issued",
        "promised",
        "reversed",
    }


def test_staff_are_noted_by_themselves() -> None:
    purchase = make_purchase(number="1", customer=ADA)
    client = staff(*GIVERS)
    user = get_user_model().objects.get()

    made = client.post(
        f"{API}rewards/",
        {"reference": "r", "benefit": make_benefit().pk, "order_ref": "1", "note": "Sorry"},
        content_type="application/json",
    )
    taken = client.post(
        f"{API}rewards/{made.json()['id']}/reverse/",
        {"why": "A mistake"},
        content_type="application/json",
    )

    reward = Reward.objects.get()
    assert (reward.customer_id, reward.granted_by, reward.reason) == (
        purchase.customer_id,
        user,
        "Sorry",
    )
    assert [(entry["by"], entry["why"]) for entry in taken.json()["entries"]] == [
        ("staff", "A mistake")
    ]


def test_staff_who_may_not_see_addresses_learn_of_none() -> None:
    make_purchase(customer=ADA)
    client = staff(*GIVERS)

    for email in ("ada@example.com", "nobody@example.com"):
        given = client.post(
            f"{API}rewards/",
            {"reference": "r", "benefit": make_benefit().pk, "customer": {"email": email}},
            content_type="application/json",
        )
        listed = client.get(f"{API}rewards/", {"customer_email": email})
        assert (reason(given, 403), reason(listed, 403)) == ("not_allowed", "not_allowed")
    assert Reward.objects.count() == 0


@pytest.mark.parametrize("lacking", GIVERS)
def test_staff_need_what_admin_asks_for_each_of_it(lacking) -> None:
    reward = make_reward()
    client = staff(*(set(GIVERS) - {lacking}))

    response = client.post(
        f"{API}rewards/{reward.pk}/reverse/", {"why": "x"}, content_type="application/json"
    )

    assert reason(response, 403) == "not_allowed"


def test_a_key_that_reads_writes_nothing_and_the_other_way_round() -> None:
    reward = make_reward()
    reads, writes = Backend("rewards:read"), Backend("rewards:write")

    for path in ("rewards/", f"rewards/{reward.pk}/reverse/", f"rewards/{reward.pk}/hand_over/"):
        assert reason(reads.post(path, {}), 403) == "scope_missing"
    for path in ("rewards/", f"rewards/{reward.pk}/"):
        assert reason(writes.get(path), 403) == "scope_missing"


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize("with_key", [False, True])
def test_50_that_give_under_one_reference_give_one_reward(with_key) -> None:
    backend = Backend("rewards:write")
    make_purchase(customer=ADA)
    body = {"reference": "r", "benefit": make_benefit().pk, "customer": {"account_id": "7"}}

    def work(number: int) -> Any:
        headers = {"Idempotency_Key": f"k{number}"} if with_key else {}
        return backend.post("rewards/", body, **headers)

    answers = run_together(work, times=50)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (Reward.objects.count(), DiscountCode.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_one_reference_for_50_customers_is_one_reward() -> None:
    backend, benefit = Backend("rewards:write"), make_benefit()
    for number in range(50):
        make_purchase(customer=Customer(account_id=str(number)))

    answers = run_together(
        lambda number: backend.post(
            "rewards/",
            {"reference": "r", "benefit": benefit.pk, "customer": {"account_id": str(number)}},
        ),
        times=50,
    )

    found = [answer.status_code for answer in answers]
    assert (found.count(201), found.count(409)) == (1, 49)
    assert Reward.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("reverse/", {"why": "A mistake"}, "reversed"), ("hand_over/", {}, "redeemed")],
)
def test_50_equal_requests_move_a_reward_once(path, body, status) -> None:
    backend = Backend("rewards:write")
    reward = make_reward(
        make_benefit(type="gift", gift="A cup"),
        customer=make_customer(),
        now=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )

    answers = run_together(lambda _: backend.post(f"rewards/{reward.pk}/{path}", body), times=50)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    reward.refresh_from_db()
    assert (reward.status, reward.entry_count) == (status, 1)
