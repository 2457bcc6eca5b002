"""Texts that staff wrote in several languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.conf import settings

T = TypeVar("T", bound=Any)


def in_language(rows: Iterable[T], language: str) -> T | None:
    """Return the row of `language`, else of its base language, else of the shop's default one, else the first."""
    by_code = {row.language.lower(): row for row in rows}
    for wanted in (language.lower(), settings.LANGUAGE_CODE.lower()):
        for code in (wanted, wanted.split("-")[0]):
            if code in by_code:
                return by_code[code]
    return next(iter(by_code.values()), None)
