"""How often one caller may ask. Counted in Django's cache, so about; what must be exact is counted in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from rest_framework.throttling import SimpleRateThrottle

from django_ppx.api.callers import KeyAccess, OrderAccess
from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain
from django_ppx.rewards.addresses import client_address, counted_prefix

RATES: Final[Mapping[str, str]] = {
    "anonymous": "60/min",
    "shopper": "240/min",
    "backend": "6000/min",
}
"""What counts where `PPX_API_RATES` says nothing."""


class CallerThrottle(SimpleRateThrottle):
    """One count per order, per key or account, and per address for all others."""

    def __init__(self) -> None:
        self.rate: str | None = None

    def allow_request(self, request: Any, view: Any) -> bool:
        answers: list[bool] = []
        # A cache that is down, or a PPX_CLIENT_ADDRESS that raises, must not close the shop.
        with contain("The rate limit of the API", loud=settings.DEBUG):
            answers.append(self._allow(request))
        return answers[0] if answers else True

    def _allow(self, request: Any) -> bool:
        caller, name = _caller(request)
        rates = {**RATES, **ppx_settings.PPX_API_RATES}
        self.rate = rates.get(caller)
        if self.rate is None:
            return True
        self.num_requests, self.duration = self.parse_rate(self.rate)
        self.key = f"ppx.rate.{caller}.{name}"
        self.now = self.timer()
        self.history = self.cache.get(self.key, [])
        while self.history and self.history[-1] <= self.now - self.duration:
            self.history.pop()
        is_over = len(self.history) >= self.num_requests
        return bool(self.throttle_failure() if is_over else self.throttle_success())

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.key


def _caller(request: Any) -> tuple[str, str]:
    access = request.auth
    if isinstance(access, OrderAccess):
        return "shopper", access.digest
    if isinstance(access, KeyAccess):
        return "backend", access.prefix
    user = request.user
    if user is not None and user.is_authenticated:
        return "backend", f"account-{user.pk}"
    return "anonymous", counted_prefix(client_address(request))
