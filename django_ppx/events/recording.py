"""Writing events: append-only, and the same fact only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from django_ppx.core.committing import after_commit
from django_ppx.events.models import OfferEvent
from django_ppx.signals import offer_event_recorded


@dataclass(frozen=True, kw_only=True, slots=True)
class EventSubject:
    """What an event is about: keys of rows, so that recording needs no query to find them."""

    offer_id: int
    variant_id: int | None = None
    presentation_id: str | None = None
    customer_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecord:
    """One event to be stored."""

    name: str
    subject: EventSubject
    source: str
    occurred_at: datetime
    channel: str = ""
    bot_score: int = 0

    @property
    def dedupe_key(self) -> str:
        """What makes two records the same fact."""
        return dedupe_key(name=self.name, subject=self.subject, channel=self.channel)


def record_event(
    *,
    name: str,
    subject: EventSubject,
    source: str,
    now: datetime,
    channel: str = "",
    bot_score: int = 0,
) -> OfferEvent | None:
    """Store one event and return it, or None when this fact is stored already.

    One presentation has each event once per channel: a reload, a second tab or a repeated report adds nothing. One
    statement; `offer_event_recorded` is sent after commit.
    """
    record = EventRecord(
        name=name,
        subject=subject,
        source=source,
        occurred_at=now,
        channel=channel,
        bot_score=bot_score,
    )
    event = _row(record)
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        if not OfferEvent.objects.filter(dedupe_key=event.dedupe_key).exists():
            raise
        return None
    _tell([event])
    return event


def record_events(records: Sequence[EventRecord]) -> list[bool]:
    """Store events, and return for each whether it was news.

    A fact that stands twice among them is news the first time. One INSERT (on SQLite one per 99 events) where all are
    new; where some are known already, a query and a second INSERT. `offer_event_recorded` is sent after commit, for
    those that were news.

    :raises IntegrityError: when the database refuses one of them for another reason; then none is stored.
    """
    if not records:
        return []
    rows: dict[str, OfferEvent] = {}
    firsts: list[bool] = []
    for record in records:
        firsts.append(record.dedupe_key not in rows)
        rows.setdefault(record.dedupe_key, _row(record))
    # In one order everywhere: two batches with the same facts wait for each other, and never in a circle.
    new = _insert_unknown({key: rows[key] for key in sorted(rows)})
    _tell(list(new.values()))
    return [
        is_first and record.dedupe_key in new
        for record, is_first in zip(records, firsts, strict=True)
    ]


def dedupe_key(*, name: str, subject: EventSubject, channel: str = "") -> str:
    """Return what makes two reports the same fact."""
    about = subject.presentation_id or f"{subject.offer_id}-{subject.customer_id or ''}"
    return f"{about}:{name}:{channel}"[:120]


def _row(record: EventRecord) -> OfferEvent:
    return OfferEvent(
        name=record.name,
        offer_id=record.subject.offer_id,
        variant_id=record.subject.variant_id,
        presentation_id=record.subject.presentation_id,
        customer_id=record.subject.customer_id,
        channel=record.channel,
        source=record.source,
        bot_score=record.bot_score,
        occurred_at=record.occurred_at,
        dedupe_key=record.dedupe_key,
    )


def _insert_unknown(rows: Mapping[str, OfferEvent]) -> Mapping[str, OfferEvent]:
    """Insert the rows that are not there yet, and return them by dedupe key."""
    unknown = dict(rows)
    while unknown:
        try:
            with transaction.atomic():
                OfferEvent.objects.bulk_create(unknown.values())
        except IntegrityError:
            known = set(_keys_of(unknown))
            if not known:
                raise
            # Another process may add more of them meanwhile: each turn there are fewer.
            unknown = {key: row for key, row in unknown.items() if key not in known}
        else:
            break
    return unknown


def _keys_of(keys: Mapping[str, OfferEvent]) -> Mapping[str, int]:
    """Return the primary keys of the stored ones, by dedupe key."""
    stored = OfferEvent.objects.filter(dedupe_key__in=list(keys))
    return dict(stored.values_list("dedupe_key", "pk"))


def _tell(events: Sequence[OfferEvent]) -> None:
    """Send the signal for each after the commit, with its primary key, which not every database returns."""
    if any(event.pk is None for event in events):
        ids = _keys_of({event.dedupe_key: event for event in events})
        for event in events:
            event.pk = ids[event.dedupe_key]

    def send() -> None:
        for event in events:
            offer_event_recorded.send_robust(sender=OfferEvent, event=event)

    if events:
        after_commit(send)
