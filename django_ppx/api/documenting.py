"""What the OpenAPI description says of a view. Without the extra `[openapi]` these are words without effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rest_framework import serializers

AutoSchema: Any
extend_schema: Any
try:
    from drf_spectacular.utils import (
        OpenApiParameter,
        OpenApiResponse,
        extend_schema_field,
    )

    from django_ppx.api.schema import AutoSchema, extend_schema
except ImportError:  # the extra is not installed
    AutoSchema = OpenApiParameter = OpenApiResponse = extend_schema = extend_schema_field = None

HAS_OPENAPI: Final = AutoSchema is not None


class ProblemErrorSerializer(serializers.Serializer):
    """One thing that is wrong with a body or a query."""

    pointer = serializers.CharField(
        allow_blank=True, help_text="Where: a JSON pointer (RFC 6901) into what was sent."
    )
    reason = serializers.CharField(help_text="For machines.")
    detail = serializers.CharField(help_text="A sentence in the caller's language.")


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="A URN that ends in the reason.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    reason = serializers.CharField(help_text="For machines; stable.")
    detail = serializers.CharField(help_text="A sentence in the caller's language.")
    errors = ProblemErrorSerializer(many=True, required=False)


_ALWAYS: Final = (400, 401, 403, 404, 405, 406, 429, 503)
_OF_WRITES: Final = (409, 411, 413, 415, 422)
_PROBLEM: Final = "application/problem+json"


def described(  # noqa: PLR0913 - each says one thing
    operation: str,
    *,
    summary: str,
    tag: str,
    responses: Mapping[Any, Any],
    request: Any = None,
    query: Any = None,
    headers: Sequence[Any] = (),
    is_write: bool = False,
    description: str = "",
) -> Any:
    """Describe one method of a view.

    `operation` names it in generated clients ("listRewards"); `responses` are serializers by status (None: no body), or
    by status and media type where it is no JSON; every method can also answer with the usual problems. A write says
    that it takes an `Idempotency-Key`.
    """
    if extend_schema is None:
        return lambda method: method
    parameters = list(headers)
    if query is not None:
        parameters.append(query)
    if is_write:
        parameters.append(
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]+$"},
                OpenApiParameter.HEADER,
                description="The same key and the same request get the stored answer.",
            )
        )
    usual = (*_ALWAYS, *(_OF_WRITES if is_write else ()))
    found: dict[Any, Any] = {(status, _PROBLEM): ProblemSerializer for status in usual}
    for status, serializer in responses.items():
        if serializer is None:
            found[status] = OpenApiResponse(description="Done.")
        else:
            is_json = not isinstance(status, tuple)
            found[(status, "application/json") if is_json else status] = serializer
    return extend_schema(
        operation_id=operation,
        summary=summary,
        description=description or summary,
        tags=[tag],
        parameters=parameters,
        request=request,
        responses=found,
    )


def described_field(schema: Mapping[str, Any]) -> Any:
    """Describe the values of a type of field that is none of Django REST framework's own."""
    if extend_schema_field is None:
        return lambda field: field
    return extend_schema_field(dict(schema))


__all__ = [
    "HAS_OPENAPI",
    "AutoSchema",
    "OpenApiParameter",
    "OpenApiResponse",
    "ProblemSerializer",
    "described",
    "described_field",
    "extend_schema",
]
