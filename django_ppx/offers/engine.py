"""Deciding what to show. Pure: a snapshot and a moment in, a verdict per offer out.

The gates stand in one function, `_gate`, in the order of DESIGN 5. A page asks for the offers shown only and stops as
soon as it has them; staff ask for every verdict. Both walk the same gates, and a property test holds them equal.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django_ppx.offers.compiled import CompiledOffer, Snapshot
from django_ppx.offers.moments import Moment


class Reason(StrEnum):
    """Why an offer was shown, or was not. Labels for people: `offers.explaining`."""

    SHOWN = "shown"
    NOT_ACTIVE = "not_active"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    PLACEMENT = "placement"
    AUDIENCE = "audience"
    UNAVAILABLE = "unavailable"
    DONE = "done"
    DISMISSED = "dismissed"
    CAPPED = "capped"
    NO_VARIANT = "no_variant"
    DISPLACED = "displaced"
    PAGE_LIMIT = "page_limit"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of one offer."""

    offer: CompiledOffer
    reason: Reason

    @property
    def is_shown(self) -> bool:
        return self.reason is Reason.SHOWN


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdicts of one moment, in the order in which the offers stand."""

    verdicts: tuple[Verdict, ...]

    @property
    def shown(self) -> tuple[CompiledOffer, ...]:
        return tuple(verdict.offer for verdict in self.verdicts if verdict.is_shown)


def decide(snapshot: Snapshot, moment: Moment, *, limit: int) -> Decision:
    """Return the verdict on every offer of the snapshot, by priority; equal priorities by age."""
    return Decision(tuple(_walk(snapshot.offers, moment, limit=limit)))


def choose(snapshot: Snapshot, moment: Moment, *, limit: int) -> tuple[CompiledOffer, ...]:
    """Return what `decide(…).shown` returns, without a look at offers that can't be shown any more.

    The cost grows with the number of distinct audiences, not with the number of offers.
    """
    chosen: list[CompiledOffer] = []
    for verdict in _walk(_candidates(snapshot, moment), moment, limit=limit):
        if verdict.is_shown:
            chosen.append(verdict.offer)
            if len(chosen) >= limit or verdict.offer.page_behaviour != "stack":
                break
    return tuple(chosen)


def _candidates(snapshot: Snapshot, moment: Moment) -> Iterable[CompiledOffer]:
    passing = [
        group.offers
        for group in snapshot.groups.get(moment.placement, ())
        if group.audience is None or group.audience.matches(moment)
    ]
    if len(passing) == 1:
        return passing[0]
    return heapq.merge(*passing, key=_order)


def _order(offer: CompiledOffer) -> tuple[bool, int, int]:
    return offer.order


def _walk(offers: Iterable[CompiledOffer], moment: Moment, *, limit: int) -> Iterator[Verdict]:
    matched: dict[int, bool] = {}
    shown = 0
    is_closed = False
    for offer in offers:
        reason = _gate(offer, moment, matched)
        if reason is Reason.SHOWN:
            if is_closed or (shown and offer.page_behaviour != "stack"):
                reason = Reason.DISPLACED
            elif shown >= limit:
                reason = Reason.PAGE_LIMIT
            else:
                shown += 1
                is_closed = offer.page_behaviour != "stack"
        yield Verdict(offer, reason)


def _gate(offer: CompiledOffer, moment: Moment, matched: dict[int, bool]) -> Reason:
    if offer.status != "active":
        return Reason.NOT_ACTIVE
    if offer.starts_at is not None and moment.now < offer.starts_at:
        return Reason.NOT_STARTED
    if offer.ends_at is not None and moment.now >= offer.ends_at:
        return Reason.ENDED
    if moment.placement not in offer.placements:
        return Reason.PLACEMENT
    if offer.audience is not None:
        is_match = matched.get(offer.audience.id)
        if is_match is None:
            is_match = matched[offer.audience.id] = offer.audience.matches(moment)
        if not is_match:
            return Reason.AUDIENCE
    if not offer.kind.is_available(offer.config, moment):
        return Reason.UNAVAILABLE
    if moment.history:
        reason = _gate_history(offer, moment)
        if reason is not None:
            return reason
    if not offer.variants:
        return Reason.NO_VARIANT
    return Reason.SHOWN


def _gate_history(offer: CompiledOffer, moment: Moment) -> Reason | None:
    """Gates on the customer's past. What this very page showed before is not held against it, except a dismissal."""
    rows = moment.history.get(offer.id)
    if not rows:
        return None
    purchase_id = moment.purchase.id if moment.purchase else None
    others = [row for row in rows if row.purchase_id != purchase_id]
    if offer.hide_when_done and any(row.is_done for row in others):
        return Reason.DONE
    if any(row.is_dismissed for row in rows):
        return Reason.DISMISSED
    if offer.cap_count is not None and moment.presented_here(offer.id) is None:
        since = None if offer.cap_days is None else moment.now - timedelta(days=offer.cap_days)
        counted = {row.purchase_id for row in others if since is None or row.presented_at > since}
        if len(counted) >= offer.cap_count:
            return Reason.CAPPED
    return None
