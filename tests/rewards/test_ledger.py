"""The pure ledger: which step each state has, what it comes to, and what no sequence of steps can do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.rewards.ledger import (
    NOT_DELIVERED,
    REDUCED_AFTER_USE,
    STATUSES,
    UNDONE_AFTER_USE,
    WHOLE,
    RewardState,
    Step,
    StepNotPossible,
    apply,
    replay,
)

FLAGS = ("", UNDONE_AFTER_USE, REDUCED_AFTER_USE, NOT_DELIVERED)
KINDS = (
    "vested",
    "issued",
    "redeemed",
    "released",
    "reduced",
    "reversed",
    "expired",
    "extended",
    "undelivered",
    "resolved",
)

MOVES = {
    ("promised", "vested"): "vested",
    ("vested", "issued"): "issued",
    ("issued", "redeemed"): "redeemed",
    ("expired", "redeemed"): "redeemed",
    ("reversed", "redeemed"): "redeemed",
    ("redeemed", "released"): "issued",
    ("promised", "reversed"): "reversed",
    ("vested", "reversed"): "reversed",
    ("issued", "reversed"): "reversed",
    ("expired", "reversed"): "reversed",
    ("redeemed", "reversed"): "redeemed",
    ("issued", "expired"): "expired",
    ("promised", "extended"): "promised",
    ("vested", "extended"): "vested",
    ("issued", "extended"): "issued",
    ("redeemed", "extended"): "redeemed",
    ("expired", "extended"): "issued",
    ("issued", "undelivered"): "issued",
    ("promised", "reduced"): "promised",
    ("vested", "reduced"): "vested",
    ("issued", "reduced"): "issued",
    ("redeemed", "reduced"): "redeemed",
    **{(status, "resolved"): status for status in STATUSES},
}
"""From which status which step leads where, for a reward without a flag."""

STEPS = st.lists(
    st.builds(Step, kind=st.sampled_from(KINDS), kept_ppm=st.none() | st.integers(-1, WHOLE + 1)),
    max_size=30,
)
OPENINGS = st.sampled_from(["promised", "issued"])


def step_of(kind: str, kept_ppm: int = 400_000) -> Step:
    return Step(kind=kind, kept_ppm=kept_ppm if kind == "reduced" else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_its_steps_and_no_others(status: str, kind: str) -> None:
    state = RewardState(status=status)

    if (status, kind) in MOVES:
        assert apply(state, step_of(kind)).status == MOVES[(status, kind)]
    else:
        with pytest.raises(StepNotPossible):
            apply(state, step_of(kind))


@pytest.mark.parametrize(
    ("status", "flag", "kind", "after", "flagged"),
    [
        ("redeemed", "", "reversed", "redeemed", UNDONE_AFTER_USE),
        ("redeemed", REDUCED_AFTER_USE, "reversed", "redeemed", UNDONE_AFTER_USE),
        ("redeemed", "", "reduced", "redeemed", REDUCED_AFTER_USE),
        ("redeemed", UNDONE_AFTER_USE, "reduced", "redeemed", UNDONE_AFTER_USE),
        ("redeemed", UNDONE_AFTER_USE, "released", "reversed", ""),
        ("redeemed", REDUCED_AFTER_USE, "released", "issued", ""),
        ("reversed", "", "redeemed", "redeemed", UNDONE_AFTER_USE),
        ("issued", "", "undelivered", "issued", NOT_DELIVERED),
        ("issued", NOT_DELIVERED, "redeemed", "redeemed", ""),
        ("issued", NOT_DELIVERED, "reversed", "reversed", ""),
        ("redeemed", UNDONE_AFTER_USE, "resolved", "redeemed", ""),
    ],
)
def test_staff_are_told_what_they_have_to_look_at(
    status: str, flag: str, kind: str, after: str, flagged: str
) -> None:
    state = apply(RewardState(status=status, flag=flag), step_of(kind))

    assert (state.status, state.flag) == (after, flagged)


def test_a_use_that_was_undone_is_told_once() -> None:
    with pytest.raises(StepNotPossible):
        apply(RewardState(status="redeemed", flag=UNDONE_AFTER_USE), step_of("reversed"))


@pytest.mark.parametrize("kept", [None, -1, 400_000, 400_001, WHOLE])
def test_a_reduction_leaves_less_than_there_was(kept: int | None) -> None:
    with pytest.raises(StepNotPossible):
        apply(RewardState(status="issued", kept_ppm=400_000), Step(kind="reduced", kept_ppm=kept))


@pytest.mark.parametrize("kept", [0, 399_999])
def test_a_reduction_may_leave_nothing(kept: int) -> None:
    state = RewardState(status="issued", kept_ppm=400_000)

    assert apply(state, Step(kind="reduced", kept_ppm=kept)).kept_ppm == kept


def test_what_was_used_up_and_given_back_twice_is_told_from_its_entries() -> None:
    kinds = ["vested", "issued", "redeemed", "released", "redeemed", "reversed", "released"]

    assert replay("promised", map(step_of, kinds)) == RewardState(status="reversed")


def test_a_replay_of_what_could_not_happen_fails() -> None:
    with pytest.raises(StepNotPossible):
        replay("promised", [step_of("redeemed")])


@given(OPENINGS, STEPS)
def test_whatever_happens_the_ledger_stays_what_it_promises(opened: str, steps: list[Step]) -> None:
    state, taken = RewardState(status=opened), []
    for step in steps:
        try:
            after = apply(state, step)
        except StepNotPossible:
            continue
        assert after.status in STATUSES
        assert after.flag in FLAGS
        assert 0 <= after.kept_ppm <= state.kept_ppm
        if state.status == "redeemed" and step.kind != "released":
            assert after.status == "redeemed"
        if state.status == "redeemed" and step.kind == "reversed":
            assert after.flag == UNDONE_AFTER_USE
        if state.status == "reversed" and step.kind == "redeemed":
            assert after.flag == UNDONE_AFTER_USE
        if after.flag == "" and state.flag != "":
            assert step.kind in {"resolved", "released", "redeemed", "reversed"}
        state = after
        taken.append(step)

    assert replay(opened, taken) == state


@given(OPENINGS, STEPS, st.integers(0, 30))
def test_a_replay_may_stop_anywhere_and_go_on(opened: str, steps: list[Step], at: int) -> None:
    taken, state = [], RewardState(status=opened)
    for step in steps:
        try:
            state = apply(state, step)
        except StepNotPossible:
            continue
        taken.append(step)
    half = replay(opened, taken[:at])

    for step in taken[at:]:
        half = apply(half, step)

    assert half == state
