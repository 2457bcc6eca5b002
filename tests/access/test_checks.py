from __future__ import annotations

from typing import Any

import pytest

from django_ppx import checks
from django_ppx.access.checks import (
    check_api_rates,
    check_cors_origins,
    check_webhook_addresses,
)


@pytest.mark.parametrize(
    "origins",
    [
        [],
        (),
        ["https://www.example.com"],
        ["http://127.0.0.1:8001", "https://a.example.com:8443"],
        ["http://[::1]:8001"],
    ],
)
def test_origins_are_named_one_by_one(settings, origins: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = origins

    assert check_cors_origins() == []


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example.com",
        "www.example.com",
        "https://www.example.com/",
        "https://www.example.com/shop",
        "https://WWW.example.com",
        "https://www.example.com:443",
        "http://www.example.com:80",
        "https://user@www.example.com",
        "ftp://www.example.com",
        "https://www.example.com:99999",
        "null",
        "",
        None,
        7,
    ],
)
def test_what_is_no_origin_is_an_error(settings, origin: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = ["https://www.example.com", origin]

    [error] = check_cors_origins()

    assert error.id == "django_ppx.E040"
    assert repr(origin) in error.msg


@pytest.mark.parametrize("value", ["https://www.example.com", None, 7, {"a": "b"}])
def test_origins_stand_in_a_list(settings, value: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = value

    assert [error.id for error in check_cors_origins()] == ["django_ppx.E040"]


@pytest.mark.parametrize("rates", [{}, {"shopper": "10/s", "backend": None, "anonymous": "5/hour"}])
def test_rates_are_so_many_per_time(settings, rates: Any) -> None:
    settings.PPX_API_RATES = rates

    assert check_api_rates() == []


@pytest.mark.parametrize(
    "rates",
    [
        None,
        "60/min",
        {"customer": "60/min"},
        {"shopper": "60"},
        {"shopper": "0/min"},
        {"shopper": "-1/min"},
        {"shopper": "60/fortnight"},
        {"shopper": 60},
    ],
)
def test_what_is_no_rate_is_an_error(settings, rates: Any) -> None:
    settings.PPX_API_RATES = rates

    assert [error.id for error in check_api_rates()] == ["django_ppx.E042"]


@pytest.mark.parametrize(
    ("value", "found"),
    [(True, []), (False, [])] + [(bad, ["django_ppx.E046"]) for bad in ("no", None, 1)],
)
def test_webhooks_may_go_to_private_addresses_or_not(
    settings, value: Any, found: list[str]
) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = value

    assert [error.id for error in check_webhook_addresses()] == found


def test_all_of_them_are_run() -> None:
    assert {check_cors_origins, check_api_rates, check_webhook_addresses} <= set(checks.ALL_CHECKS)
