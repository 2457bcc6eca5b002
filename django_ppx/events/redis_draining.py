"""Storing what waits in a Redis stream: at least once, and with the unique dedupe key once.

Read (the stream remembers for whom) → store, commit → acknowledge and remove. Whatever dies in between leaves its
messages to be claimed by a later drain; those it had stored already are then known. Several drains at once share them.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from django.apps import apps
from django.db import DataError, IntegrityError
from redis.exceptions import ResponseError

from django_ppx.core.retrying import run_retrying
from django_ppx.events.messages import NotAnEvent, event_from_text
from django_ppx.events.recording import EventRecord, EventSubject, record_events
from django_ppx.events.sinks import Drained

logger: Final = logging.getLogger("django_ppx")

BATCH: Final = 500
ABANDONED_MILLISECONDS: Final = 60_000
"""What a drain has read and not acknowledged for so long, another one takes over."""
GONE_MILLISECONDS: Final = 3_600_000
"""A reader that has nothing left and was silent for so long is forgotten."""

_REFUSALS: Final = (IntegrityError, DataError, ValueError, OverflowError)

Message = tuple[bytes, dict[bytes, bytes]]


class StreamDrain:
    """One drain of one stream, a reader of its own in the group."""

    def __init__(self, redis: Any, *, stream: str, group: str) -> None:
        self.redis = redis
        self.stream = stream
        self.group = group
        self.reader = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.done = Drained()

    def run(self, *, limit: int) -> Drained:
        """Store at most `limit` messages, what others have left behind first, and return what was done.

        Where the database can't take them, what was read stays this reader's, and a later drain claims it.
        """
        if not self._has_group():
            return self.done
        for batch in self._batches(limit):
            self._store(batch)
        self._forget_readers()
        return self.done

    def _has_group(self) -> bool:
        """Make the group at the first drain. There is nothing to drain before the stream exists."""
        if not self.redis.exists(self.stream):
            return False
        try:
            self.redis.xgroup_create(self.stream, self.group, id="0")
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        return True

    def _batches(self, limit: int) -> Iterator[list[Message]]:
        left = limit
        cursor: bytes | str = "0-0"
        while left > 0:
            cursor, batch, *_deleted = self.redis.xautoclaim(
                self.stream,
                self.group,
                self.reader,
                min_idle_time=ABANDONED_MILLISECONDS,
                start_id=cursor,
                count=min(BATCH, left),
            )
            if batch:
                yield batch
            left -= len(batch)
            if cursor in (b"0-0", "0-0"):
                break
        while left > 0:
            answer = self.redis.xreadgroup(
                self.group, self.reader, {self.stream: ">"}, count=min(BATCH, left)
            )
            if not answer:
                return
            [(_name, batch)] = answer
            yield batch
            left -= len(batch)

    def _store(self, batch: Sequence[Message]) -> None:
        records: dict[bytes, EventRecord] = {}
        dead: dict[bytes, str] = {}
        for message_id, fields in batch:
            try:
                records[message_id] = event_from_text((fields or {}).get(b"event"))
            except NotAnEvent as error:
                dead[message_id] = str(error)
        subjects = _subjects(records.values())
        for message_id, record in list(records.items()):
            presentation_id = record.subject.presentation_id
            if presentation_id is None:
                continue
            if subject := subjects.get(presentation_id):
                records[message_id] = replace(record, subject=subject)
            else:
                dead[message_id] = "what was shown is gone"
                del records[message_id]
        dead |= self._record(records)
        self._finish(batch, dead)

    def _record(self, records: dict[bytes, EventRecord]) -> dict[bytes, str]:
        """Store all in one transaction; one by one where a single one is refused. Return what was refused, and why."""
        try:
            self._count(run_retrying(partial(record_events, list(records.values()))))
        except _REFUSALS:
            return self._record_singly(records)
        return {}

    def _record_singly(self, records: dict[bytes, EventRecord]) -> dict[bytes, str]:
        refused: dict[bytes, str] = {}
        for message_id, record in records.items():
            try:
                self._count(run_retrying(partial(record_events, [record])))
            except _REFUSALS as error:
                refused[message_id] = f"refused by the database: {type(error).__name__}"
        return refused

    def _count(self, is_news: list[bool]) -> None:
        self.done.recorded += sum(is_news)
        self.done.known += len(is_news) - sum(is_news)

    def _finish(self, batch: Sequence[Message], dead: dict[bytes, str]) -> None:
        """Acknowledge and remove what is stored, and put aside what never will be, in one step."""
        pipeline = self.redis.pipeline(transaction=True)
        for message_id, fields in batch:
            if message_id in dead:
                aside = {b"reason": dead[message_id], b"was": message_id, **(fields or {})}
                pipeline.xadd(f"{self.stream}:dead", aside)
        ids = [message_id for message_id, _fields in batch]
        pipeline.xack(self.stream, self.group, *ids)
        pipeline.xdel(self.stream, *ids)
        pipeline.execute()
        self.done.dead += len(dead)
        if dead:
            logger.error(
                "%d messages in Redis are no events that can be stored; they are in %s:dead. The first: %s",
                len(dead),
                self.stream,
                next(iter(dead.values())),
            )

    def _forget_readers(self) -> None:
        """Remove this reader, which has nothing left, and those of drains that died long ago."""
        for reader in self.redis.xinfo_consumers(self.stream, self.group):
            is_mine = reader["name"] == self.reader.encode()
            if not reader["pending"] and (is_mine or reader["idle"] > GONE_MILLISECONDS):
                self.redis.xgroup_delconsumer(self.stream, self.group, reader["name"])


def _subjects(records: Iterable[EventRecord]) -> Mapping[str, EventSubject]:
    """Return the presentations that exist, as they are now: a guest may have become a customer since the report."""
    ids = {id_ for record in records if (id_ := record.subject.presentation_id)}
    rows = (
        apps.get_model("django_ppx", "OfferPresentation")
        ._default_manager.filter(pk__in=ids)
        .values_list("pk", "offer_id", "variant_id", "customer_id")
    )
    return {
        str(pk): EventSubject(
            offer_id=offer, variant_id=variant, presentation_id=str(pk), customer_id=customer
        )
        for pk, offer, variant, customer in rows
    }
