"""Front ends on other origins: those that `PPX_API_CORS_ORIGINS` names may call what is for shoppers.

Without credentials: the order token is the permission, and no cookie travels.
"""

from __future__ import annotations

from typing import Final, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from django_ppx.conf import ppx_settings

Response = TypeVar("Response", bound=HttpResponseBase)

_METHODS: Final = "GET, POST, PATCH, PUT, DELETE, HEAD, OPTIONS"
_HEADERS: Final = (
    "Accept-Language, Content-Type, Idempotency-Key, PPX-Order-Token, "
    "Upload-Length, Upload-Name, Upload-Offset"
)
_EXPOSED: Final = "Idempotent-Replayed, Location, Retry-After, Upload-Offset, Upload-Length"
_REMEMBERED_SECONDS: Final = "7200"


def is_preflight(request: HttpRequest) -> bool:
    """Return whether a browser asks beforehand what another origin's page may do."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def preflight(request: HttpRequest) -> HttpResponse:
    """Answer that question. An origin that is not named gets no leave, and the browser stops."""
    response = allow_origin(request, HttpResponse(status=204))
    if response.has_header("Access-Control-Allow-Origin"):
        response["Access-Control-Allow-Methods"] = _METHODS
        response["Access-Control-Allow-Headers"] = _HEADERS
        response["Access-Control-Max-Age"] = _REMEMBERED_SECONDS
    return response


def allow_origin(request: HttpRequest, response: Response) -> Response:
    """Return `response` with leave for the page that asks, if its origin is named."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin and origin in ppx_settings.PPX_API_CORS_ORIGINS:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = _EXPOSED
    return response
