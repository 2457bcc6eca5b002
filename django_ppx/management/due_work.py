"""The list of what `ppx_run_due` does. A capability with due work of its own adds its line to `DUE_WORK`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from django_ppx.access.answering import drop_old_answers
from django_ppx.events.draining import drain_events
from django_ppx.outbox.sending import send_due
from django_ppx.outbox.sending_webhooks import send_due_webhooks
from django_ppx.rewards.due import run_due
from django_ppx.ugc.due import run_due_ugc

logger: Final = logging.getLogger("django_ppx")


@dataclass(kw_only=True, slots=True)
class DueCounts:
    """What one part did, by name, and how much of it failed and is tried again next time (both logged)."""

    done: dict[str, int] = field(default_factory=dict)
    failed: int = 0


def rewards_due(now: datetime, limit: int) -> DueCounts:
    counts = asdict(run_due(now=now, limit=limit))
    failed = counts.pop("failed")
    return DueCounts(
        done={name.replace("_", " "): count for name, count in counts.items()}, failed=failed
    )


def submissions_due(now: datetime, limit: int) -> DueCounts:
    counts = asdict(run_due_ugc(now=now, limit=limit))
    failed = counts.pop("failed")
    return DueCounts(
        done={name.replace("_", " "): count for name, count in counts.items()}, failed=failed
    )


def answers_due(now: datetime, limit: int) -> DueCounts:
    # Each is one row of a busy table: many at once cost little.
    return DueCounts(done={"old answers dropped": drop_old_answers(now=now, limit=100 * limit)})


def events_due(now: datetime, limit: int) -> DueCounts:
    """Store events that wait in Redis. They are stored by the hundreds, so a run takes more of them than of others."""
    drained = drain_events(now=now, limit=20 * limit)
    done = {
        "waiting events stored": drained.recorded,
        "waiting events known": drained.known,
        "messages put aside": drained.dead,
    }
    return DueCounts(done=done, failed=drained.failed)


def mails_due(now: datetime, limit: int) -> DueCounts:
    """Send mails. Only what is tried again counts as failed: a mistyped address is for staff, not for cron."""
    work = send_due(now=now, limit=limit)
    done = {
        "mails sent": work.sent,
        "mails given up": work.failed,
        "old mails emptied": work.emptied,
    }
    return DueCounts(done=done, failed=work.put_off)


def webhooks_due(now: datetime, limit: int) -> DueCounts:
    """Send webhooks. Only what is tried again counts as failed: what was given up is for staff, not for cron."""
    work = send_due_webhooks(now=now, limit=limit)
    done = {
        "webhooks sent": work.sent,
        "webhooks given up": work.failed,
        "webhooks cancelled": work.cancelled,
        "old webhooks emptied": work.emptied,
    }
    return DueCounts(done=done, failed=work.put_off)


DUE_WORK: Final[tuple[Callable[[datetime, int], DueCounts], ...]] = (
    rewards_due,
    submissions_due,
    answers_due,
    events_due,
    # Last: a mail server may be slow, and what the parts above have posted leaves in the same run.
    mails_due,
    webhooks_due,
)


def do_due_work(*, now: datetime, limit: int) -> DueCounts:
    """Do all that is due at `now`, at most `limit` of each kind, and return it in one.

    A fault in one part does not keep the others waiting.
    """
    total = DueCounts()
    for part in DUE_WORK:
        try:
            counts = part(now, limit)
        except Exception:  # each part minds its own transactions; none may be open around a mail
            logger.exception("Due work (%s) failed.", part.__name__)
            counts = DueCounts(failed=1)
        total.done |= {name: count for name, count in counts.done.items() if count}
        total.failed += counts.failed
    return total
