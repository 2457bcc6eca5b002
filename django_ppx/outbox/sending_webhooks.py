"""Sending the webhooks that are due, and emptying what is long over. Works as `sending` does for mails."""

from __future__ import annotations

import logging
import random
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http.client import HTTPException
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from django_ppx import __version__
from django_ppx.conf import ppx_settings
from django_ppx.core.retrying import run_retrying
from django_ppx.outbox.backoff import MOST_ATTEMPTS, pause_after
from django_ppx.outbox.calling import post_to
from django_ppx.outbox.endpoints import secrets_of, switch_endpoints
from django_ppx.outbox.failures import describe_failure
from django_ppx.outbox.models import OutboxWebhook, WebhookAttempt
from django_ppx.outbox.signing import signed_headers

logger: Final = logging.getLogger("django_ppx")

CLAIM: Final = timedelta(minutes=15)
"""For so long no other run touches a webhook. It outlasts a whole run and the slowest attempt in it."""

LONGEST_RUN_SECONDS: Final = 240
MOST_FAILURES_IN_A_ROW: Final = 3
"""After so many an endpoint is taken to be down, and what is for it waits for the next run."""

_GONE: Final = 410


@dataclass(kw_only=True, slots=True)
class SentWebhooks:
    """What became of webhooks, counted. What was `put_off` is tried again; what `failed` is left to staff."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    cancelled: int = 0
    emptied: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    """How one attempt went. `status_code` is None where there was no answer."""

    status_code: int | None
    error: str
    duration_ms: int
    at: datetime

    @property
    def is_success(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


@dataclass(kw_only=True, slots=True)
class _Queue:
    """What is due for one endpoint, and how often it failed since it last worked."""

    webhook_ids: deque[int]
    failures: int = 0

    @property
    def goes_on(self) -> bool:
        return bool(self.webhook_ids) and self.failures < MOST_FAILURES_IN_A_ROW


@dataclass(kw_only=True, slots=True)
class _Run:
    now: datetime
    done: SentWebhooks
    started: float

    @property
    def seconds(self) -> float:
        return monotonic() - self.started

    @property
    def clock(self) -> datetime:
        """What the time is by now: receivers refuse a signature that is five minutes old."""
        return self.now + timedelta(seconds=self.seconds)


def send_due_webhooks(*, now: datetime, limit: int = 100) -> SentWebhooks:
    """Make at most `limit` attempts at webhooks that are due at `now`, empty old ones, and return what was done.

    The endpoints take turns, so that one with much to hear, or a slow one, keeps no other waiting. Safe to run twice,
    and at once: each webhook is claimed before it is sent. A crash in between costs at most one duplicate, with the
    same id. Call it outside of any transaction, or a claim would not be seen by others.

    :raises RuntimeError: inside a transaction.
    :raises TransactionConflict: see `run_retrying`.
    """
    started = monotonic()
    with transaction.atomic(durable=True):
        queues = _queues(now, limit)
    done = SentWebhooks(cancelled=_cancel_unwanted(now, limit), emptied=_empty_old(now, limit))
    run = _Run(now=now, done=done, started=started)
    attempts = 0
    while queues and attempts < limit and run.seconds <= LONGEST_RUN_SECONDS:
        queue = queues.popleft()
        webhook = _claim(queue.webhook_ids.popleft(), now)
        if webhook is not None:  # else another run was faster, or the endpoint was switched off
            attempts += 1
            outcome = _attempt(webhook, run)
            queue.failures = 0 if outcome.is_success else queue.failures + 1
            _note(webhook, outcome, run)
        if queue.goes_on:
            queues.append(queue)
    return done


def resend_webhooks(*, webhook_ids: list[int], now: datetime) -> int:
    """Let webhooks that ended be tried from the beginning, with the same id, and return how many.

    What was emptied, and what is for an endpoint that is off, stays as it is.

    :raises TransactionConflict: see `run_retrying`.
    """
    ended = OutboxWebhook.objects.resendable().filter(
        pk__in=webhook_ids, endpoint__is_active__in=[True]
    )
    again = partial(
        ended.update, status="waiting", due_at=now, attempts=0, claimed_until=None, sent_at=None
    )
    return run_retrying(again, is_one_statement=True)


def _queues(now: datetime, limit: int) -> deque[_Queue]:
    due = OutboxWebhook.objects.due(now=now).filter(endpoint__is_active__in=[True])
    endpoint_ids = due.order_by("endpoint").values_list("endpoint", flat=True).distinct()
    queues: deque[_Queue] = deque()
    for endpoint_id in list(endpoint_ids):
        mine = due.filter(endpoint=endpoint_id).order_by("due_at", "pk")
        queues.append(_Queue(webhook_ids=deque(mine.values_list("pk", flat=True)[:limit])))
    return queues


def _claim(webhook_id: int, now: datetime) -> OutboxWebhook | None:
    """Take a webhook for this run, so that no other sends it meanwhile. None: it is no longer to be had."""
    due = OutboxWebhook.objects.due(now=now).filter(pk=webhook_id)
    claim = partial(due.update, claimed_until=now + CLAIM, attempts=F("attempts") + 1)
    if not run_retrying(claim, is_one_statement=True):
        return None
    claimed = OutboxWebhook.objects.unsent().filter(pk=webhook_id, endpoint__is_active__in=[True])
    return claimed.select_related("endpoint").first()


def _attempt(webhook: OutboxWebhook, run: _Run) -> _Outcome:
    at, body = run.clock, webhook.body.encode()
    signed = signed_headers(
        message_id=webhook.message_id,
        sent_at=at,
        body=body,
        secrets_=secrets_of(webhook.endpoint, now=at),
    )
    headers = {
        "content-type": "application/json",
        "user-agent": f"django-ppx/{__version__}",
        **signed,
    }
    began = monotonic()
    status_code, error = None, ""
    try:
        status_code = post_to(webhook.endpoint.url, body=body, headers=headers)
    except Exception as failure:  # whatever it is, the others have their turns
        error = _described(failure)
    took = int((monotonic() - began) * 1000)
    outcome = _Outcome(status_code=status_code, error=error, duration_ms=took, at=at)
    if error or outcome.is_success:
        return outcome
    words = f"The endpoint answered {status_code}."
    return _Outcome(status_code=status_code, error=words, duration_ms=took, at=at)


def _described(failure: Exception) -> str:
    if isinstance(failure, HTTPException) and not isinstance(failure, OSError):
        # Its words are what came from there, which may be any service.
        return f"{type(failure).__name__}: What answers does not speak HTTP."
    return describe_failure(failure)


def _note(webhook: OutboxWebhook, outcome: _Outcome, run: _Run) -> None:
    if outcome.is_success:
        run_retrying(partial(_note_sent, webhook, outcome, run.now))
        run.done.sent += 1
        return
    is_gone = outcome.status_code == _GONE
    is_over = is_gone or webhook.attempts >= MOST_ATTEMPTS
    changes: dict[str, Any] = {"claimed_until": None, "last_error": outcome.error}
    if is_over:
        changes |= {"status": "failed", "due_at": run.now}
        run.done.failed += 1
        logger.error("Webhook %s can't be sent, and staff must look: %s", webhook.pk, outcome.error)
    else:
        pause = pause_after(webhook.attempts, spread=random.random())  # noqa: S311
        changes |= {"due_at": run.now + pause}
        run.done.put_off += 1
        logger.warning(
            "Webhook %s is put off after attempt %d: %s",
            webhook.pk,
            webhook.attempts,
            outcome.error,
        )
    run_retrying(partial(_note_failure, webhook, outcome, changes))
    if is_gone and switch_endpoints(endpoint_ids=[webhook.endpoint_id], is_active=False):
        logger.error(
            "Webhook endpoint %s answered 410 Gone and is switched off.", webhook.endpoint_id
        )


def _note_sent(webhook: OutboxWebhook, outcome: _Outcome, now: datetime) -> None:
    _note_attempt(webhook, outcome)
    # Whatever else was noted meanwhile: it has arrived.
    OutboxWebhook.objects.filter(pk=webhook.pk).exclude(status="sent").update(
        status="sent", sent_at=now, due_at=now, claimed_until=None, last_error=""
    )


def _note_failure(webhook: OutboxWebhook, outcome: _Outcome, changes: dict[str, Any]) -> None:
    _note_attempt(webhook, outcome)
    # A run that took over after this one's claim had ended counts on, and cancelled stays cancelled.
    OutboxWebhook.objects.unsent().filter(pk=webhook.pk, attempts=webhook.attempts).update(
        **changes
    )


def _note_attempt(webhook: OutboxWebhook, outcome: _Outcome) -> None:
    WebhookAttempt.objects.create(
        webhook=webhook,
        attempted_at=outcome.at,
        duration_ms=outcome.duration_ms,
        status_code=outcome.status_code,
        error=outcome.error,
    )


def _cancel_unwanted(now: datetime, limit: int) -> int:
    """Cancel what waits for endpoints that were switched off."""
    unwanted = OutboxWebhook.objects.unsent().filter(endpoint__is_active__in=[False])
    ids = list(unwanted.order_by("pk").values_list("pk", flat=True)[:limit])
    cancel = partial(
        OutboxWebhook.objects.unsent().filter(pk__in=ids).update,
        status="cancelled",
        due_at=now,
        claimed_until=None,
    )
    return run_retrying(cancel, is_one_statement=True) if ids else 0


def _empty_old(now: datetime, limit: int) -> int:
    """Empty what ended `PPX_OUTBOX_DAYS` days ago. The row stays: its key is never told again."""
    before = now - timedelta(days=ppx_settings.PPX_OUTBOX_DAYS)
    over = OutboxWebhook.objects.over(before=before)
    ids = list(over.order_by("due_at").values_list("pk", flat=True)[:limit])
    return run_retrying(partial(_empty, ids, before)) if ids else 0


def _empty(ids: list[int], before: datetime) -> int:
    WebhookAttempt.objects.filter(webhook__in=ids).delete()
    old = OutboxWebhook.objects.over(before=before).filter(pk__in=ids)
    return old.update(body="", last_error="", due_at=None)
