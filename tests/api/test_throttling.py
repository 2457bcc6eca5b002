"""How often one caller may ask; and that a broken cache closes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache.backends.base import BaseCache
from django.test import Client

from django_ppx.api.throttling import RATES, CallerThrottle
from tests.api.asking import ask, of_key, of_order, reason

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

SHOPPER, WRITE = "/probe/shopper/", "/probe/write/"


def test_the_rates_where_a_host_says_nothing() -> None:
    assert RATES == {"anonymous": "60/min", "shopper": "240/min", "backend": "6000/min"}


def test_one_order_too_often_is_429_and_another_order_is_not(settings: Any) -> None:
    settings.PPX_API_RATES = {"shopper": "2/min"}
    mine = of_order("1001")

    statuses = [ask("GET", SHOPPER, headers=mine).status_code for _time in range(3)]
    over = ask("GET", SHOPPER, headers=mine)

    assert statuses == [200, 200, 429]
    assert reason(over) == "throttled"
    assert 1 <= int(over["Retry-After"]) <= 60
    assert ask("GET", SHOPPER, headers=of_order("1002")).status_code == 200


def test_two_tokens_of_one_order_count_together(settings: Any) -> None:
    settings.PPX_API_RATES = {"shopper": "1/min"}
    ask("GET", SHOPPER, headers=of_order("1001"))

    assert ask("GET", SHOPPER, headers=of_order("1001")).status_code == 429


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"PPX-Order-Token": "wrong"},
        {"PPX-Order": "1002"},
        {"Authorization": "Bearer ppx_wrong"},
        {"Authorization": "Basic YTpi"},
    ],
    ids=str,
)
def test_whoever_tries_is_counted_by_address(headers: dict[str, str], settings: Any) -> None:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.PPX_API_RATES = {"anonymous": "2/min"}
    path = SHOPPER if "Authorization" not in headers else WRITE

    statuses = [ask("GET" if path == SHOPPER else "POST", path, headers=headers) for _ in range(3)]

    assert [each.status_code for each in statuses[:2]] == [
        401 if "PPX-Order" not in headers else 404
    ] * 2
    assert statuses[2].status_code == 429
    assert ask("GET", SHOPPER, REMOTE_ADDR="192.0.2.9").status_code == 401
    assert ask("GET", SHOPPER, headers=of_order("1001")).status_code == 200


def test_neighbours_of_one_ipv6_network_are_counted_together(settings: Any) -> None:
    settings.PPX_API_RATES = {"anonymous": "1/min"}
    ask("GET", SHOPPER, REMOTE_ADDR="2001:db8:1:2::3")

    assert ask("GET", SHOPPER, REMOTE_ADDR="2001:db8:1:2:ffff::4").status_code == 429
    assert ask("GET", SHOPPER, REMOTE_ADDR="2001:db8:1:3::3").status_code == 401


def test_addresses_that_there_are_not_are_counted_too(settings: Any) -> None:
    settings.PPX_API_RATES = {"anonymous": "1/min"}
    ask("GET", "/probe/nowhere/")

    assert ask("GET", "/probe/nowhere/").status_code == 429


def test_each_key_has_its_own_count_and_what_it_may_not_is_counted(settings: Any) -> None:
    settings.PPX_API_RATES = {"backend": "1/min"}
    reader, writer = of_key("purchases:read"), of_key()

    assert ask("POST", WRITE, {"text": "a"}, headers=reader).status_code == 403
    assert ask("POST", WRITE, {"text": "a"}, headers=reader).status_code == 429
    assert ask("POST", WRITE, {"text": "a"}, headers=writer).status_code == 201


def test_accounts_are_counted_one_by_one(settings: Any) -> None:
    settings.PPX_API_RATES = {"backend": "1/min"}
    answers = []
    for name in ("ada", "bob"):
        client = Client()
        client.force_login(User.objects.create_superuser(name))
        answers += [ask("POST", WRITE, {"text": "a"}, client=client) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 429, 201, 429]


def test_none_is_no_limit_and_what_is_left_out_has_its_default(settings: Any) -> None:
    settings.PPX_API_RATES = {"shopper": None}

    statuses = {ask("GET", SHOPPER, headers=of_order("1001")).status_code for _ in range(250)}
    strangers = [ask("GET", SHOPPER).status_code for _time in range(61)]

    assert statuses == {200}
    assert strangers == [401] * 60 + [429]


def test_a_cache_that_is_down_closes_nothing(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    class Down(BaseCache):
        def get(self, *args: Any, **kwargs: Any) -> Any:
            raise ConnectionError

    settings.PPX_API_RATES = {"shopper": "1/min"}
    monkeypatch.setattr(CallerThrottle, "cache", Down({}))

    statuses = [ask("GET", SHOPPER, headers=of_order("1001")).status_code for _time in range(3)]

    assert statuses == [200, 200, 200]
    assert "The rate limit of the API failed" in caplog.text


def test_a_host_that_can_not_tell_addresses_apart_is_served_all_the_same(settings: Any) -> None:
    settings.PPX_CLIENT_ADDRESS = "tests.api.test_throttling.no_address"

    assert ask("GET", SHOPPER).status_code == 401


def no_address(request: Any) -> str:
    raise RuntimeError("no address")
