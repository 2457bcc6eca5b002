"""Removing old events that no figure reads. What figures count stays, however old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django_ppx.core.retrying import run_retrying
from django_ppx.events.models import OfferEvent

BATCH: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class OldEvents:
    """How many events happened before an instant, and how many of them no figure reads."""

    all: int
    uncounted: int

    @property
    def counted(self) -> int:
        return self.all - self.uncounted


def count_old_events(*, before: datetime) -> OldEvents:
    """Return how many events there are of before. Two queries, each of which reads the whole table."""
    return OldEvents(
        all=OfferEvent.objects.filter(occurred_at__lt=before).count(),
        uncounted=OfferEvent.objects.uncounted(before=before).count(),
    )


def prune_events(*, before: datetime, on_batch: Callable[[int], None] = lambda done: None) -> int:
    """Remove the events of before that no figure reads, and return how many there were.

    In batches, each a transaction of its own: stopped at any moment, what is removed is removed, and twice at once does
    no harm. `on_batch` is told how many are removed so far.

    :raises TransactionConflict: see `run_retrying`.
    """
    done = last = 0
    while True:
        ids = list(
            OfferEvent.objects.uncounted(before=before)
            .filter(pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        if not ids:
            return done
        last = ids[-1]
        # The condition again: a host may have changed rows by hand since they were looked up.
        old = OfferEvent.objects.uncounted(before=before).filter(pk__in=ids)
        removed, _by_model = run_retrying(old.delete)
        done += removed
        on_batch(done)
