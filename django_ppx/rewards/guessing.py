"""The guard against guessing codes: who asks too often gets one answer, whether or not the code is good.

An attempt is taken from what the visitor's address and session have left *before* the code is looked at, and given back
when the code is good or its owner asks: so of many attempts at once as many get an answer as the limit allows. What a
session has asked for counts once, however many pages ask again, and what it was told to be good stays good.

What is true of transactions:

- Where none is open (our own views, whatever `ATOMIC_REQUESTS` says, and shops without it) each count is committed by
  itself, before the code is looked at. No refusal and no rollback takes it back.
- Inside a transaction of the shop a count could be rolled back with it, and its row lock would make other shoppers
  wait for that transaction. There the guard only reads the counters, and `PersonalPageMiddleware` counts what failed
  when the request is over, and with it the transaction, however it ended. Attempts that the server works on at the same
  moment then see the same counters: the limit is exceeded by no more than those.
- Inside a transaction, and without that middleware, counts are part of the transaction.

A fault of the guard is logged and lets the code through to be asked: it limits guessing, it does not stop a sale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest

from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain, run_contained
from django_ppx.core.identity import keyed_digest
from django_ppx.core.texts import clean_text
from django_ppx.rewards.addresses import client_address, counted_prefix, masked_prefix
from django_ppx.rewards.alphabet import LONGEST_CODE, fold
from django_ppx.rewards.attempts import (
    Attempt,
    Source,
    forget_old,
    give_back,
    is_exhausted,
    last_alarm,
    note_failed,
    note_throttled,
    take,
    take_all,
    window_of,
)
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.visitors import has_asked, has_link, note_asked

__all__ = [
    "ask_guarded",
    "forget_old",
    "has_held_attempts",
    "hold_attempts",
    "last_alarm",
    "settle_attempts",
]

Answer = TypeVar("Answer")
Reason: Final = RedemptionRefused.Reason

_HELD: Final = "_ppx_attempts"
_DIGEST_LENGTH: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class _Visit:
    """Who asks, for which code, and whether what fails is counted later."""

    typed: str
    now: datetime
    sources: tuple[Source, ...]
    address: str
    held: list[Attempt] | None
    """Where failed attempts wait for the end of the request; None: each is counted at once."""

    @property
    def window(self) -> datetime:
        return window_of(self.now)

    def attempt(self, reason: str) -> Attempt:
        return Attempt(
            typed=self.typed,
            reason=reason,
            at=self.now,
            sources=self.sources,
            address_prefix=masked_prefix(self.address),
        )


def ask_guarded(
    code: str, *, request: HttpRequest | None, ask: Callable[[], Answer], now: datetime
) -> Answer:
    """Return what `ask` says of the typed code, unless the visitor has used up the attempts.

    Without a request nothing is limited: it is the shop's own backend that asks.

    :raises RedemptionRefused: what `ask` raises; with the reason `throttled`, when there were too many attempts.
    """
    typed = fold(code) or clean_text(code, LONGEST_CODE)
    if request is None or not typed:
        return ask()
    try:
        if has_asked(request, typed):
            return ask()
        return _ask_counted(request, typed, ask, now)
    except RedemptionRefused as refused:
        if refused.reason == Reason.NOT_YET and has_link(request, typed):
            # Who was sent the link knows the code; when it begins is no secret to them.
            raise RedemptionRefused(Reason.NOT_YET, refused.own_sentence, is_owner=True) from None
        raise


def hold_attempts(request: HttpRequest) -> None:
    """Promise that `settle_attempts` is called when the request is over."""
    setattr(request, _HELD, [])


def has_held_attempts(request: HttpRequest) -> bool:
    """Return whether there is something to settle."""
    return bool(getattr(request, _HELD, None))


def settle_attempts(request: HttpRequest) -> None:
    """Count what failed inside transactions of the shop, now that they are over. Safe to run twice."""
    held: list[Attempt] = getattr(request, _HELD, None) or []
    attempts, held[:] = list(held), []
    for attempt in attempts:
        _contained(partial(_settle, attempt))


def _ask_counted(
    request: HttpRequest, typed: str, ask: Callable[[], Answer], now: datetime
) -> Answer:
    visit = _visit(request, typed, now)
    if not run_contained("Counting an attempt", partial(_may_ask, visit), otherwise=True):
        _note(visit, Reason.THROTTLED)
        raise RedemptionRefused(Reason.THROTTLED)
    try:
        answer = ask()
    except RedemptionRefused as refused:
        note_asked(request, typed)
        if refused.is_guess:
            _note(visit, refused.reason)
        else:
            _give_back(visit)
        raise
    except Exception:
        _give_back(visit)
        raise
    note_asked(request, typed)
    _give_back(visit)
    return answer


def _visit(request: HttpRequest, typed: str, now: datetime) -> _Visit:
    address = run_contained(
        "Reading the shopper's address", partial(client_address, request), otherwise=""
    )
    is_inside = connections[DEFAULT_DB_ALIAS].in_atomic_block
    return _Visit(
        typed=typed,
        now=now,
        sources=_sources(request, address),
        address=address,
        held=getattr(request, _HELD, None) if is_inside else None,
    )


def _sources(request: HttpRequest, address: str) -> tuple[Source, ...]:
    """Return what an attempt counts against. A session that does not exist is not made for it."""
    values = {
        "session": getattr(getattr(request, "session", None), "session_key", None) or "",
        "address": counted_prefix(address),
    }
    limits = {
        "session": ppx_settings.PPX_GUESSES_PER_SESSION,
        "address": ppx_settings.PPX_GUESSES_PER_ADDRESS,
    }
    return tuple(
        Source(
            key=f"{kind}:{keyed_digest(kind, value)[:_DIGEST_LENGTH]}",
            limit=limits[kind],
        )
        for kind, value in values.items()
        if value
    )


def _may_ask(visit: _Visit) -> bool:
    # The reading spares a flood of attempts the writing; what lets one through is the counting.
    if is_exhausted(visit.sources, window=visit.window):
        return False
    return visit.held is not None or take_all(visit.sources, window=visit.window)


def _give_back(visit: _Visit) -> None:
    if visit.held is None and not _is_broken():
        _contained(partial(give_back, visit.sources, window=visit.window))


def _note(visit: _Visit, reason: str) -> None:
    attempt = visit.attempt(str(reason))
    if visit.held is not None:
        visit.held.append(attempt)
    else:
        _contained(partial(_store, attempt))


def _settle(attempt: Attempt) -> None:
    if attempt.reason != Reason.THROTTLED:
        for source in attempt.sources:
            take(source, window=window_of(attempt.at))
    _store(attempt)


def _store(attempt: Attempt) -> None:
    if attempt.reason == Reason.THROTTLED:
        note_throttled(attempt)
    else:
        note_failed(attempt)


def _contained(work: Callable[[], None]) -> None:
    with contain("Counting an attempt"):
        work()


def _is_broken() -> bool:
    """Return whether the shop's transaction can only be rolled back, and with it what was counted."""
    connection = connections[DEFAULT_DB_ALIAS]
    return connection.in_atomic_block and connection.needs_rollback
