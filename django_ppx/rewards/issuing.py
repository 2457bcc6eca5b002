"""Giving out codes: many at once, each once per reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import end_of_local_days
from django_ppx.exceptions import PpxError
from django_ppx.rewards.alphabet import draw_codes
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.signals import code_issued

_DRAWS: Final = 5
"""How often codes that happen to exist already are drawn anew."""


class CodeNotIssuable(PpxError):
    """A gift or points were to become a code, which could take nothing off an order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRequest:
    """One code to be given out. `issue_key` names the reason: asked twice for it, there is one code."""

    issue_key: str
    benefit_id: int
    terms: FrozenTerms
    customer_id: int | None = None
    purchase_id: int | None = None
    reason: str = ""
    """For staff: the offer's name."""


def issue_codes(*, requests: Sequence[CodeRequest], now: datetime) -> dict[str, DiscountCode]:
    """Return one stored code per issue key: the one given before, or a new one. Two at once give one.

    One statement when none of them was given before. `code_issued` is sent once per new code, after commit.

    :raises CodeNotIssuable: for a benefit that is no discount; then nothing is issued.
    """
    wanted = {request.issue_key: request for request in requests}
    for request in wanted.values():
        if not request.terms.is_discount:
            raise CodeNotIssuable(f"A code can't carry {request.terms.type}.")
    rows = [_row(request, now) for request in wanted.values()]
    try:
        with transaction.atomic():
            DiscountCode.objects.bulk_create(rows)
            if any(row.pk is None for row in rows):  # MySQL does not return the keys of many rows
                rows = _stored(wanted)
            _announce(rows)
    except IntegrityError:
        with transaction.atomic():
            rows = _issue_missing(wanted, now)
    return {row.issue_key: row for row in rows if row.issue_key is not None}


def expires_at(terms: FrozenTerms, *, now: datetime) -> datetime | None:
    """Return the first instant at which a code issued at `now` is no longer valid; None: never."""
    if terms.valid_days is None:
        return None
    return end_of_local_days(now, terms.valid_days, ZoneInfo(ppx_settings.PPX_TIME_ZONE))


def _row(request: CodeRequest, now: datetime) -> DiscountCode:
    [code] = draw_codes(1, length=ppx_settings.PPX_CODE_LENGTH, prefix=request.terms.code_prefix)
    return DiscountCode(
        code=code,
        benefit_id=request.benefit_id,
        terms=request.terms.as_json(),
        max_uses=request.terms.max_uses,
        customer_id=request.customer_id,
        purchase_id=request.purchase_id,
        issue_key=request.issue_key,
        reason=request.reason[:200],
        issued_at=now,
        expires_at=expires_at(request.terms, now=now),
    )


def _issue_missing(wanted: dict[str, CodeRequest], now: datetime) -> list[DiscountCode]:
    """Return the codes of `wanted` after adding those that are not there yet."""
    drawn: set[str] = set()
    for _draw in range(_DRAWS):
        stored = _stored(wanted)
        missing = wanted.keys() - {row.issue_key for row in stored}
        if not missing:
            _announce([row for row in stored if row.code in drawn])
            return stored
        rows = [_row(wanted[key], now) for key in sorted(missing)]
        drawn.update(row.code for row in rows)
        DiscountCode.objects.bulk_create(rows, ignore_conflicts=True)
    raise IntegrityError("Codes could not be stored, and not because they were given before.")


def _stored(wanted: dict[str, CodeRequest]) -> list[DiscountCode]:
    # A locking read: the newest committed rows, also where the transaction reads from a snapshot.
    return list(DiscountCode.objects.select_for_update().filter(issue_key__in=wanted))


def _announce(rows: Sequence[DiscountCode]) -> None:
    for row in rows:
        transaction.on_commit(
            partial(code_issued.send_robust, sender=DiscountCode, code=row), robust=True
        )
