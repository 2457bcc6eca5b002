"""What drf-spectacular can't see by itself: who may call a view, and that a body has no other names.

Imported by `documenting` alone, and only where the extra `[openapi]` is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import extend_schema as spectacular_extend_schema

Method = TypeVar("Method", bound=Any)


def extend_schema(**values: Any) -> Callable[[Method], Method]:
    """Describe a method of a view, by our own class: without one it would be the host's."""

    def extend(method: Method) -> Method:
        method.kwargs = {"schema": AutoSchema}
        extended: Method = spectacular_extend_schema(**values)(method)
        return extended

    return extend


class AutoSchema(SpectacularSchema):
    """The same whatever the host's authentication classes are."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        known = _schemes()
        for requirement in self.view.security:
            for name in requirement:
                self.registry.register_on_missing(
                    ResolvedComponent(
                        name=name,
                        type=ResolvedComponent.SECURITY_SCHEMA,
                        object=name,
                        schema=known[name],
                    )
                )
        return list(self.view.security)

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args)
        scope = getattr(self.view, "scopes", {}).get(self.method)
        if operation is not None and scope is not None:
            operation["x-ppx-scope"] = scope.value
            operation["description"] += f"\n\nA key needs the scope `{scope.value}`."
        return operation

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and getattr(serializer, "is_strict", False):
            schema["additionalProperties"] = False
        return schema


def _schemes() -> dict[str, dict[str, str]]:
    return {
        "orderToken": {
            "type": "apiKey",
            "in": "header",
            "name": "PPX-Order-Token",
            "description": "For the customer of one order. The shop's backend hands it out.",
        },
        "orderNumber": {
            "type": "apiKey",
            "in": "header",
            "name": "PPX-Order",
            "description": "The number of an order that the session may see.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The shop's own session. A write needs Django's CSRF token (`X-CSRFToken`) as well.",
        },
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of the shop's backend, `ppx_…`. Staff make keys in admin.",
        },
    }
