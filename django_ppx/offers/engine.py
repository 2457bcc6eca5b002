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

from django_ppx.offers.compiled import Assignment, CompiledOffer, Snapshot
from django_ppx.offers.holdouts import assign_quarter
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
    HELD_OUT_OF_ALL = "held_out_of_all"
    HELD_OUT = "held_out"
    NO_VARIANT = "no_variant"
    DISPLACED = "displaced"
    PAGE_LIMIT = "page_limit"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of one offer. `assignment` is set where it would have stood on the page."""

    offer: CompiledOffer
    reason: Reason
    assignment: Assignment | None = None

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
    return Decision(tuple(_walk(snapshot, snapshot.offers, moment, limit=limit)))


def choose(snapshot: Snapshot, moment: Moment, *, limit: int) -> tuple[Verdict, ...]:
    """Return the verdicts of `decide` on what is shown, and on what is not because an experiment holds it back.

    There is no look at offers that can't be shown any more: the cost grows with the number of distinct audiences, not
    with the number of offers.
    """
    chosen: list[Verdict] = []
    shown = 0
    for verdict in _walk(snapshot, _candidates(snapshot, moment), moment, limit=limit):
        if verdict.assignment is not None:
            chosen.append(verdict)
        if verdict.is_shown:
            shown += 1
            if shown >= limit or verdict.offer.page_behaviour != "stack":
                break
        elif verdict.reason is Reason.HELD_OUT_OF_ALL:
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


def _walk(
    snapshot: Snapshot, offers: Iterable[CompiledOffer], moment: Moment, *, limit: int
) -> Iterator[Verdict]:
    matched: dict[int, bool] = {}
    shown = 0
    is_closed = False
    quarter = assign_quarter(snapshot, moment) if snapshot.holdouts else None
    for offer in offers:
        reason, assignment = _gate(offer, moment, matched), None
        if reason is Reason.SHOWN:
            if is_closed or (shown and offer.page_behaviour != "stack"):
                reason = Reason.DISPLACED
            elif shown >= limit:
                reason = Reason.PAGE_LIMIT
            elif (
                quarter is not None and quarter.is_held_out and not moment.presented_here(offer.id)
            ):
                reason, assignment = Reason.HELD_OUT_OF_ALL, quarter
            else:
                assignment = offer.assign(moment)
                if assignment.variant is not None:
                    shown += 1
                    is_closed = offer.page_behaviour != "stack"
                elif assignment.is_held_out:
                    reason = Reason.HELD_OUT
                else:
                    reason, assignment = Reason.NO_VARIANT, None
        yield Verdict(offer, reason, assignment)


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
