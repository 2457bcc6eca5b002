"""A shop's backend, as tests have it: a key, and a client that speaks JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.test import Client

from django_ppx.testing import make_api_key

API = "/ppx/api/v1/"


class Backend:
    """A program with a key for these scopes, or for all."""

    def __init__(self, *scopes: str, text: str = "") -> None:
        self.text = text or make_api_key(*scopes).text

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._client.post(
            API + path,
            {} if body is None else body,
            content_type="application/json",
            headers=self._headers(headers),
        )

    def get(self, path: str, query: Mapping[str, Any] | None = None, **headers: str) -> Any:
        return self._client.get(API + path, query, headers=self._headers(headers))

    @property
    def _client(self) -> Client:
        return Client()

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.text}", **named}


def sent(number: str = "1001", /, **overrides: Any) -> dict[str, Any]:
    """Return an order of 50.00 EUR as a backend sends it."""
    return {
        "number": number,
        "placed_at": "2026-03-02T12:00:00+01:00",
        "currency": "EUR",
        "total": "50.00",
        "shipping": "4.90",
        "customer": {
            "account_id": "7",
            "email": "Ada@example.com",
            "phone": "+49 30 1234567",
            "first_name": "Ada",
            "last_name": "Example",
            "language": "en",
            "country": "DE",
        },
        "lines": [
            {
                "title": "Bowl",
                "sku": "BOWL-1",
                "category_path": "Kitchen/Bowls",
                "quantity": "2",
                "unit_price": "22.55",
                "total": "45.10",
            }
        ],
        **overrides,
    }
