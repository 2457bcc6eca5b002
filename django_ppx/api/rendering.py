"""Answers are JSON in one form, whatever the host's settings of Django REST framework or a caller's header say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from rest_framework import renderers
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation

_TAKEN: Final = frozenset({"application/json", "application/*", "*/*"})
_REFUSED: Final = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*(;|$)")


class JSONRenderer(renderers.JSONRenderer):
    """Compact UTF-8, so that the same answer is the same bytes."""

    compact = True
    ensure_ascii = False
    strict = True

    def get_indent(self, accepted_media_type: Any, renderer_context: Any) -> None:
        return None


class Negotiation(BaseContentNegotiation):
    """Looks at types alone: `?format=` means nothing here, and parameters of a type are not read."""

    def select_parser(self, request: Any, parsers: Sequence[Any]) -> Any:
        given = str(request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(
        self, request: Any, renderers: Sequence[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        for part in request.headers.get("Accept", "*/*").lower().split(","):
            if part.partition(";")[0].strip() in _TAKEN and not _REFUSED.search(part):
                return renderers[0], renderers[0].media_type
        raise NotAcceptable
