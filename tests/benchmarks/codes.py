"""Making codes: 100,000 against `bulk_create` of the same rows, and a million with what they take of memory.

Ours is timed whole: ordering the batch, drawing, inserting, counting. Of `bulk_create` only the call is timed, with as
many rows a statement; its rows are drawn and built before, and what is built before is not timed for ours either. Both
begin with an empty table and take turns; the ratio is the median over the turns.
"""

from __future__ import annotations

import time
from datetime import datetime
from statistics import median

from django.core.management import call_command
from django.utils import timezone

from django_ppx.rewards.alphabet import draw_codes
from django_ppx.rewards.batching import BatchRequest
from django_ppx.rewards.generating import CHUNK, continue_batch, start_batch
from django_ppx.rewards.models import CodeBatch, DiscountCode
from django_ppx.testing import make_benefit
from tests.benchmarks.cases import Row
from tests.benchmarks.memory import forget_peak, peak

COUNT = 100_000
TURNS = 3
MOST_TIME = 1.2

MANY = 1_000_000
MOST_MEGABYTES = 60
STEP = 20_000


def rows(database: str) -> list[Row]:
    """Return the memory and the rate of a million, then the ratio to `bulk_create`."""
    return [_million(database), _ratio(database)]


def _million(database: str) -> Row:
    batch = _order(MANY, now=timezone.now())
    before = forget_peak()
    started = time.perf_counter()
    while batch.status == CodeBatch.Status.RUNNING:
        batch = continue_batch(batch_id=batch.pk, now=timezone.now(), most=STEP)
    seconds = time.perf_counter() - started
    grown = peak() - before
    stored = DiscountCode.objects.count()
    _empty()
    return Row(
        f"codes-{database}-{MANY}",
        f"{grown:.1f} MB above the start; {MANY / seconds:,.0f} codes a second",
        f"{MOST_MEGABYTES} MB, {MANY:,} codes",
        is_ok=grown < MOST_MEGABYTES and stored == MANY,
    )


def _ratio(database: str) -> Row:
    ours, theirs = [], []
    for _turn in range(TURNS):
        theirs.append(_seconds_of_bulk_create())
        _empty()
        ours.append(_seconds_of_a_batch())
        _empty()
    ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
    rates = f"{COUNT / median(ours):,.0f}/s; bulk_create {COUNT / median(theirs):,.0f}/s"
    return Row(
        f"codes-{database}-{COUNT}",
        f"{rates}: {ratio:.2f} x its time",
        f"{MOST_TIME} x its time",
        is_ok=ratio <= MOST_TIME,
    )


def _seconds_of_a_batch() -> float:
    now = timezone.now()
    benefit = make_benefit()
    started = time.perf_counter()
    batch = start_batch(
        request=BatchRequest(benefit_id=benefit.pk, name="Measured"), count=COUNT, now=now
    )
    continue_batch(batch_id=batch.pk, now=now)
    return time.perf_counter() - started


def _seconds_of_bulk_create() -> float:
    batch = _order(COUNT, now=timezone.now())
    made = [
        DiscountCode(
            code=code,
            benefit_id=batch.benefit_id,
            batch=batch,
            terms=batch.terms,
            reason=batch.name,
            issued_at=batch.created_at,
            expires_at=batch.expires_at,
        )
        for code in draw_codes(COUNT, shape="#" * 12)
    ]
    started = time.perf_counter()
    DiscountCode.objects.bulk_create(made, batch_size=CHUNK)
    return time.perf_counter() - started


def _order(count: int, *, now: datetime) -> CodeBatch:
    request = BatchRequest(benefit_id=make_benefit().pk, name="Measured")
    return start_batch(request=request, count=count, now=now)


def _empty() -> None:
    call_command("flush", interactive=False, verbosity=0)
