"""Counting failed attempts at codes, keeping them for staff, and raising the alarm.

Each counter is one row per source and window, changed by one conditional `UPDATE` whose row count is checked. Who is
limited, and when an attempt counts, stands in `guessing`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from django.db.models import F, Q

from django_ppx.conf import ppx_settings
from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.models import AttemptCount, DiscountCode, FailedAttempt
from django_ppx.signals import code_guessing_noticed

logger: Final = logging.getLogger("django_ppx")

EVERYBODY: Final = "all"
ALARM: Final = "alarm"
COUNTERS_KEPT: Final = timedelta(days=2)

_UNLIMITED: Final = 2**31 - 1
_SHOWN: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One counter that an attempt counts against: its HMAC, and how many attempts it has per window."""

    key: str
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One failed attempt, as it is kept. Only the beginning of what was typed leaves this object."""

    typed: str
    reason: str
    at: datetime
    sources: tuple[Source, ...]
    address_prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A clock hour in which more attempts failed than `PPX_GUESS_ALARM_PER_HOUR`."""

    window_starts_at: datetime
    attempts: int


def window_of(now: datetime) -> datetime:
    """Return the start of the window in which attempts at `now` count. Windows follow each other without a gap."""
    seconds = ppx_settings.PPX_GUESS_WINDOW_MINUTES * 60
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=UTC)


def take(source: Source, *, window: datetime) -> bool:
    """Count one more attempt of the source, unless it has none left; return whether it was counted."""
    if run_retrying(partial(_count, source, window), is_one_statement=True):
        return True
    row = AttemptCount(source=source.key, window_starts_at=window)
    run_retrying(partial(AttemptCount.objects.bulk_create, [row], ignore_conflicts=True))
    return bool(run_retrying(partial(_count, source, window), is_one_statement=True))


def take_all(sources: Iterable[Source], *, window: datetime) -> bool:
    """Count one attempt of every source, or of none when one of them has none left."""
    taken: list[Source] = []
    for source in sources:
        if not take(source, window=window):
            give_back(taken, window=window)
            return False
        taken.append(source)
    return True


def give_back(sources: Iterable[Source], *, window: datetime) -> None:
    """Take back what `take_all` has counted: the code was good."""
    for source in sources:
        rows = AttemptCount.objects.filter(
            source=source.key, window_starts_at=window, attempts__gt=0
        )
        run_retrying(partial(rows.update, attempts=F("attempts") - 1), is_one_statement=True)


def is_exhausted(sources: Iterable[Source], *, window: datetime) -> bool:
    """Return whether one of the sources has no attempt left. Counts nothing; one query."""
    wanted = [Q(source=source.key, attempts__gte=source.limit) for source in sources]
    if not wanted:
        return False
    full = wanted[0]
    for other in wanted[1:]:
        full |= other
    return AttemptCount.objects.filter(full, window_starts_at=window).exists()


def note_failed(attempt: Attempt) -> None:
    """Keep a failed attempt for staff, count it for everybody, and raise the alarm where it is one too many."""
    run_retrying(partial(_keep, attempt))
    hour = attempt.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    take(Source(key=EVERYBODY, limit=_UNLIMITED), window=hour)
    counted = AttemptCount.objects.filter(source=EVERYBODY, window_starts_at=hour)
    attempts = counted.values_list("attempts", flat=True).first() or 0
    # Whoever comes after the one too many sees as much; the counter of alarms lets one of them through.
    if attempts > ppx_settings.PPX_GUESS_ALARM_PER_HOUR and take(
        Source(key=ALARM, limit=1), window=hour
    ):
        _raise_alarm(Alarm(window_starts_at=hour, attempts=attempts))


def note_throttled(attempt: Attempt) -> None:
    """Keep for staff that a source has used its attempts up: once per window, however often it goes on asking."""
    window = window_of(attempt.at)
    marks = [Source(key=f"over:{source.key}", limit=1) for source in attempt.sources]
    if is_exhausted(marks, window=window):
        return
    for source, mark in zip(attempt.sources, marks, strict=True):
        if is_exhausted([source], window=window) and take(mark, window=window):
            run_retrying(partial(_keep, attempt))
            return


def last_alarm(*, now: datetime) -> Alarm | None:
    """Return the newest alarm of the last 24 hours."""
    raised = AttemptCount.objects.filter(
        source=ALARM, window_starts_at__gt=now - timedelta(hours=24)
    )
    hour = raised.order_by("-window_starts_at").values_list("window_starts_at", flat=True).first()
    if hour is None:
        return None
    counted = AttemptCount.objects.filter(source=EVERYBODY, window_starts_at=hour)
    attempts = counted.values_list("attempts", flat=True).first() or 0
    return Alarm(window_starts_at=hour, attempts=attempts)


def forget_old(*, now: datetime, limit: int) -> int:
    """Remove at most `limit` counters and `limit` failed attempts whose time is over; return how many went."""
    counters = AttemptCount.objects.filter(window_starts_at__lt=now - COUNTERS_KEPT)
    kept = timedelta(days=ppx_settings.PPX_FAILED_ATTEMPT_DAYS)
    failed = FailedAttempt.objects.filter(at__lt=now - kept)
    gone = 0
    for old in (counters, failed):
        ids = list(old.order_by("pk").values_list("pk", flat=True)[:limit])
        gone += old.model._base_manager.filter(pk__in=ids).delete()[0]
    return gone


def masked(typed: str) -> str:
    """Return the beginning of what was typed: four characters at most, and never more than half of it."""
    shown = typed[: min(_SHOWN, len(typed) // 2)]
    return f"{shown}…" if typed else ""


def _count(source: Source, window: datetime) -> int:
    return AttemptCount.objects.filter(
        source=source.key, window_starts_at=window, attempts__lt=source.limit
    ).update(attempts=F("attempts") + 1)


def _keep(attempt: Attempt) -> None:
    keys = {source.key.partition(":")[0]: source.key for source in attempt.sources}
    code_id = None
    if attempt.reason not in {"unknown", "throttled"}:
        code_id = DiscountCode.objects.typed(attempt.typed).values_list("pk", flat=True).first()
    FailedAttempt.objects.create(
        at=attempt.at,
        reason=attempt.reason,
        typed=masked(fold(attempt.typed) or attempt.typed),
        address_prefix=attempt.address_prefix,
        source=keys.get("address", ""),
        session=keys.get("session", ""),
        code_id=code_id,
    )


def _raise_alarm(alarm: Alarm) -> None:
    logger.error(
        "Discount codes are being guessed: %d failed attempts in the hour from %s on.",
        alarm.attempts,
        alarm.window_starts_at.isoformat(),
    )
    after_commit(
        partial(
            code_guessing_noticed.send_robust,
            sender=FailedAttempt,
            attempts=alarm.attempts,
            window_starts_at=alarm.window_starts_at,
        )
    )
