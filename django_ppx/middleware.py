"""Middleware that a host lists in `MIDDLEWARE`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from django_ppx.offers.pages import is_personal
from django_ppx.rewards.guessing import has_held_attempts, hold_attempts, settle_attempts

GetResponse = (
    Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]
)


class PersonalPageMiddleware:
    """Make every page that one of our tags touched private, uncached, unindexed and without a referrer elsewhere.

    Put it below (after) any cache middleware. `Referrer-Policy` is `same-origin`, not `no-referrer`: with the latter
    browsers send `Origin: null` and Django would refuse the host's own forms on that page (docs/adr/0002).

    When the page is made, and its transaction over, it counts the codes that were tried in it and are none.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._acall(request)
        hold_attempts(request)
        response = self.get_response(request)
        settle_attempts(request)
        return _patch(request, response)  # type: ignore[arg-type]

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        hold_attempts(request)
        response = await self.get_response(request)  # type: ignore[misc]
        if has_held_attempts(request):
            await sync_to_async(settle_attempts)(request)
        return _patch(request, response)


def _patch(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if is_personal(request):
        for directive in ("public", "max-age", "s-maxage"):
            _drop(response, directive)
        patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["Cookie"])
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Referrer-Policy", "same-origin")
    return response


def _drop(response: HttpResponseBase, directive: str) -> None:
    kept = [
        part.strip()
        for part in response.get("Cache-Control", "").split(",")
        if part.strip() and part.strip().split("=")[0].lower() != directive
    ]
    response["Cache-Control"] = ", ".join(kept)
