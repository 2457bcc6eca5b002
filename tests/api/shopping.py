"""A front end of another origin, asking for one order."""

from __future__ import annotations

import json
import re
from typing import Any

from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ppx.testing import order_token

BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "accept-language": "en",
    "sec-fetch-mode": "cors",
}


def ask(
    path: str,
    body: Any = None,
    *,
    order: str = "1001",
    client: Client | None = None,
    **headers: str,
) -> Any:
    """Return the answer to a POST below v1/ with the token of `order`."""
    given = {**BROWSER, "PPX-Order-Token": order_token(order), **headers}
    return (client or Client()).post(
        f"/ppx/api/v1/{path}",
        json.dumps({} if body is None else body),
        content_type="application/json",
        headers=given,
    )


def look(path: str, *, order: str = "1001", **headers: str) -> Any:
    """Return the answer to a GET below v1/."""
    given = {**BROWSER, "PPX-Order-Token": order_token(order), **headers}
    return Client().get(f"/ppx/api/v1/{path}", headers=given)


def shown(*, order: str = "1001", **body: Any) -> list[dict[str, Any]]:
    """Return the cards of `order`."""
    cards: list[dict[str, Any]] = ask("decisions/", body, order=order).json()["offers"]
    return cards


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Return what was asked of the database: all but the marks of transactions."""
    return [
        query["sql"]
        for query in captured.captured_queries
        if not re.match(r"(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)", query["sql"])
    ]
