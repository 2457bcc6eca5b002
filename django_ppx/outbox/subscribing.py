"""Which endpoints want to hear of what, kept in the process: every thank-you page asks, and it changes once a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Final

from django_ppx.core.retrying import run_retrying
from django_ppx.outbox.models import WebhookEndpoint

KEPT_SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    until: float
    by_event: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


class _Memory:
    known: _Known | None = None
    change: int = 0


_memory: Final = _Memory()
_changes: Final = count(1)


def subscribers(event: str) -> tuple[int, ...]:
    """Return the keys of the endpoints that want to hear of `event`, as they stood ten seconds ago at most.

    No statement while the list is kept. An endpoint is never deleted, so an old list names none that is not there.

    :raises TransactionConflict: see `run_retrying`.
    """
    known = _memory.known
    if known is None or monotonic() >= known.until:
        known = _read()
    return known.by_event.get(event, ())


def keep(by_event: Mapping[str, tuple[int, ...]], *, seconds: float = KEPT_SECONDS) -> None:
    """Take `by_event` for what endpoints want, for so long."""
    _memory.known = _Known(until=monotonic() + seconds, by_event=by_event)


def forget() -> None:
    """Ask the database again next time. A list that is being read at this moment is not kept."""
    _memory.change = next(_changes)
    _memory.known = None


def _read() -> _Known:
    change, read_at = _memory.change, monotonic()
    rows = WebhookEndpoint.objects.active().order_by("pk").values_list("pk", "events")
    wanted: dict[str, list[int]] = defaultdict(list)
    for endpoint_id, events in run_retrying(lambda: list(rows), is_one_statement=True):
        for event in events:
            wanted[event].append(endpoint_id)
    by_event = {event: tuple(endpoint_ids) for event, endpoint_ids in wanted.items()}
    known = _Known(until=read_at + KEPT_SECONDS, by_event=by_event)
    if change == _memory.change:
        _memory.known = known
    return known
