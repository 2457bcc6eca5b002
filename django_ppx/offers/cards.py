"""What a template is given: ready values, no model, no query, nothing left to compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class _Readable:
    """Answers `card["headline"]` too: templates ask for a key first, and a failed question costs twice the answer."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        try:
            return getattr(self, name)
        except AttributeError:
            raise KeyError(name) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class CardImage(_Readable):
    """A picture with its real size in pixels, so that the page never jumps."""

    url: str
    width: int | None
    height: int | None
    alt: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CardCode(_Readable):
    """A discount code as it is shown. `text` is grouped for reading, `value` is what is copied."""

    text: str
    value: str
    summary: str
    """What it is good for, in a few words: "10 % off"."""
    conditions: tuple[str, ...] = ()
    expires_at: datetime | None = None
    """Aware, the first instant at which the code is no longer valid."""
    last_day: str = ""
    """The last local day on which the code is valid, written out in the card's language."""
    first_day: str = ""
    """The first local day on which it can be used, written out; "" when it can be used now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CardLink(_Readable):
    """A way out of the card. `url` goes through our signed redirect, so that it counts without a script."""

    label: str
    url: str
    key: str
    icon: str = ""
    event: str = "click"
    channel: str = ""
    is_external: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Card(_Readable):
    """One offer as one customer sees it."""

    kind: str
    design: str
    template: str
    """What is special about the kind; the design includes it where the actions go."""
    design_template: str
    """The whole card: render this one."""
    element_id: str
    headline: str
    text: str
    button: str
    language: str
    direction: str
    icon: str = "gift"
    """The symbol of `icons.svg` that a design draws where there is neither benefit nor picture."""
    image: CardImage | None = None
    code: CardCode | None = None
    links: tuple[CardLink, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    token: str = ""
    """Signed; names the presentation in event reports. Empty in a preview."""
    event_url: str = ""
    dismiss_url: str = ""
    is_dismissible: bool = False
    offer_slug: str = ""
    variant_label: str = ""
