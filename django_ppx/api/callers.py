"""Who asks: the customer of one order, or a program of the shop's. `request.auth` is one of them; None for staff."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderAccess:
    """The customer of one order, by an order token or by a session that may see the order."""

    order_ref: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.order_ref.encode()).hexdigest()

    @property
    def caller(self) -> str:
        return f"order:{self.digest}"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyAccess:
    """A program of the shop's, by an API key."""

    prefix: str
    scopes: frozenset[str]

    @property
    def caller(self) -> str:
        return f"key:{self.prefix}"
