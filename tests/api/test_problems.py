"""Every error has one shape, and none says more than it must."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied
from django.http import Http404
from django.test import Client
from rest_framework import exceptions

from django_ppx.api.problems import Problem, Reason
from django_ppx.codes import RedemptionRefused
from django_ppx.core.models import Customer
from django_ppx.core.retrying import TransactionConflict
from django_ppx.core.tokens import InvalidToken
from django_ppx.exceptions import InvalidOrder
from tests.api.asking import ask, of_key, of_order, reason
from tests.api.probe import Switch

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

WRITE, SHOPPER = "/probe/write/", "/probe/shopper/"


@pytest.fixture(autouse=True)
def no_error_left() -> Any:
    yield
    Switch.error = Switch.inside = None


ERRORS: list[tuple[Exception, int, str]] = [
    *((Problem(each), Problem(each).status_code, str(each)) for each in Reason),
    (InvalidToken(), 404, "not_found"),
    (Http404("the table of customers"), 404, "not_found"),
    (PermissionDenied("because of that"), 403, "not_allowed"),
    (DisallowedHost("x"), 400, "malformed"),
    (BadRequest("x"), 400, "malformed"),
    (RedemptionRefused(RedemptionRefused.Reason.USED_UP), 409, "used_up"),
    (InvalidOrder("The total is negative."), 422, "invalid_order"),
    (TransactionConflict("x"), 503, "busy"),
    (exceptions.ParseError(), 400, "malformed"),
    (exceptions.NotFound(), 404, "not_found"),
    (exceptions.Throttled(wait=7.2), 429, "throttled"),
    (RuntimeError("SELECT secret FROM customer"), 500, "internal_error"),
]


@pytest.mark.parametrize(("error", "status", "name"), ERRORS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "1"}], ids=["", "with a key"])
def test_an_error_is_a_problem_and_leaves_nothing(
    error: Exception, status: int, name: str, key: dict[str, str], caplog: Any
) -> None:
    caplog.set_level(logging.CRITICAL, "django_ppx")
    Switch.error = error

    response = ask("POST", WRITE, {"text": "Ada"}, headers={**of_key(), **key})

    assert response.status_code == status
    assert reason(response) == name
    assert "SELECT" not in response.content.decode()
    assert "because of that" not in response.content.decode()
    assert Customer.objects.count() == 0 or not key


def test_a_fault_is_logged_once_with_its_traceback(caplog: Any) -> None:
    Switch.error = RuntimeError("broken")

    ask("POST", WRITE, {"text": "Ada"}, headers=of_key())

    assert [record.getMessage() for record in caplog.records if record.name == "django_ppx"] == [
        "The API failed."
    ]
    assert caplog.records[-1].exc_info or caplog.records[0].exc_info


@pytest.mark.parametrize("error", [TransactionConflict("x"), exceptions.Throttled(wait=0.2)])
def test_who_may_ask_again_is_told_when(error: Exception) -> None:
    Switch.error = error

    response = ask("POST", WRITE, {"text": "Ada"}, headers=of_key())

    assert response["Retry-After"] == "1"


def test_the_sentence_is_in_the_callers_language_and_the_reason_is_not() -> None:
    answers = {
        language: ask("GET", "/probe/nowhere/", headers={"Accept-Language": language})
        for language in ("en", "de")
    }

    assert {reason(answer) for answer in answers.values()} == {"not_found"}
    assert answers["en"].json()["detail"] == "There is no such thing here."
    assert "Content-Language" in answers["de"]


def test_a_wrong_method_is_405_and_told_which_there_are() -> None:
    response = ask("DELETE", SHOPPER, headers=of_order("1001"))

    assert response.status_code == 405
    assert reason(response) == "method_not_allowed"
    assert response["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "LINK", "X" * 300])
def test_methods_that_nothing_takes_are_405(method: str) -> None:
    response = ask(method, WRITE, headers=of_key())

    assert response.status_code == 405
    assert reason(response) == "method_not_allowed"
    assert response["Allow"] == "POST"


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/json;q=0", "image/*", "json", "*", "/", "application/json; q=0.0"],
)
def test_whoever_takes_no_json_is_told_so_in_json(accept: str) -> None:
    response = ask("GET", SHOPPER, headers={**of_order("1001"), "Accept": accept})

    assert response.status_code == 406
    assert reason(response) == "not_acceptable"


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "application/*",
        "Application/JSON; charset=utf-16",
        "text/html, application/json;q=0.1",
        "application/json; indent=8",
        "application/json;a*=nowhere'en'b",
        "application/json; q=none",
        "text/html,application/xhtml+xml,*/*;q=0.8",
    ],
)
def test_whoever_takes_json_gets_the_same_bytes(accept: str) -> None:
    response = ask("GET", SHOPPER, headers={**of_order("Ä-1"), "Accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.content == '{"order_ref":"Ä-1"}'.encode()


def test_head_answers_as_get_does_without_the_body() -> None:
    response = ask("HEAD", SHOPPER, headers=of_order("1001"))

    assert response.status_code == 200
    assert response.content == b""
    assert ask("HEAD", SHOPPER).status_code == 401


@pytest.mark.parametrize("query", ["?format=json", "?format=xml", "?format=api"])
def test_the_format_in_the_address_means_nothing_where_nothing_is_read(query: str) -> None:
    response = ask("POST", f"{SHOPPER}{query}", {"text": "a"}, headers=of_order("1001"))

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("is_debug", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.urls("tests.urls")
def test_an_address_that_there_is_not_is_a_problem_and_never_a_redirect(
    method: str, is_debug: bool, settings: Any
) -> None:
    settings.DEBUG = is_debug

    for path in ("", "v1", "v1/", "v1/nowhere", "v2/orders/", "v1/%00/", "v1/%ff%fe/", "v1/%"):
        response = ask(method, f"/ppx/api/{path}", {"text": "a"})

        assert response.status_code == 404, path
        assert reason(response) == "not_found"


HEADERS = (
    "PPX-Order-Token",
    "PPX-Order",
    "Authorization",
    "Origin",
    "Accept-Language",
    "Idempotency-Key",
    "Cookie",
)


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("path", [SHOPPER, WRITE])
def test_no_header_is_an_error_of_the_server(name: str, path: str, settings: Any) -> None:
    settings.PPX_API_RATES = {"anonymous": None}
    good = of_order("1001") if path == SHOPPER else of_key()

    for value in ("é", "\x00", "\xff\xfe", "x" * 5000, "a\tb", ""):
        alone = ask("POST", path, {"text": "a"}, headers={name: value})
        beside = ask("POST", path, {"text": "a"}, headers={**good, name: value})

        assert alone.status_code == (404 if (name, path) == ("PPX-Order", SHOPPER) else 401)
        assert beside.status_code < 500, value


def test_answers_stay_out_of_caches_and_search_engines() -> None:
    for response in (ask("GET", SHOPPER, headers=of_order("1001")), ask("GET", SHOPPER)):
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "no-referrer"


def test_a_host_that_is_not_the_shops_is_refused(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["shop.example.com"]

    response = ask("GET", SHOPPER, headers={**of_order("1001"), "Host": "elsewhere.example.com"})

    assert response.status_code == 400


def test_a_path_with_nul_finds_nothing(client: Client) -> None:
    assert ask("GET", "/probe/named/a%00b/", headers=of_key()).status_code == 404
