"""What the OpenAPI description says of a view. Without the extra `[openapi]` these are words without effect."""

from __future__ import annotations

from typing import Any

try:
    from drf_spectacular.openapi import AutoSchema
    from drf_spectacular.utils import (
        OpenApiParameter,
        OpenApiResponse,
        PolymorphicProxySerializer,
        extend_schema,
    )
except ImportError:  # the extra is not installed
    AutoSchema = None

    def extend_schema(*args: Any, **kwargs: Any) -> Any:
        return lambda view: view

    def OpenApiParameter(*args: Any, **kwargs: Any) -> Any:
        return None

    OpenApiResponse = PolymorphicProxySerializer = OpenApiParameter

HAS_OPENAPI = AutoSchema is not None

__all__ = [
    "HAS_OPENAPI",
    "AutoSchema",
    "OpenApiParameter",
    "OpenApiResponse",
    "PolymorphicProxySerializer",
    "extend_schema",
]
