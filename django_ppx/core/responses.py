"""Headers of our own pages that concern one visitor."""

from __future__ import annotations

from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

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
