"""Keys and tokens for tests of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from django_ppx.access.keys import NewKey, make_key
from django_ppx.access.scopes import Scope
from django_ppx.core.order_tokens import make_order_token


def make_api_key(*scopes: str, **overrides: Any) -> NewKey:
    """Return a key for these scopes, or for all of them, with its text."""
    values: dict[str, Any] = {
        "name": "A program of the shop",
        "scopes": scopes or Scope.values,
        "now": datetime(2026, 3, 1, 12, tzinfo=UTC),
        **overrides,
    }
    return make_key(**values)


def order_token(order_ref: str, *, now: datetime | None = None) -> str:
    """Return the token by which the API answers for an order, made now unless told otherwise."""
    return make_order_token(order_ref, now=now or timezone.now())
