"""Who asks: what is given and wrong is refused, whatever stands beside it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from django_ppx.access.keys import revoke_key
from django_ppx.access.scopes import PERMISSIONS, Scope
from django_ppx.core.models import Customer
from django_ppx.core.order_tokens import make_page_token
from django_ppx.core.tokens import make_token
from django_ppx.shop.types import Customer as ShopCustomer
from django_ppx.testing import FakeShop, make_api_key, make_order, order_token
from tests.api.asking import ask, of_key, of_order, reason

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

SHOPPER, WRITE, NAMED = "/probe/shopper/", "/probe/write/", "/probe/named/Ada/"


@pytest.fixture(autouse=True)
def shop(settings: Any) -> Any:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.PPX_API_RATES = {"anonymous": None}
    yield
    FakeShop.clear()


def account(name: str = "ada", *, is_staff: bool = False, scope: Scope | None = None) -> User:
    user = User.objects.create_user(name, password="a password", is_staff=is_staff)
    for permission in PERMISSIONS[scope] if scope else ():
        user.user_permissions.add(Permission.objects.get(codename=permission.partition(".")[2]))
    return user


def session(user: User, *, has_csrf: bool = True) -> Client:
    client = Client(raise_request_exception=False, enforce_csrf_checks=not has_csrf)
    client.force_login(user)
    return client


def place(number: str, user: User) -> None:
    FakeShop.place(make_order(number=number, customer=ShopCustomer(account_id=str(user.pk))))


def test_an_order_token_speaks_for_its_order() -> None:
    response = ask("GET", SHOPPER, headers=of_order("1001"))

    assert response.json() == {"order_ref": "1001"}


WRONG_TOKENS = {
    "nothing": "",
    "no token": "1001",
    "a page's token": make_page_token("1001", now=datetime.now(UTC)),
    "a card's token": make_token(purpose="card", payload="1001", now=datetime.now(UTC)),
    "too old": order_token("1001", now=datetime.now(UTC) - timedelta(days=91)),
    "too new": order_token("1001", now=datetime.now(UTC) + timedelta(hours=1)),
    "longer": order_token("1001") + "A",
    "endless": order_token("x" * 900) + "A" * 5000,
}


@pytest.mark.parametrize("token", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_all_wrong_tokens_are_answered_alike(token: str) -> None:
    response = ask("GET", SHOPPER, headers={"PPX-Order-Token": token})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "PPX-Order-Token"
    assert response.content == ask("GET", SHOPPER).content
    assert reason(response) == "not_authenticated"


def test_a_wrong_token_beside_the_right_session_is_refused() -> None:
    user = account()
    place("1001", user)

    response = ask(
        "GET",
        SHOPPER,
        headers={"PPX-Order": "1001", "PPX-Order-Token": "wrong"},
        client=session(user),
    )

    assert response.status_code == 401


def test_a_token_needs_no_cookie_and_no_csrf() -> None:
    client = Client(enforce_csrf_checks=True)

    response = ask("POST", SHOPPER, {"text": "a"}, headers=of_order("1001"), client=client)

    assert response.status_code == 200
    assert not response.cookies


def test_a_session_speaks_for_the_orders_that_it_may_see() -> None:
    user, other = account(), account("bob")
    place("1001", user)
    place("1002", other)
    client = session(user)

    mine = ask("GET", SHOPPER, headers={"PPX-Order": "1001"}, client=client)
    others = ask("GET", SHOPPER, headers={"PPX-Order": "1002"}, client=client)
    none = ask("GET", SHOPPER, headers={"PPX-Order": "1003"}, client=client)

    assert mine.json() == {"order_ref": "1001"}
    assert (others.status_code, none.status_code) == (404, 404)
    assert others.content == none.content


def test_a_session_alone_names_no_order() -> None:
    assert ask("GET", SHOPPER, client=session(account())).status_code == 401


def test_a_session_writes_with_the_csrf_token_alone() -> None:
    user = account()
    place("1001", user)
    client = session(user, has_csrf=False)

    read = ask("GET", SHOPPER, headers={"PPX-Order": "1001"}, client=client)
    without = ask("POST", SHOPPER, {"text": "a"}, headers={"PPX-Order": "1001"}, client=client)
    client.cookies["csrftoken"] = "a" * 32
    within = ask(
        "POST",
        SHOPPER,
        {"text": "a"},
        headers={"PPX-Order": "1001", "X-CSRFToken": "a" * 32},
        client=client,
    )

    assert read.status_code == 200
    assert without.status_code == 403
    assert reason(without) == "not_allowed"
    assert within.status_code == 200


def test_a_key_does_what_it_is_made_for_and_nothing_else() -> None:
    made = ask("POST", WRITE, {"text": "Ada"}, headers=of_key("orders:write"))
    refused = ask("POST", WRITE, {"text": "Bob"}, headers=of_key("purchases:read"))

    assert made.status_code == 201
    assert refused.status_code == 403
    assert reason(refused) == "scope_missing"
    assert list(Customer.objects.values_list("first_name", flat=True)) == ["Ada"]


def test_all_wrong_keys_are_answered_alike() -> None:
    text = make_api_key().text
    revoked, expired = make_api_key(), make_api_key(expires_at=datetime(2026, 3, 2, tzinfo=UTC))
    revoke_key(key_id=revoked.key.pk, now=timezone.now())
    wrong = ["ppx_", text[:-1] + "?", text + "A", "ppx_" + "a" * 12 + "_" + "b" * 43]

    for given in (*wrong, revoked.text, expired.text):
        response = ask("POST", WRITE, {"text": "a"}, headers={"Authorization": f"Bearer {given}"})

        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="django-ppx"'
        assert reason(response) == "not_authenticated"
    assert Customer.objects.count() == 0


def test_a_wrong_key_beside_the_right_session_is_refused() -> None:
    staff = account(is_staff=True, scope=Scope.ORDERS_WRITE)

    response = ask(
        "POST",
        WRITE,
        {"text": "a"},
        headers={"Authorization": "Bearer ppx_wrong"},
        client=session(staff),
    )

    assert response.status_code == 401


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer other"}, {"Authorization": "Token 1"}, {}], ids=str
)
def test_what_is_no_key_of_ours_is_for_the_host_to_judge(headers: dict[str, str]) -> None:
    assert ask("POST", WRITE, {"text": "a"}, headers=headers).status_code == 401
    staff = session(account(is_staff=True, scope=Scope.ORDERS_WRITE))

    response = ask("POST", WRITE, {"text": "a"}, headers=headers, client=staff)

    assert response.status_code == 201


def test_staff_need_every_permission_of_the_scope() -> None:
    staff = account(is_staff=True)
    first, second = PERMISSIONS[Scope.ORDERS_WRITE]
    statuses = []
    for permission in (None, first, second):
        if permission:
            code = permission.partition(".")[2]
            staff.user_permissions.add(Permission.objects.get(codename=code))
        response = ask("POST", WRITE, {"text": "a"}, client=session(User.objects.get()))
        statuses.append(response.status_code)

    assert statuses == [403, 403, 201]


def test_an_account_that_is_no_staff_does_nothing_whatever_its_permissions() -> None:
    account(scope=Scope.ORDERS_WRITE)

    response = ask("POST", WRITE, {"text": "a"}, client=session(User.objects.get()))

    assert response.status_code == 403
    assert reason(response) == "not_allowed"


def test_the_session_of_staff_writes_with_the_csrf_token_alone() -> None:
    staff = account(is_staff=True, scope=Scope.ORDERS_WRITE)

    response = ask("POST", WRITE, {"text": "a"}, client=session(staff, has_csrf=False))

    assert response.status_code == 403
    assert Customer.objects.count() == 0


def test_an_order_token_opens_nothing_of_the_backend_and_a_key_nothing_of_the_shopper() -> None:
    assert ask("POST", WRITE, {"text": "a"}, headers=of_order("1001")).status_code == 401
    assert ask("GET", SHOPPER, headers=of_key()).status_code == 401


def test_head_needs_what_get_needs() -> None:
    assert ask("HEAD", NAMED).status_code == 401
    assert ask("HEAD", NAMED, headers=of_key("orders:write")).status_code == 403
    assert ask("HEAD", NAMED, headers=of_key("purchases:read")).status_code == 200


def test_a_view_that_forgot_what_a_key_needs_is_closed() -> None:
    for method in ("GET", "HEAD"):
        assert ask(method, "/probe/forgotten/", headers=of_key()).status_code == 403
    assert ask("POST", "/probe/forgotten/", headers=of_key()).status_code == 405


def test_passwords_can_not_be_tried(admin_user: Any) -> None:
    right = b64encode(b"admin:password").decode()

    response = ask("POST", WRITE, {"text": "a"}, headers={"Authorization": f"Basic {right}"})

    assert response.status_code == 401


def test_a_wrong_password_is_a_problem_too() -> None:
    response = ask("POST", WRITE, {"text": "a"}, headers={"Authorization": "Basic YTpi"})

    assert response.status_code == 401
    assert reason(response) == "not_authenticated"
