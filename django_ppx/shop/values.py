"""Turning whatever a shop stores into the types of `shop.types`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive

from django_ppx.exceptions import InvalidOrder
from django_ppx.shop.types import OrderStatus


def as_text(value: Any) -> str:
    """Return the value as text without surrounding space; None is ""."""
    return "" if value is None else str(value).strip()


def as_decimal(value: Any, name: str) -> Decimal:
    """Return the number as a `Decimal`.

    A float is taken as it prints (0.1 is 0.1), a money object by its `amount`.

    :raises InvalidOrder: when it is no finite number.
    """
    if hasattr(value, "amount"):
        value = value.amount
    try:
        if isinstance(value, bool):
            raise TypeError
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except (InvalidOperation, TypeError) as error:
        raise InvalidOrder(f"{name} is no number: a {type(value).__name__}.") from error
    if not number.is_finite():
        raise InvalidOrder(f"{name} is not finite.")
    return number


def as_instant(value: Any, name: str, zone: tzinfo) -> datetime:
    """Return an aware datetime. A naive one and a day are taken in `zone`, text as ISO 8601.

    :raises InvalidOrder: for anything else.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone) if is_naive(value) else value
    if isinstance(value, date):
        return datetime.combine(value, time.min, tzinfo=zone)
    raise InvalidOrder(f"{name} is no date and time: a {type(value).__name__}.")


def as_date(value: Any) -> date | None:
    """Return a day, or None for whatever is none: a birthday is worth no failure."""
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def as_texts(value: Any) -> tuple[str, ...]:
    """Return the texts in one text or in many; an object counts by its `code` or `name`."""
    if value is None or value == "":
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = [value]
    texts = (
        as_text(getattr(item, "code", None) or getattr(item, "name", None) or item)
        for item in value
    )
    return tuple(text for text in texts if text)


def as_status(value: Any, statuses: Mapping[str, str]) -> OrderStatus:
    """Return the status that `statuses` gives for the shop's word, else of that name, else placed."""
    word = as_text(value)
    try:
        return OrderStatus(statuses.get(word, word.lower()))
    except ValueError:
        return OrderStatus.PLACED


def _parsed(text: str) -> datetime | date | None:
    try:
        return parse_datetime(text) or parse_date(text)
    except ValueError:  # well formed, and no such day
        return None
