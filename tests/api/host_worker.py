"""Runs in a process of its own, as a host of some kind, and prints what it sees.

`strict` is the host of the suite, `hostile` has every setting of Django REST framework and drf-spectacular that could
bend an answer, `bare` lacks drf-spectacular, `plain` does not include the API.
"""

from __future__ import annotations

import json
import logging
import sys
from types import ModuleType
from typing import Any, Final

import django
from django.core.checks import run_checks

HOSTILE: Final[dict[str, Any]] = {
    "ALLOWED_VERSIONS": ["7"],
    "COERCE_DECIMAL_TO_STRING": False,
    "COMPACT_JSON": False,
    "DATETIME_FORMAT": "%s",
    "DATE_FORMAT": "%d.%m.%Y",
    "DATE_INPUT_FORMATS": ["%d.%m.%Y"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tests.api.host_worker.Loud",
    "DEFAULT_METADATA_CLASS": "rest_framework.metadata.SimpleMetadata",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FormParser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.BrowsableAPIRenderer"],
    "DEFAULT_SCHEMA_CLASS": "rest_framework.schemas.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "1/day", "user": "1/day"},
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.QueryParameterVersioning",
    "EXCEPTION_HANDLER": "tests.api.host_worker.Loud",
    "FORMAT_SUFFIX_KWARG": "name",
    "NON_FIELD_ERRORS_KEY": "everything",
    "NUM_PROXIES": 3,
    "PAGE_SIZE": 1,
    "SEARCH_PARAM": "number",
    "STRICT_JSON": False,
    "UNAUTHENTICATED_USER": None,
    "UNICODE_JSON": False,
    "URL_FORMAT_OVERRIDE": "number",
    "VERSION_PARAM": "number",
}
SPECTACULAR: Final[dict[str, Any]] = {
    "TITLE": "The host's",
    "VERSION": "99",
    "SERVERS": [{"url": "https://host.example.com"}],
    "SECURITY": [{"host": []}],
    "APPEND_COMPONENTS": {"schemas": {"Host": {"type": "object"}}},
    "COMPONENT_SPLIT_REQUEST": False,
    "SCHEMA_PATH_PREFIX_INSERT": "/host",
    "CAMELIZE_NAMES": True,
    "TAGS": [{"name": "host"}],
}


class Loud:
    """What of the host's nobody of ours may call."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the host's")


def main(kind: str) -> None:
    from tests import settings  # noqa: PLC0415 - before Django is set up

    values = vars(settings)
    values["ROOT_URLCONF"] = "host_urls"
    if kind == "hostile":
        values.update(REST_FRAMEWORK=HOSTILE, SPECTACULAR_SETTINGS=SPECTACULAR)
    if kind == "bare":
        sys.modules["drf_spectacular"] = None  # type: ignore[assignment]
    sys.modules["host_urls"] = ModuleType("host_urls")
    django.setup()
    logging.disable()
    lay_out(sys.modules["host_urls"], has_api=kind != "plain")
    print(json.dumps(plain() if kind == "plain" else answers()))


def lay_out(urls: Any, *, has_api: bool) -> None:
    from django.contrib import admin  # noqa: PLC0415 - needs Django set up
    from django.urls import include, path  # noqa: PLC0415

    urls.urlpatterns = [
        path("admin/", admin.site.urls),
        path("ppx/", include("django_ppx.urls")),
    ]
    if has_api:
        urls.urlpatterns += [
            path("ppx/api/", include("django_ppx.api.urls")),
            path("", include("tests.api.probe")),
        ]


def plain() -> dict[str, Any]:
    """Return what of the API's own needs is loaded in a host without it."""
    from django.urls import get_resolver  # noqa: PLC0415

    run_checks()
    get_resolver().url_patterns  # noqa: B018 - loads them
    heavy = ("rest_framework", "drf_spectacular", "redis", "django_ppx.api")
    return {"loaded": sorted(name for name in sys.modules if name.startswith(heavy))}


def answers() -> dict[str, Any]:
    """Return answers for which no database is needed, each as status, type and text."""
    from tests.api.asking import ask, of_order  # noqa: PLC0415

    mine = of_order("Ä-1")
    shopper, described = "/probe/shopper/", "/ppx/api/v1/openapi.json"
    asked = {
        "get": ask("GET", f"{shopper}?number=7", headers=mine),
        "html": ask("GET", shopper, headers={**mine, "Accept": "text/html"}),
        "indent": ask("GET", shopper, headers={**mine, "Accept": "application/json; indent=4"}),
        "version": ask("GET", shopper, headers={**mine, "Accept": "application/json; version=9"}),
        "post": ask("POST", shopper, {"text": "ä", "lines": [{"total": "1.50"}]}, headers=mine),
        "instant": ask("POST", shopper, {"text": "a", "at": "2026-03-31T12:00:00Z"}, headers=mine),
        "no object": ask("POST", shopper, [], headers=mine),
        "wrong": ask("POST", shopper, {"text": 1, "everything": 2}, headers=mine),
        "form": ask("POST", shopper, b"text=a", headers=mine, content_type="application/x-www-form-urlencoded"),
        "options": ask("OPTIONS", shopper, headers=mine),
        "delete": ask("DELETE", shopper, headers=mine),
        "stranger": ask("GET", shopper),
        "nobody": ask("POST", "/probe/write/", {"text": "a"}),
        "nowhere": ask("GET", "/ppx/api/v1/nowhere/"),
        "described": ask("GET", described),
    }  # fmt: skip
    return {
        name: [each.status_code, each.get("Content-Type", ""), each.content.decode()]
        for name, each in asked.items()
    }


if __name__ == "__main__":
    main(sys.argv[1])
