"""The same question gets the same answer: what `Idempotency-Key` promises.

The answer is stored in the transaction of what it tells of: either both are there after a crash, or neither.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from django_ppx.access.models import StoredAnswer
from django_ppx.conf import ppx_settings
from django_ppx.core.retrying import run_retrying
from django_ppx.exceptions import Refusal

LONGEST_KEY: Final = 255
_KEY: Final = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
LEASE: Final = timedelta(seconds=60)
"""Who has not answered by then is taken to have died, and the next one to ask begins anew."""


class AnswerRefused(Refusal):
    """The question can't be answered now, or not under this key."""

    class Reason(models.TextChoices):
        KEY = "idempotency_key_invalid", _("An Idempotency-Key has 1 to 255 visible ASCII signs.")
        IN_FLIGHT = "in_flight", _("The same request is being worked on. Ask again in a moment.")
        REUSED = "idempotency_key_reused", _("Another request was sent with this Idempotency-Key.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try to answer. What it stores is dropped when another one took over meanwhile."""

    digest: str
    attempt: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was answered, byte for byte."""

    status_code: int
    content_type: str
    body: str


def begin_answer(*, caller: str, key: str, fingerprint: str, now: datetime) -> Attempt | Answer:
    """Return the stored answer to this question, or an attempt that may work on it now.

    `caller` says who asks: keys of two callers never meet. `fingerprint` is a SHA-256 of what is asked. Call it outside
    of any transaction, or others would not see that it is being worked on.

    :raises AnswerRefused: when the key can't be, belongs to another question, or is being worked on.
    :raises TransactionConflict: see `run_retrying`.
    """
    if not _KEY.fullmatch(key):
        raise AnswerRefused(AnswerRefused.Reason.KEY)
    digest = hashlib.sha256(f"{caller}\n{key}".encode()).hexdigest()
    attempt = Attempt(digest=digest, attempt=secrets.token_hex(16))
    return run_retrying(partial(_begin, attempt, fingerprint, now))


def finish_answer(*, attempt: Attempt, answer: Answer, now: datetime) -> None:
    """Store the answer. Call it in the transaction of what it tells of.

    :raises AnswerRefused: when another attempt took over: then nothing of this one may stand.
    """
    mine = StoredAnswer.objects.attempted(digest=attempt.digest, attempt=attempt.attempt)
    stored = mine.update(
        status_code=answer.status_code,
        content_type=answer.content_type,
        body=answer.body,
        finished_at=now,
    )
    if not stored:
        raise AnswerRefused(AnswerRefused.Reason.IN_FLIGHT)


def drop_attempt(*, attempt: Attempt) -> None:
    """Forget an attempt that came to nothing, so that the question can be asked again at once.

    :raises TransactionConflict: see `run_retrying`.
    """
    mine = StoredAnswer.objects.attempted(digest=attempt.digest, attempt=attempt.attempt)
    run_retrying(mine.delete)


def drop_old_answers(*, now: datetime, limit: int = 100) -> int:
    """Delete answers older than `PPX_IDEMPOTENCY_HOURS`, at most `limit`, and return how many.

    :raises TransactionConflict: see `run_retrying`.
    """
    before = now - timedelta(hours=ppx_settings.PPX_IDEMPOTENCY_HOURS)
    old = StoredAnswer.objects.old(before=before).order_by("started_at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    drop = StoredAnswer.objects.filter(pk__in=ids).delete
    return run_retrying(drop)[0] if ids else 0


def _begin(attempt: Attempt, fingerprint: str, now: datetime) -> Attempt | Answer:
    mine = StoredAnswer(
        digest=attempt.digest, fingerprint=fingerprint, attempt=attempt.attempt, started_at=now
    )
    try:
        with transaction.atomic():
            mine.save(force_insert=True)
    except IntegrityError:
        return _take_over(attempt, fingerprint, now)
    return attempt


def _take_over(attempt: Attempt, fingerprint: str, now: datetime) -> Attempt | Answer:
    found = StoredAnswer.objects.select_for_update().filter(digest=attempt.digest).first()
    if found is None:  # dropped this moment
        raise AnswerRefused(AnswerRefused.Reason.IN_FLIGHT)
    if found.fingerprint != fingerprint:
        raise AnswerRefused(AnswerRefused.Reason.REUSED)
    if found.status_code is not None:
        return Answer(
            status_code=found.status_code, content_type=found.content_type, body=found.body
        )
    if found.started_at + LEASE > now:
        raise AnswerRefused(AnswerRefused.Reason.IN_FLIGHT)
    found.attempt, found.started_at = attempt.attempt, now
    found.save(update_fields=["attempt", "started_at"])
    return attempt
