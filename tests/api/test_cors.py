"""Front ends of other origins: closed unless the shop names them, and never with cookies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.asking import ask, of_key, of_order

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

SHOPPER, WRITE = "/probe/shopper/", "/probe/write/"
FRONT = "https://www.example.com"
PREFLIGHT = {"Origin": FRONT, "Access-Control-Request-Method": "POST"}


def of_cors(response: Any) -> set[str]:
    return {name for name in response.headers if name.startswith("Access-Control-")}


def test_without_the_setting_no_origin_gets_leave() -> None:
    answer = ask("GET", SHOPPER, headers={**of_order("1001"), "Origin": FRONT})
    preflight = ask("OPTIONS", SHOPPER, headers=PREFLIGHT)

    assert answer.status_code == 200
    assert preflight.status_code == 204
    assert of_cors(answer) == of_cors(preflight) == set()


def test_the_origin_that_is_named_gets_leave_and_no_credentials(settings: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = [FRONT]

    answer = ask("GET", SHOPPER, headers={**of_order("1001"), "Origin": FRONT})

    assert answer["Access-Control-Allow-Origin"] == FRONT
    assert of_cors(answer) == {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}
    assert "Origin" in answer["Vary"]


@pytest.mark.parametrize("status", [401, 404, 405, 400])
def test_the_page_may_read_errors_too(status: int, settings: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = [FRONT]
    method, headers = {
        401: ("GET", {}),
        404: ("GET", {"PPX-Order": "none"}),
        405: ("DELETE", of_order("1001")),
        400: ("POST", of_order("1001")),
    }[status]

    answer = ask(method, SHOPPER, headers={**headers, "Origin": FRONT})

    assert answer.status_code == status
    assert answer["Access-Control-Allow-Origin"] == FRONT


def test_a_preflight_of_the_named_origin_is_told_all(settings: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = [FRONT]

    answer = ask("OPTIONS", SHOPPER, headers=PREFLIGHT)

    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == FRONT
    assert "POST" in answer["Access-Control-Allow-Methods"]
    allowed = answer["Access-Control-Allow-Headers"].split(", ")
    assert {"PPX-Order-Token", "Content-Type", "Idempotency-Key"} <= set(allowed)
    assert not {"PPX-Order", "Authorization", "Cookie", "X-CSRFToken"} & set(allowed)
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Origin" in answer["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "http://www.example.com",
        "https://www.example.com:8443",
        "https://www.example.com.test",
        "https://example.com",
        "https://WWW.example.com",
        "https://www.example.com/",
        "null",
        "*",
        "",
    ],
)
def test_an_origin_that_is_almost_the_one_gets_no_leave(origin: str, settings: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = [FRONT]

    answer = ask("GET", SHOPPER, headers={**of_order("1001"), "Origin": origin})
    preflight = ask("OPTIONS", SHOPPER, headers={**PREFLIGHT, "Origin": origin})

    assert of_cors(answer) == of_cors(preflight) == set()
    assert "Origin" in answer["Vary"]


def test_the_backend_never_gives_leave(settings: Any) -> None:
    settings.PPX_API_CORS_ORIGINS = [FRONT]

    answer = ask("POST", WRITE, {"text": "a"}, headers={**of_key(), "Origin": FRONT})
    preflight = ask("OPTIONS", WRITE, headers=PREFLIGHT)

    assert answer.status_code == 201
    assert preflight.status_code == 405
    assert of_cors(answer) == of_cors(preflight) == set()
