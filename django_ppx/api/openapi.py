"""The OpenAPI description of the API: `GET v1/openapi.json`, where the extra `[openapi]` is installed.

It is the same in every shop: the host's settings of drf-spectacular have no part in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

import django_ppx
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.views import ApiView

try:
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.settings import SPECTACULAR_DEFAULTS, patched_settings
except ImportError:  # the extra is not installed
    SchemaGenerator = patched_settings = None
    SPECTACULAR_DEFAULTS = {}

PATH: Final = "openapi.json"
_KEPT_SECONDS: Final = 3600
_LOCK: Final = Lock()  # the settings are one for the whole process
_OURS: Final[dict[str, Any]] = {
    "TITLE": "django-ppx",
    "DESCRIPTION": "What a shop shows and offers after the order. Errors are problem details (RFC 9457).",
    "VERSION": django_ppx.__version__,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}


def describe(patterns: Sequence[Any], *, base: str) -> dict[str, Any]:
    """Return the description of these addresses, which stand below the path `base`."""
    fixed = {"DEFAULT_GENERATOR_CLASS"}
    settings = {
        name: value
        for name, value in {**SPECTACULAR_DEFAULTS, **_OURS}.items()
        if not name.startswith("SERVE_") and name not in fixed
    }
    settings["SERVERS"] = [{"url": base}]
    with _LOCK, translation.override("en"), patched_settings(settings):
        generator = SchemaGenerator(patterns=list(patterns))
        found: dict[str, Any] = generator.get_schema(request=None, public=True)
        # Choices and validators have lazy texts: what is written down now is English.
        plain = json.loads(json.dumps(found, default=str))
    return _tidied(plain)


def _tidied(found: dict[str, Any]) -> dict[str, Any]:
    """Return it with the usual problems said once, and without what drf-spectacular notes for itself."""
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    found["components"].setdefault("responses", {})["Problem"] = {
        "description": "Problem details (RFC 9457).",
        "content": {"application/problem+json": problem},
    }
    for methods in found["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if list(response.get("content", ())) == ["application/problem+json"]:
                    operation["responses"][status] = {"$ref": "#/components/responses/Problem"}
                else:
                    response["description"] = response["description"] or "Done."
    clean: dict[str, Any] = _without_notes(found)
    return clean


def _without_notes(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_notes(inner) for name, inner in value.items() if name != "x-spec-enum-id"
        }
    return [_without_notes(inner) for inner in value] if isinstance(value, list) else value


class OpenApiView(ApiView):
    """For everybody, and for caches: it says nothing of any shop."""

    authentication_classes = ()
    permission_classes = ()
    schema = None
    patterns: Sequence[Any] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 200:
            response["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
            del response["Vary"]
        return response

    def get(self, request: Any) -> HttpResponse:
        if SchemaGenerator is None:
            raise Problem(Reason.NOT_FOUND)
        base = request.path.removesuffix(f"/{PATH}")
        return HttpResponse(_text(tuple(self.patterns), base), content_type="application/json")


@lru_cache(maxsize=8)
def _text(patterns: tuple[Any, ...], base: str) -> bytes:
    return json.dumps(describe(patterns, base=base), ensure_ascii=False).encode()
