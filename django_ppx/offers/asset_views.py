"""Our icons, scripts and theme, from an address of the shop's own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_safe

import django_ppx
from django_ppx.core.responses import open_to_front_ends
from django_ppx.offers.snapshot import current_snapshot

_STATIC: Final = Path(django_ppx.__file__).parent / "static" / "django_ppx"
_SCRIPT: Final = "text/javascript; charset=utf-8"


@require_safe
def icons(request: HttpRequest) -> HttpResponse:
    """Serve the icon sprite from the shop's own host, for shops whose static files are elsewhere."""
    return _asset(request, "icons.svg", content_type="image/svg+xml", seconds=86_400)


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Serve the script of offers to pages on other origins: they take no module from a plain static file."""
    return _asset(request, "ppx.js", content_type=_SCRIPT, seconds=3_600)


@require_safe
def element(request: HttpRequest) -> HttpResponse:
    """Serve the script that defines `<ppx-offers>`."""
    return _asset(request, "ppx-offers.js", content_type=_SCRIPT, seconds=3_600)


@require_GET
def theme(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the active theme. Its address carries the digest of its text, so it may be kept for good."""
    active = current_snapshot().theme
    if active is None:
        raise Http404
    response = HttpResponse(active.css, content_type="text/css; charset=utf-8")
    if active.digest == digest:
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    else:
        # An older page asks: it gets the theme of now, which must not be kept under the old name.
        patch_cache_control(response, no_cache=True)
    return response


def _asset(request: HttpRequest, name: str, *, content_type: str, seconds: int) -> HttpResponse:
    response = HttpResponse(_read(name), content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, public=True, max_age=seconds)
    return open_to_front_ends(request, response)


@lru_cache(maxsize=8)
def _read(name: str) -> bytes:
    return (_STATIC / name).read_bytes()
