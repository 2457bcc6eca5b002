"""Taking codes from elsewhere into a benefit's pool. Each line is taken, a duplicate or no code; counts are exact."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import PpxError
from django_ppx.rewards.alphabet import LONGEST_CODE, fold
from django_ppx.rewards.batching import (
    BatchRefused,
    BatchRequest,
    locked_benefit,
    new_batch,
    stop_batch,
)
from django_ppx.rewards.models import CodeBatch, DiscountCode
from django_ppx.rewards.models.batches import LARGEST_BATCH
from django_ppx.rewards.stocking import forget_low_stock
from django_ppx.rewards.storing import insert_codes, slices
from django_ppx.rewards.terms import FrozenTerms

CHUNK: Final = 5_000
"""Lines taken in one transaction."""

LONGEST_REPORT: Final = 1_000
"""Lines that a batch's report names; the counts beside it are of all."""

_LONGEST_SHOWN: Final = 80

Line = tuple[int, str]
"""The number of a line, and what stands where its code should be."""


class ImportStopped(PpxError):
    """Staff stopped the batch while its file was read."""


class Problem(models.TextChoices):
    """Why a line was not taken."""

    EMPTY = "empty", _("empty")
    TOO_LONG = "too_long", _("longer than 64 characters")
    NOT_A_CODE = "not_a_code", _("not only letters A to Z and digits")
    REPEATED = "repeated", _("twice in this file")
    KNOWN = "known", _("there already, of this benefit")
    FOREIGN = "foreign", _("there already, of another benefit")


@dataclass(kw_only=True, slots=True)
class _Outcome:
    """What became of some lines. `problems` are (line, text, why) in the order of the lines."""

    made: int = 0
    duplicates: int = 0
    rejected: int = 0
    problems: list[tuple[int, str, Problem]] = field(default_factory=list)


def import_codes(*, request: BatchRequest, lines: Iterable[Line], now: datetime) -> CodeBatch:
    """Return a new batch of the codes that `lines` hold and that are nowhere yet, all of them in the pool.

    Read and stored chunk by chunk. Run again with the same lines, a second batch takes none of them. Broken off, what
    was stored stays, the batch is stopped, and the same lines may be given once more.

    :raises BatchRefused: see `BatchRefused.Reason`; `TOO_LARGE` once the first million lines are stored.
    :raises ImportStopped: when somebody stopped the batch meanwhile.
    :raises TransactionConflict: see `run_retrying`.
    """
    batch = run_retrying(partial(_start, request, now))
    try:
        _take_all(batch, lines, now)
    except (Exception, KeyboardInterrupt):
        stop_batch(batch_id=batch.pk, now=now)
        raise
    finally:
        forget_low_stock(benefit_id=batch.benefit_id, now=now)
    return CodeBatch.objects.get(pk=batch.pk)


def _start(request: BatchRequest, now: datetime) -> CodeBatch:
    benefit = locked_benefit(request.benefit_id)
    terms = FrozenTerms.of(benefit)
    batch = new_batch(request=request, terms=terms, now=now)
    if terms.code_source != "pool":
        raise BatchRefused(BatchRefused.Reason.CODES_ARE_DRAWN)
    batch.kind = CodeBatch.Kind.IMPORTED
    batch.save()
    return batch


def _take_all(batch: CodeBatch, lines: Iterable[Line], now: datetime) -> None:
    like = _like(batch, now)
    source = iter(lines)
    report: list[list[Any]] = []
    for chunk in _chunks(islice(source, LARGEST_BATCH)):
        report = run_retrying(partial(_take_chunk, batch, chunk, like, report))
    if next(source, None) is not None:
        raise BatchRefused(BatchRefused.Reason.TOO_LARGE)
    running = CodeBatch.objects.filter(pk=batch.pk, status=CodeBatch.Status.RUNNING)
    running.update(status=CodeBatch.Status.DONE, finished_at=now)


def _chunks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, CHUNK)):
        yield chunk


def _take_chunk(
    batch: CodeBatch, chunk: list[Line], like: DiscountCode, report: list[list[Any]]
) -> list[list[Any]]:
    """Store what is new in the chunk, count the rest, and return the report with its problems."""
    outcome, wanted = _Outcome(), dict[str, Line]()
    for number, text in chunk:
        code = fold(text)
        if not code:
            outcome.rejected += 1
            outcome.problems.append((number, text, _problem_of(text)))
        elif code in wanted:
            outcome.duplicates += 1
            outcome.problems.append((number, text, Problem.REPEATED))
        else:
            wanted[code] = (number, text)
    # Only this worker adds to this batch, so what it adds now comes after the last that is there.
    last: int = batch.codes.aggregate(last=Max("pk"))["last"] or 0
    outcome.made = insert_codes(sorted(wanted), like=like)
    if outcome.made < len(wanted):
        _sort_out_duplicates(outcome, wanted, batch, last)
    room = LONGEST_REPORT - len(report)
    found = sorted(outcome.problems)[:room]
    report = report + [
        [number, clean_text(text, _LONGEST_SHOWN), why.value] for number, text, why in found
    ]
    _count(batch, outcome, report)
    return report


def _sort_out_duplicates(
    outcome: _Outcome, wanted: dict[str, Line], batch: CodeBatch, last: int
) -> None:
    """Say of each code that was there before, where it was. `last` is the last one of the chunk before."""
    stored = _stored(list(wanted))
    for code, (number, text) in wanted.items():
        pk, batch_id, benefit_id = stored.get(code, (0, None, None))
        if batch_id == batch.pk and pk > last:
            continue
        outcome.duplicates += 1
        if batch_id == batch.pk:
            why = Problem.REPEATED
        elif benefit_id == batch.benefit_id:
            why = Problem.KNOWN
        else:
            why = Problem.FOREIGN
        outcome.problems.append((number, text, why))


def _stored(codes: list[str]) -> dict[str, tuple[int, int | None, int]]:
    """Return (primary key, batch, benefit) of each of `codes` that is stored."""
    size = connections[DEFAULT_DB_ALIAS].ops.bulk_batch_size(["code"], codes) or 1
    found: dict[str, tuple[int, int | None, int]] = {}
    for part in slices(codes, size):
        rows = DiscountCode.objects.filter(code__in=part)
        for code, pk, batch_id, benefit_id in rows.values_list("code", "pk", "batch", "benefit"):
            found[code] = (pk, batch_id, benefit_id)
    return found


def _count(batch: CodeBatch, outcome: _Outcome, report: list[list[Any]]) -> None:
    running = CodeBatch.objects.filter(pk=batch.pk, status=CodeBatch.Status.RUNNING)
    counted = running.update(
        made=F("made") + outcome.made,
        duplicates=F("duplicates") + outcome.duplicates,
        rejected=F("rejected") + outcome.rejected,
        report=report,
    )
    if not counted:  # the chunk is undone
        raise ImportStopped("The batch was stopped.")


def _problem_of(text: str) -> Problem:
    """Return why `text` can't be a code."""
    kept = [mark for mark in text if unicodedata.category(mark) not in {"Zs", "Pd", "Cf", "Cc"}]
    if not kept:
        return Problem.EMPTY
    return Problem.TOO_LONG if len(kept) > LONGEST_CODE else Problem.NOT_A_CODE


def _like(batch: CodeBatch, now: datetime) -> DiscountCode:
    """Return what every code of the batch has in common. How long a code is good for is said when it is given."""
    return DiscountCode(
        benefit_id=batch.benefit_id,
        terms=batch.terms,
        status=DiscountCode.Status.POOLED,
        max_uses=FrozenTerms.from_json(batch.terms).max_uses,
        batch=batch,
        reason=batch.name,
        issued_at=now,
        expires_at=batch.expires_at,
    )
