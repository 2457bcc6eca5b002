"""A card as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise

from django_ppx.offers.cards import Card, CardCode, CardImage, CardLink

_LEFT_OUT: Final = object()


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as the API shows it (`CardSerializer`)."""
    return {
        "card": card.token,
        "offer": card.offer_slug,
        "kind": card.kind,
        "design": card.design,
        "icon": card.icon,
        "headline": card.headline,
        "text": card.text,
        "button": card.button,
        "language": card.language,
        "direction": card.direction,
        "is_dismissible": card.is_dismissible,
        "image": _image(card.image) if card.image else None,
        "code": _code(card.code) if card.code else None,
        "links": [link_json(link) for link in card.links],
        "details": details_json(card.details),
    }


def link_json(link: CardLink) -> dict[str, Any]:
    """Return a link of a card (`CardLinkSerializer`)."""
    return {
        "key": link.key,
        "label": str(link.label),
        "url": link.url,
        "event": link.event,
        "channel": link.channel,
        "icon": link.icon,
        "is_external": link.is_external,
    }


def details_json(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON can say of the details of a kind; a value it can't say is left out, not guessed at.

    Numbers that are not whole are text, as amounts are everywhere in the API.
    """
    found = {str(name): _plain(value) for name, value in details.items()}
    return {name: value for name, value in found.items() if value is not _LEFT_OUT}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Promise):
        return str(value)
    if isinstance(value, float | Decimal):
        return str(value) if math.isfinite(value) else _LEFT_OUT
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return details_json(value)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return [found for each in value if (found := _plain(each)) is not _LEFT_OUT]
    return _LEFT_OUT


def _image(image: CardImage) -> dict[str, Any]:
    return {
        "url": image.url,
        "width": image.width,
        "height": image.height,
        "alt": image.alt,
    }


def _code(code: CardCode) -> dict[str, Any]:
    return {
        "text": code.text,
        "value": code.value,
        "summary": code.summary,
        "conditions": list(code.conditions),
        "expires_at": code.expires_at.isoformat() if code.expires_at else None,
        "last_day": code.last_day,
        "first_day": code.first_day,
    }
