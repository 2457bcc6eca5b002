"""What the entries of a reward come to. Pure: no Django, no database, no clock.

A reward opens `promised` or `issued`; each entry is one step. Two things are never undone silently: what a customer has
used stays `redeemed`, and is flagged for staff when the order that earned it was undone; and a reward never grows.

    promised ── vested ── issued ── redeemed
        └───────────┴────────┴── reversed | expired (issued alone)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django_ppx.exceptions import PpxError

WHOLE: Final = 1_000_000
"""Parts per million: the share of a reward that nothing was taken from."""

STATUSES: Final = ("promised", "vested", "issued", "redeemed", "reversed", "expired")

UNDONE_AFTER_USE: Final = "undone_after_use"
REDUCED_AFTER_USE: Final = "reduced_after_use"
NOT_DELIVERED: Final = "not_delivered"


class StepNotPossible(PpxError):
    """A reward in this state can't take this step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RewardState:
    """Where a reward stands. `flag` says what staff have to look at; "" is nothing."""

    status: str
    kept_ppm: int = WHOLE
    flag: str = ""

    @property
    def is_outstanding(self) -> bool:
        """Whether the shop still owes it."""
        return self.status in {"promised", "vested", "issued"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One entry, as far as it changes the state. `kept_ppm` is what is left after a reduction."""

    kind: str
    kept_ppm: int | None = None


def replay(opened_as: str, steps: Iterable[Step]) -> RewardState:
    """Return the state after all steps, in their order.

    :raises StepNotPossible: when one of them could not have happened.
    """
    state = RewardState(status=opened_as)
    for step in steps:
        state = apply(state, step)
    return state


def apply(state: RewardState, step: Step) -> RewardState:
    """Return the state after one step.

    :raises StepNotPossible: when the state has no such step.
    """
    if step.kind == "reduced":
        return _reduced(state, step)
    if step.kind == "reversed":
        return _reversed(state)
    if step.kind == "released":
        return _released(state)
    if step.kind == "redeemed":
        return _redeemed(state, step)
    if step.kind == "extended":
        return _extended(state)
    if step.kind == "resolved":
        return replace(state, flag="")
    if step.kind == "undelivered":
        _need(state, step, "issued")
        return replace(state, flag=NOT_DELIVERED)
    before, after = _SIMPLE[step.kind]
    _need(state, step, *before)
    return replace(state, status=after)


_SIMPLE: Final = {
    "vested": (("promised",), "vested"),
    "issued": (("vested",), "issued"),
    "expired": (("issued",), "expired"),
}


def _extended(state: RewardState) -> RewardState:
    """Note new limits of its code; what had expired can be used again."""
    if state.status == "reversed":
        raise StepNotPossible("A reward that was taken back stays so.")
    return replace(state, status="issued") if state.status == "expired" else state


def _redeemed(state: RewardState, step: Step) -> RewardState:
    """Use it. An order that had reserved the code may do so after it expired or was taken back."""
    if state.status == "reversed":
        return replace(state, status="redeemed", flag=UNDONE_AFTER_USE)
    _need(state, step, "issued", "expired")
    return replace(state, status="redeemed", flag="")


def _reduced(state: RewardState, step: Step) -> RewardState:
    kept = step.kept_ppm
    if kept is None or not 0 <= kept < state.kept_ppm:
        raise StepNotPossible("A reduction leaves less than there was.")
    if state.status == "redeemed":
        flag = UNDONE_AFTER_USE if state.flag == UNDONE_AFTER_USE else REDUCED_AFTER_USE
        return replace(state, kept_ppm=kept, flag=flag)
    _need(state, step, "promised", "vested", "issued")
    return replace(state, kept_ppm=kept)


def _reversed(state: RewardState) -> RewardState:
    if state.status == "redeemed":
        if state.flag == UNDONE_AFTER_USE:
            raise StepNotPossible("It is flagged already.")
        return replace(state, flag=UNDONE_AFTER_USE)
    _need(state, Step(kind="reversed"), "promised", "vested", "issued", "expired")
    return replace(state, status="reversed", flag="")


def _released(state: RewardState) -> RewardState:
    """Give the use back; what was undone meanwhile is then taken back after all."""
    _need(state, Step(kind="released"), "redeemed")
    if state.flag == UNDONE_AFTER_USE:
        return replace(state, status="reversed", flag="")
    flag = "" if state.flag == REDUCED_AFTER_USE else state.flag
    return replace(state, status="issued", flag=flag)


def _need(state: RewardState, step: Step, *statuses: str) -> None:
    if state.status not in statuses:
        raise StepNotPossible(f"A reward that is {state.status} can't be {step.kind}.")
