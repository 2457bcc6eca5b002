"""A program that writes offers, as tests have it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from django_ppx.testing import make_api_key

V1 = "/ppx/api/v1/"
WORDS = [{"label": "A", "texts": [{"language": "en", "headline": "Thank you"}]}]
"""The least that an offer which can be activated says."""


class Program:
    """Asks with a key for these scopes, or for all of them."""

    def __init__(self, *scopes: str) -> None:
        self.key = make_api_key(*scopes).text

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(V1 + path, query, headers=self._headers({}))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._send("delete", path, None, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        return getattr(Client(), method)(
            V1 + path,
            {} if body is None else body,
            content_type="application/json",
            headers=self._headers(headers),
        )

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.key}", **named}


def faults(response: Any) -> list[tuple[str, str]]:
    """Return (pointer, reason) of everything that a problem complains of."""
    assert response["Content-Type"] == "application/problem+json", response.content[:400]
    return [(each["pointer"], each["reason"]) for each in response.json().get("errors", [])]


def reason(response: Any) -> tuple[int, str]:
    """Return the status and the reason of a problem."""
    assert response["Content-Type"] == "application/problem+json", response.content[:400]
    return response.status_code, response.json()["reason"]
