"""Making up to a million codes: in chunks, each whole or not at all, by as many workers as like to help."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from django.db.models import F

from django_ppx.core.containment import contain
from django_ppx.core.retrying import run_retrying
from django_ppx.exceptions import PpxError
from django_ppx.rewards.alphabet import draw_codes
from django_ppx.rewards.batching import (
    BatchRefused,
    BatchRequest,
    locked_benefit,
    new_batch,
    stop_batch,
)
from django_ppx.rewards.crowding import crowd_with, crowding_sentence, shape_of_terms
from django_ppx.rewards.models import CodeBatch, DiscountCode
from django_ppx.rewards.models.batches import LARGEST_BATCH
from django_ppx.rewards.storing import insert_codes
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import expires_at, starts_at

CHUNK: Final = 5_000
"""Codes made in one transaction: about a tenth of a second, and a few MB."""

_DRAWS: Final = 10
"""How often codes that happen to exist already are drawn anew."""


class CodesNotStored(PpxError):
    """The database takes none of the codes that were drawn, and not because they exist."""


def start_batch(*, request: BatchRequest, count: int, now: datetime) -> CodeBatch:
    """Return a new batch of `count` codes, none of which is made yet.

    Asked twice with one name, the second time is refused.

    :raises BatchRefused: see `BatchRefused.Reason`.
    :raises TransactionConflict: see `run_retrying`.
    """
    if not 1 <= count <= LARGEST_BATCH:
        raise BatchRefused(BatchRefused.Reason.COUNT)
    return run_retrying(partial(_start, request, count, now))


def continue_batch(*, batch_id: int, now: datetime, most: int = LARGEST_BATCH) -> CodeBatch:
    """Make up to `most` codes of the batch that are still missing, and return the batch as it then is.

    Safe to run twice, and at once: each chunk is inserted and counted in one transaction, and whoever counts on what
    another has counted already, begins anew. A batch whose last day has come meanwhile is stopped.

    :raises TransactionConflict: see `run_retrying`.
    """
    while True:
        batch = CodeBatch.objects.get(pk=batch_id)
        missing = batch.requested - batch.made
        is_running = batch.status == CodeBatch.Status.RUNNING
        if not is_running or batch.kind != CodeBatch.Kind.DRAWN or min(missing, most) < 1:
            return batch
        if batch.expires_at is not None and batch.expires_at <= now:
            stop_batch(batch_id=batch_id, now=now)
            continue
        most -= run_retrying(partial(_make_chunk, batch, min(missing, CHUNK, most), now))


def continue_batches(*, now: datetime, limit: int = 100_000) -> int:
    """Go on with the batches that are being made, the oldest first, and return how many codes they gained.

    At most `limit` codes are made. For cron, so that a batch is finished whoever left its page. What fails is logged.
    """
    running = CodeBatch.objects.filter(
        kind=CodeBatch.Kind.DRAWN, status=CodeBatch.Status.RUNNING
    ).order_by("pk")
    gained = 0
    for batch_id, before in list(running.values_list("pk", "made")):
        if gained >= limit:
            break
        with contain("A batch of codes"):  # one that can't go on does not keep the others waiting
            gained += continue_batch(batch_id=batch_id, now=now, most=limit - gained).made - before
    return gained


def resume_batch(*, batch_id: int, now: datetime) -> bool:
    """Let a batch that was stopped go on, and return whether it was stopped before.

    :raises BatchRefused: when its last day has passed, or there is no room for its codes any more.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_resume, batch_id, now))


def _start(request: BatchRequest, count: int, now: datetime) -> CodeBatch:
    benefit = locked_benefit(request.benefit_id)
    terms = FrozenTerms.of(benefit)
    batch = new_batch(request=request, terms=terms, now=now)
    if terms.code_source != "drawn":
        raise BatchRefused(BatchRefused.Reason.CODES_ARE_IMPORTED)
    if benefit.batches.filter(kind=CodeBatch.Kind.DRAWN, name=batch.name).exists():
        raise BatchRefused(BatchRefused.Reason.NAME_TAKEN)
    _check_room(terms, more=count, now=now)
    batch.requested = count
    batch.expires_at = batch.expires_at or expires_at(terms, now=now)
    batch.save()
    return batch


def _resume(batch_id: int, now: datetime) -> bool:
    batch = CodeBatch.objects.select_for_update().get(pk=batch_id)
    if batch.kind != CodeBatch.Kind.DRAWN or batch.status != CodeBatch.Status.STOPPED:
        return False
    if batch.expires_at is not None and batch.expires_at <= now:
        raise BatchRefused(BatchRefused.Reason.EXPIRED)
    terms = FrozenTerms.from_json(batch.terms)
    _check_room(terms, more=batch.requested - batch.made, now=now)
    stopped = CodeBatch.objects.filter(pk=batch_id, status=CodeBatch.Status.STOPPED)
    return bool(stopped.update(status=CodeBatch.Status.RUNNING, finished_at=None))


def _check_room(terms: FrozenTerms, *, more: int, now: datetime) -> None:
    crowd = crowd_with(shape_of_terms(terms), more=more, now=now)
    if crowd is not None:
        raise BatchRefused(BatchRefused.Reason.TOO_CROWDED, crowding_sentence(crowd))


def _make_chunk(batch: CodeBatch, count: int, now: datetime) -> int:
    """Insert exactly `count` codes and count them, or return 0 because the batch is no longer as it was read."""
    as_read = CodeBatch.objects.filter(
        pk=batch.pk, status=CodeBatch.Status.RUNNING, made=batch.made
    )
    if not as_read.update(made=F("made") + count):
        return 0
    terms = FrozenTerms.from_json(batch.terms)
    shape, like = shape_of_terms(terms), _like(batch, terms, now)
    missing = count
    for _draw in range(_DRAWS):
        missing -= insert_codes(draw_codes(missing, shape=shape), like=like)
        if not missing:
            break
    else:
        raise CodesNotStored(f"{missing} of {count} codes were not stored.")
    if batch.made + count == batch.requested:
        CodeBatch.objects.filter(pk=batch.pk).update(status=CodeBatch.Status.DONE, finished_at=now)
    return count


def _like(batch: CodeBatch, terms: FrozenTerms, now: datetime) -> DiscountCode:
    """Return what every code of the batch has in common."""
    return DiscountCode(
        benefit_id=batch.benefit_id,
        terms=batch.terms,
        max_uses=terms.max_uses,
        batch=batch,
        reason=batch.name,
        issued_at=now,
        starts_at=starts_at(terms, now=batch.created_at),
        expires_at=batch.expires_at,
    )
