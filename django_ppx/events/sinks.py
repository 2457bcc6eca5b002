"""Where what pages report goes: the contract, the default that stores it at once, and the setting that chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from django.core.checks import CheckMessage
from django.utils.module_loading import import_string

from django_ppx.conf import ppx_settings
from django_ppx.events.recording import EventRecord, record_events
from django_ppx.exceptions import Misconfigured


class Taken(StrEnum):
    """What a sink says of an event."""

    RECORDED = "recorded"
    """It is stored."""
    KNOWN = "known"
    """The same fact was stored before."""
    ACCEPTED = "accepted"
    """It is kept elsewhere, and stored when the sink is drained."""


@dataclass(kw_only=True, slots=True)
class Drained:
    """What became of events that a sink kept, counted. What `failed` is tried again by the next drain."""

    recorded: int = 0
    known: int = 0
    dead: int = 0
    """Messages that will never be events; they are put aside with the reason."""
    failed: int = 0


class EventSink:
    """Takes the events that change nothing for the shopper. A sink of a host overrides `record`.

    An event may come twice, also after it was accepted: its `dedupe_key` says so. Nothing may be lost without a word,
    and `record` must not wait long: a page's report hangs on it.
    """

    stores_at_once: ClassVar[bool] = False
    """Whether `record` writes to the shop's database alone: then it is called in the transaction that also writes what
    changes the next page, and for all events."""

    def record(self, records: Sequence[EventRecord]) -> list[str]:
        """Take the events, and return one of `Taken` for each."""
        raise NotImplementedError

    def drain(self, *, now: datetime, limit: int) -> Drained:
        """Store at most `limit` of the events that were accepted, and return what was done. `ppx_run_due` calls it."""
        return Drained()

    def check(self) -> list[CheckMessage]:
        """Return what the system checks shall say, such as a setting that is missing."""
        return []


class DatabaseSink(EventSink):
    """Stores events at once. Nothing else is needed."""

    stores_at_once = True

    def record(self, records: Sequence[EventRecord]) -> list[str]:
        return [Taken.RECORDED if is_news else Taken.KNOWN for is_news in record_events(records)]


def get_sink() -> EventSink:
    """Return the sink that `PPX_EVENT_SINK` names, one per process and value of the setting.

    :raises Misconfigured: when it can't be imported, made, or is no `EventSink` with a `record`.
    """
    return load_sink(ppx_settings.PPX_EVENT_SINK)


@lru_cache(maxsize=8)
def load_sink(path: str) -> EventSink:
    """Return the sink at a dotted path, made once.

    :raises Misconfigured: see `get_sink`.
    """
    try:
        found = import_string(path)
    except Exception as error:  # a module of the host may raise anything while it is imported
        raise Misconfigured(f"The event sink {path!r} can't be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, EventSink)):
        raise Misconfigured(f"{path!r} is not a subclass of django_ppx.events.sinks.EventSink.")
    if found.record is EventSink.record:
        raise Misconfigured(f"The event sink {path!r} does not define record().")
    try:
        return found()
    except Exception as error:
        raise Misconfigured(f"The event sink {path!r} can't be made: {error}") from error
