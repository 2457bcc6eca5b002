"""Errors in one shape: problem details (RFC 9457), with a machine reason and a sentence in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from django_ppx.access.answering import AnswerRefused
from django_ppx.core.retrying import TransactionConflict
from django_ppx.core.tokens import InvalidToken
from django_ppx.exceptions import InvalidOrder, Refusal

logger: Final = logging.getLogger("django_ppx")

CONTENT_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:django-ppx:problem:"


class Reason(models.TextChoices):
    """What is the matter with a request as such. What a service declines has a reason of its own."""

    MALFORMED = "malformed", _("This is no JSON that can be read.")
    LENGTH_REQUIRED = "length_required", _("Send the body with its length, in one piece.")
    TOO_LARGE = "too_large", _("The body is larger than it may be.")
    INVALID = "invalid", _("Some of it is not as it must be.")
    NOT_AUTHENTICATED = (
        "not_authenticated",
        _("Say who you are: with a token, a key or a session that is valid."),
    )
    NOT_ALLOWED = "not_allowed", _("This is not yours to do.")
    SCOPE_MISSING = "scope_missing", _("This key is not made for that.")
    NOT_FOUND = "not_found", _("There is no such thing here.")
    METHOD_NOT_ALLOWED = "method_not_allowed", _("This address does not take that method.")
    NOT_ACCEPTABLE = "not_acceptable", _("Answers are JSON.")
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", _("A body of this type is not read here.")
    INVALID_ORDER = "invalid_order", _("The order can't be taken as it is.")
    THROTTLED = "throttled", _("Too many requests. Wait a moment.")
    BUSY = "busy", _("Somebody else was in the way. Ask again in a moment.")
    INTERNAL = "internal_error", _("Something went wrong here. It is noted.")


_STATUS: Final[Mapping[Reason, int]] = {
    Reason.MALFORMED: 400,
    Reason.LENGTH_REQUIRED: 411,
    Reason.TOO_LARGE: 413,
    Reason.INVALID: 400,
    Reason.NOT_AUTHENTICATED: 401,
    Reason.NOT_ALLOWED: 403,
    Reason.SCOPE_MISSING: 403,
    Reason.NOT_FOUND: 404,
    Reason.METHOD_NOT_ALLOWED: 405,
    Reason.NOT_ACCEPTABLE: 406,
    Reason.UNSUPPORTED_MEDIA_TYPE: 415,
    Reason.INVALID_ORDER: 422,
    Reason.THROTTLED: 429,
    Reason.BUSY: 503,
    Reason.INTERNAL: 500,
}
_BY_STATUS: Final[Mapping[int, Reason]] = {
    400: Reason.MALFORMED,
    401: Reason.NOT_AUTHENTICATED,
    403: Reason.NOT_ALLOWED,
    404: Reason.NOT_FOUND,
    405: Reason.METHOD_NOT_ALLOWED,
    406: Reason.NOT_ACCEPTABLE,
    413: Reason.TOO_LARGE,
    415: Reason.UNSUPPORTED_MEDIA_TYPE,
    429: Reason.THROTTLED,
}


class Problem(exceptions.APIException):
    """A request that can't be done, with its reason. `errors` says where, each with a JSON pointer."""

    def __init__(
        self, reason: Reason, *, detail: str = "", errors: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        self.reason = reason
        self.auth_header = ""
        self.status_code = _STATUS[reason]
        self.errors = errors
        super().__init__(detail or str(reason.label))


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """Return the answer to an error: every one of them has this shape, and none says more than it must."""
    set_rollback()
    response = _response(error)
    for header in ("WWW-Authenticate", "Retry-After"):
        attribute = {"WWW-Authenticate": "auth_header", "Retry-After": "wait"}[header]
        value = getattr(error, attribute, None)
        if value:
            response[header] = value if isinstance(value, str) else str(max(1, int(value)))
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def _response(error: Exception) -> Response:
    if isinstance(error, Problem):
        return _problem(str(error.reason), error.status_code, str(error.detail), error.errors)
    if isinstance(error, exceptions.ValidationError):
        return _generic(Reason.INVALID, errors=tuple(_flattened(error.detail, "")))
    if isinstance(error, exceptions.APIException):
        reason = _BY_STATUS.get(error.status_code, Reason.MALFORMED)
        return _problem(str(reason), error.status_code, str(reason.label))
    if isinstance(error, InvalidToken | Http404):
        return _generic(Reason.NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return _generic(Reason.NOT_ALLOWED)
    if isinstance(error, RequestDataTooBig):
        return _generic(Reason.TOO_LARGE)
    if isinstance(error, SuspiciousOperation | BadRequest):
        return _generic(Reason.MALFORMED)
    if isinstance(error, AnswerRefused):
        return _refused_answer(error)
    if isinstance(error, Refusal):
        return _problem(str(error.reason), 409, str(error), error.errors)
    if isinstance(error, InvalidOrder):
        return _generic(Reason.INVALID_ORDER, detail=str(error))
    if isinstance(error, TransactionConflict):
        return _later(_generic(Reason.BUSY))
    logger.error("The API failed.", exc_info=error)
    return _generic(Reason.INTERNAL)


def _refused_answer(error: AnswerRefused) -> Response:
    status = {AnswerRefused.Reason.KEY: 400, AnswerRefused.Reason.REUSED: 422}.get(
        error.reason, 409
    )  # type: ignore[call-overload]
    response = _problem(str(error.reason), status, str(error))
    return _later(response) if status == 409 else response


def _later(response: Response) -> Response:
    response["Retry-After"] = "1"
    return response


def _generic(
    reason: Reason, *, detail: str = "", errors: tuple[Mapping[str, str], ...] = ()
) -> Response:
    return _problem(str(reason), _STATUS[reason], detail or str(reason.label), errors)


def _problem(
    reason: str, status: int, detail: str, errors: tuple[Mapping[str, str], ...] = ()
) -> Response:
    body: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{reason}",
        "title": detail,
        "status": status,
        "reason": reason,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return Response(body, status=status, content_type=CONTENT_TYPE)


def _is_unknown(detail: Any) -> bool:
    return isinstance(detail, list) and getattr(detail[0], "code", "") == "unknown_field"


def _flattened(detail: Any, pointer: str) -> Iterator[Mapping[str, str]]:
    """Yield each complaint of a serializer with the place it is about, as a JSON pointer (RFC 6901)."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            # Unless a body has that name, which there is no field of.
            is_whole = name == api_settings.NON_FIELD_ERRORS_KEY and not _is_unknown(inner)
            part = str(name).replace("~", "~0").replace("/", "~1")
            yield from _flattened(inner, pointer if is_whole else f"{pointer}/{part}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_text = not isinstance(inner, Mapping | list)
            yield from _flattened(inner, pointer if is_text else f"{pointer}/{index}")
    else:
        yield {
            "pointer": pointer,
            "reason": str(getattr(detail, "code", "invalid")),
            "detail": str(detail),
        }
