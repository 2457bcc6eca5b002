"""An event as text and back: ids and facts, nothing of a person. What waits in Redis is written so."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django_ppx.events.models import OfferEvent
from django_ppx.events.recording import EventRecord, EventSubject

_VERSION: Final = 1
_LONGEST_BYTES: Final = 2000
_LARGEST_ID: Final = 2**63 - 1


class NotAnEvent(ValueError):
    """The text is no event of ours; the message says why."""


def event_to_text(record: EventRecord) -> str:
    """Return the event as one line of JSON."""
    subject = record.subject
    return json.dumps(
        {
            "v": _VERSION,
            "name": record.name,
            "offer": subject.offer_id,
            "variant": subject.variant_id,
            "presentation": subject.presentation_id,
            "customer": subject.customer_id,
            "source": record.source,
            "channel": record.channel,
            "bot_score": record.bot_score,
            "occurred_at": record.occurred_at.isoformat(),
        },
        separators=(",", ":"),
    )


def event_from_text(text: bytes | None) -> EventRecord:
    """Return the event that `event_to_text` wrote.

    :raises NotAnEvent: for anything else, such as a type that a column does not take.
    """
    if text is None or len(text) > _LONGEST_BYTES:
        raise NotAnEvent("no event, or a very long one")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAnEvent("no JSON") from error
    if not isinstance(values, dict) or values.get("v") != _VERSION:
        raise NotAnEvent(f"not version {_VERSION}")
    return EventRecord(
        name=_one_of(values, "name", OfferEvent.Name.values),
        subject=EventSubject(
            offer_id=_id(values, "offer"),
            variant_id=_optional_id(values, "variant"),
            presentation_id=_uuid(values, "presentation"),
            customer_id=_optional_id(values, "customer"),
        ),
        source=_one_of(values, "source", OfferEvent.Source.values),
        channel=_channel(values),
        bot_score=_score(values),
        occurred_at=_instant(values),
    )


def _one_of(values: dict[str, Any], key: str, known: list[str]) -> str:
    value = values.get(key)
    if not isinstance(value, str) or value not in known:
        raise NotAnEvent(f"{key} is none of ours")
    return value


def _channel(values: dict[str, Any]) -> str:
    value = values.get("channel")
    if not isinstance(value, str) or len(value) > 50 or not value.isprintable():
        raise NotAnEvent("channel is no channel")
    return value


def _id(values: dict[str, Any], key: str) -> int:
    value = values.get(key)
    if type(value) is not int or not 0 < value <= _LARGEST_ID:
        raise NotAnEvent(f"{key} is no id")
    return value


def _optional_id(values: dict[str, Any], key: str) -> int | None:
    return None if values.get(key) is None else _id(values, key)


def _uuid(values: dict[str, Any], key: str) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError) as error:
        raise NotAnEvent(f"{key} is no id") from error


def _score(values: dict[str, Any]) -> int:
    value = values.get("bot_score")
    if type(value) is not int or not 0 <= value <= 100:
        raise NotAnEvent("bot_score is no score")
    return value


def _instant(values: dict[str, Any]) -> datetime:
    try:
        value = datetime.fromisoformat(str(values.get("occurred_at")))
    except ValueError as error:
        raise NotAnEvent("occurred_at is no instant") from error
    if value.tzinfo is None or not 2000 <= value.year < 9999:
        raise NotAnEvent("occurred_at is without an offset, or beyond the calendar")
    return value
