"""Headers of our own pages: who may keep them, and whose pages may read them."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from django_ppx.conf import ppx_settings

Response = TypeVar("Response", bound=HttpResponseBase)


def private(response: Response, *, has_form: bool = False) -> Response:
    """Return `response`, kept out of caches and search engines, and telling nobody where its reader comes from.

    A page that `has_form` tells it to the shop alone: under "no-referrer" browsers post a form with `Origin: null`,
    which Django's CSRF check refuses.
    """
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie"])
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin" if has_form else "no-referrer"
    return response


def open_to_front_ends(request: HttpRequest, response: Response) -> Response:
    """Return `response`, readable for pages of the origins that `PPX_API_CORS_ORIGINS` names."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin and origin in ppx_settings.PPX_API_CORS_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
    return response
