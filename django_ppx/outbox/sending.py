"""Sending what is due, through Django's mail API, and emptying what is long over."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F

from django_ppx.conf import ppx_settings
from django_ppx.core.retrying import run_retrying
from django_ppx.outbox.backoff import MOST_ATTEMPTS, pause_after
from django_ppx.outbox.failures import describe_failure, is_permanent
from django_ppx.outbox.models import OutboxMail

logger: Final = logging.getLogger("django_ppx")

CLAIM: Final = timedelta(minutes=15)
"""For so long no other run touches a mail. It outlasts a whole run and the slowest attempt in it."""

LONGEST_RUN_SECONDS: Final = 240
MOST_FAILURES_IN_A_ROW: Final = 3
"""After so many the server is taken to be down, and the rest waits for the next run."""


@dataclass(kw_only=True, slots=True)
class Sent:
    """What became of mails, counted. What was `put_off` is tried again; what `failed` is left to staff."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    emptied: int = 0


def send_due(*, now: datetime, limit: int = 100) -> Sent:
    """Send at most `limit` mails that are due at `now`, empty old ones, and return what was done.

    Safe to run twice, and at once: each mail is claimed before it is sent. A crash in between costs at most one
    duplicate, with the same Message-ID. A server that is down or slow ends the run early; what is left stays due.
    Call it outside of any transaction, or a claim would not be seen by others.

    :raises RuntimeError: inside a transaction.
    :raises TransactionConflict: see `run_retrying`.
    """
    with transaction.atomic(durable=True):
        ids = list(
            OutboxMail.objects.due(now=now)
            .order_by("due_at", "pk")
            .values_list("pk", flat=True)[:limit]
        )
    done = Sent(emptied=_empty_old(now=now, limit=limit))
    started = time.monotonic()
    failures = 0
    for mail_id in ids:
        if failures >= MOST_FAILURES_IN_A_ROW or time.monotonic() - started > LONGEST_RUN_SECONDS:
            break
        mail = _claim(mail_id, now)
        if mail is None:  # another run was faster
            continue
        try:
            _message(mail).send()
        except Exception as error:
            failures += 0 if is_permanent(error) else 1
            _note_failure(done, mail, error, now)
            continue
        failures = 0
        run_retrying(partial(_mark_sent, mail, now), is_one_statement=True)
        done.sent += 1
    return done


def resend_mails(*, mail_ids: list[int], now: datetime) -> int:
    """Let mails that failed be tried from the beginning, with the same Message-ID, and return how many.

    :raises TransactionConflict: see `run_retrying`.
    """
    failed = OutboxMail.objects.resendable().filter(pk__in=mail_ids)
    again = partial(failed.update, status="waiting", due_at=now, attempts=0, claimed_until=None)
    return run_retrying(again, is_one_statement=True)


def _claim(mail_id: int, now: datetime) -> OutboxMail | None:
    """Take a mail for this run, so that no other sends it meanwhile. None: it is no longer to be had."""
    due = OutboxMail.objects.due(now=now).filter(pk=mail_id)
    claim = partial(due.update, claimed_until=now + CLAIM, attempts=F("attempts") + 1)
    if not run_retrying(claim, is_one_statement=True):
        return None
    return OutboxMail.objects.unsent().filter(pk=mail_id).first()


def _message(mail: OutboxMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=ppx_settings.PPX_MAIL_FROM or None,
        to=[mail.to],
        # RFC 3834: away messages and other robots don't answer.
        headers={
            "Auto-Submitted": "auto-generated",
            **mail.headers,
            "Message-ID": mail.message_id,
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _mark_sent(mail: OutboxMail, now: datetime) -> int:
    # Whatever else was noted meanwhile: it has left.
    return (
        OutboxMail.objects.filter(pk=mail.pk)
        .exclude(status="sent")
        .update(status="sent", sent_at=now, due_at=now, claimed_until=None, last_error="")
    )


def _note_failure(done: Sent, mail: OutboxMail, error: Exception, now: datetime) -> None:
    words = describe_failure(error)
    is_over = is_permanent(error) or mail.attempts >= MOST_ATTEMPTS
    changes: dict[str, Any] = {"claimed_until": None, "last_error": words}
    if is_over:
        changes |= {"status": "failed", "due_at": now}
        done.failed += 1
        logger.error("Mail %s can't be sent, and staff must look: %s", mail.pk, words)
    else:
        changes |= {"due_at": now + pause_after(mail.attempts, spread=random.random())}  # noqa: S311
        done.put_off += 1
        logger.warning("Mail %s is put off after attempt %d: %s", mail.pk, mail.attempts, words)
    # A run that took over after this one's claim had ended counts on, and cancelled stays cancelled.
    mine = OutboxMail.objects.unsent().filter(pk=mail.pk, attempts=mail.attempts)
    run_retrying(partial(mine.update, **changes), is_one_statement=True)


def _empty_old(*, now: datetime, limit: int) -> int:
    """Empty text and address of what ended `PPX_OUTBOX_DAYS` days ago. The row stays: its key is never sent again."""
    before = now - timedelta(days=ppx_settings.PPX_OUTBOX_DAYS)
    ids = list(
        OutboxMail.objects.over(before=before)
        .order_by("due_at")
        .values_list("pk", flat=True)[:limit]
    )
    empty = partial(
        OutboxMail.objects.over(before=before).filter(pk__in=ids).update,
        to="",
        subject="",
        text="",
        html="",
        headers={},
        last_error="",
        due_at=None,
    )
    return run_retrying(empty, is_one_statement=True) if ids else 0
