"""A stored code as a card shows it, or the reason why the card shows none. Pure but for the translations.

The words are kept per terms, language and currency, so that a page that is reloaded formats nothing.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils import translation

from django_ppx.core.calendar import last_local_day
from django_ppx.core.money import babel_locale
from django_ppx.offers.cards import CardCode
from django_ppx.offers.moments import StoredCode
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.wording import conditions, summarize

SAMPLE_VALUE: Final = "SAMPLECODE"
"""Shown in previews. It has letters that no real code has, so it can't be one."""
SAMPLE_TEXT: Final = "SAMPLE-CODE"


_NO_REFERENCES: Final = 2
"""The version of the format in which equal values are equal bytes."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """Stored terms as a key: a dict has no hash, and its bytes are five times as quick to have as its JSON."""

    key: bytes
    stored: Mapping[str, object] = field(compare=False)


class CodeState(StrEnum):
    """Whether a code can still be used."""

    VALID = "valid"
    REVOKED = "revoked"
    USED_UP = "used_up"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the terms say, in one language."""

    summary: str
    conditions: tuple[str, ...]


def state_of(code: StoredCode, *, now: datetime) -> CodeState:
    """Return the first reason why the code can't be used at `now`, or `VALID`. At its expiry it has expired."""
    if code.is_revoked:
        return CodeState.REVOKED
    if code.is_used_up:
        return CodeState.USED_UP
    if code.is_expired or (code.expires_at is not None and now >= code.expires_at):
        return CodeState.EXPIRED
    return CodeState.VALID


def card_code(
    code: StoredCode, *, language: str, currency: str, zone: str, now: datetime
) -> CardCode:
    """Return the code as it is shown in `language`. `zone` is the shop's time zone, in which days begin and end."""
    words = words_of(code.terms, language=language, currency=currency)
    is_sample = code.value == SAMPLE_VALUE
    return CardCode(
        text=SAMPLE_TEXT if is_sample else grouped_as(code.value, code.terms),
        value=code.value,
        summary=words.summary,
        conditions=words.conditions,
        expires_at=code.expires_at,
        first_day=(
            ""
            if code.starts_at is None or code.starts_at <= now
            else first_day(code.starts_at, language, zone)
        ),
        last_day="" if code.expires_at is None else last_day(code.expires_at, language, zone),
    )


def words_of(terms: Mapping[str, object], *, language: str, currency: str) -> Words:
    """Return the frozen terms in words. Terms that can't be read have none: the code is shown, nothing is promised."""
    return _words(
        _Terms(key=marshal.dumps(dict(terms), _NO_REFERENCES), stored=terms), language, currency
    )


@lru_cache(maxsize=2048)
def first_day(starts_at: datetime, language: str, zone: str) -> str:
    """Return the first local day on which a code can be used: "16 March 2026" in English."""
    day = starts_at.astimezone(ZoneInfo(zone)).date()
    return format_date(day, format="long", locale=babel_locale(language))


@lru_cache(maxsize=2048)
def last_day(expires_at: datetime, language: str, zone: str) -> str:
    """Return the last local day on which a code that ends at `expires_at` is valid: "31 March 2026" in English."""
    day = last_local_day(expires_at, ZoneInfo(zone))
    return format_date(day, format="long", locale=babel_locale(language))


@lru_cache(maxsize=2048)
def _words(kept: _Terms, language: str, currency: str) -> Words:
    try:
        terms = FrozenTerms.from_json(kept.stored)
    except UnreadableTerms:
        return Words(summary="", conditions=())
    with translation.override(language):
        return Words(
            summary=summarize(terms, currency=currency),
            conditions=conditions(terms, currency=currency),
        )
