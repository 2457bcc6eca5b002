"""Writing events: append-only, and the same fact only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

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
    event = OfferEvent(
        name=name,
        offer_id=subject.offer_id,
        variant_id=subject.variant_id,
        presentation_id=subject.presentation_id,
        customer_id=subject.customer_id,
        channel=channel,
        source=source,
        bot_score=bot_score,
        occurred_at=now,
        dedupe_key=dedupe_key(name=name, subject=subject, channel=channel),
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        if not OfferEvent.objects.filter(dedupe_key=event.dedupe_key).exists():
            raise
        return None
    send: Callable[[], object] = partial(
        offer_event_recorded.send_robust, sender=OfferEvent, event=event
    )
    after_commit(send)
    return event


def dedupe_key(*, name: str, subject: EventSubject, channel: str = "") -> str:
    """Return what makes two reports the same fact."""
    about = subject.presentation_id or f"{subject.offer_id}-{subject.customer_id or ''}"
    return f"{about}:{name}:{channel}"[:120]
