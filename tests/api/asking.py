"""Asking the API as a program or a page would: JSON out, the answer with its parsed body back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.test import Client

from django_ppx.testing import make_api_key, order_token

JSON = "application/json"
V1 = "/ppx/api/v1/"


def of_order(order_ref: str) -> dict[str, str]:
    """Return the headers of the customer of an order."""
    return {"PPX-Order-Token": order_token(order_ref)}


def of_key(*scopes: str, **overrides: Any) -> dict[str, str]:
    """Return the headers of a program with a new key, for these scopes or for all."""
    return {"Authorization": f"Bearer {make_api_key(*scopes, **overrides).text}"}


def ask(
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: Mapping[str, str] | None = None,
    client: Client | None = None,
    **extra: Any,
) -> Any:
    """Return the answer to one request. `body` is sent as JSON; bytes are sent as they are."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    client = client or Client(raise_request_exception=False)
    return client.generic(
        method, path, data, **{"content_type": JSON, "headers": dict(headers or {}), **extra}
    )


def reason(response: Any) -> str:
    """Return the reason of a problem, and see that it is one."""
    assert response["Content-Type"] == "application/problem+json", response.content[:300]
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:django-ppx:problem:{problem['reason']}"
    assert problem["title"]
    assert problem["detail"]
    return str(problem["reason"])
