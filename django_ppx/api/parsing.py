"""Reading JSON so that nothing of it can surprise a database or a stack.

Refused: more bytes than allowed, deeper than `DEEPEST`, a key twice, NaN and infinities, numbers of more digits than
any amount has, NUL, lone surrogates, anything that is not UTF-8. Numbers with a point arrive as `Decimal`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import IO, Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import RawPostDataException
from django.http.request import UnreadablePostError
from rest_framework.parsers import BaseParser

from django_ppx.api.problems import Problem, Reason
from django_ppx.conf import ppx_settings

DEEPEST: Final = 16
MOST_DIGITS: Final = 40
_CHUNK: Final = 64 * 1024


class JSONParser(BaseParser):
    """The one parser of JSON bodies. An empty body is an empty object."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return read_json(_body(stream))


def read_json(body: bytes) -> Any:
    """Return what the bytes say. :raises Problem: when they are no JSON that is taken here."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(Reason.MALFORMED) from None
    if not text.strip():
        return {}
    if _depth(text) > DEEPEST:
        raise Problem(Reason.MALFORMED)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_int=_whole_number,
            parse_float=_decimal,
        )
    except (ValueError, RecursionError, ArithmeticError):
        raise Problem(Reason.MALFORMED) from None
    _check_texts(value)
    return value


def _body(stream: IO[bytes]) -> bytes:
    most = ppx_settings.PPX_API_MAX_BODY_KILOBYTES * 1000
    chunks, left = [], most + 1
    try:
        while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
            chunks.append(chunk)
            left -= len(chunk)
    except RequestDataTooBig:
        raise Problem(Reason.TOO_LARGE) from None
    except (UnreadablePostError, RawPostDataException):
        raise Problem(Reason.MALFORMED) from None
    if left <= 0:
        raise Problem(Reason.TOO_LARGE)
    return b"".join(chunks)


def _depth(text: str) -> int:
    """Return how deep brackets nest, those in texts left out. The parser itself would run out of stack."""
    deepest = depth = 0
    in_text = is_escaped = False
    for sign in text:
        if in_text:
            if is_escaped:
                is_escaped = False
            elif sign == "\\":
                is_escaped = True
            elif sign == '"':
                in_text = False
        elif sign == '"':
            in_text = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                break
        elif sign in "]}":
            depth -= 1
    return deepest


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _refuse(_text: str) -> Any:
    raise ValueError("no number")


def _whole_number(text: str) -> int:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise ValueError("too long a number")
    return int(text)


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    is_sane = isinstance(exponent, int) and -MOST_DIGITS <= exponent <= MOST_DIGITS
    if len(text) > 2 * MOST_DIGITS or not is_sane:
        raise ValueError("too long a number")
    return number


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            raise Problem(Reason.MALFORMED) from None
        if "\x00" in value:
            raise Problem(Reason.MALFORMED)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_texts(name)
            _check_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner)
