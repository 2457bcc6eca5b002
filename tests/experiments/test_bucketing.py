from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.experiments.bucketing import bucket, cut_slots, find_slot, pick


def test_the_bucket_is_the_documented_number():
    assert bucket("salt", "unit") == pytest.approx(0.4032592391545091, abs=1e-16)


def test_weights_are_shares_of_the_units():
    picked = [pick("s", str(unit), [3, 1]) for unit in range(20_000)]

    assert picked.count(1) / 20_000 == pytest.approx(0.25, abs=0.01)


def test_two_salts_are_independent():
    both = sum(pick("a", str(u), [1, 1]) == pick("b", str(u), [1, 1]) for u in range(20_000))

    assert both / 20_000 == pytest.approx(0.5, abs=0.015)


def test_a_variant_of_weight_zero_is_never_picked():
    assert {pick("s", str(unit), [0, 1, 0]) for unit in range(200)} == {1}


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_without_weight_nothing_is_picked(weights):
    assert pick("s", "u", weights) is None


def test_a_slot_is_filled_from_its_beginning():
    half = cut_slots([1, 1], coverage_percent=50)

    assert half == ((0, 2**62), (2**63, 2**63 + 2**62))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(sum))
def test_the_slots_of_full_coverage_leave_nobody_out(weights):
    slots = cut_slots(weights)

    assert slots[0][0] == 0
    assert slots[-1][1] == 2**64
    assert all(end == start for (_, end), (start, _) in pairwise(slots))


@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=6).filter(sum),
    st.tuples(st.integers(1, 100), st.integers(1, 100)).map(sorted),
    st.text(max_size=10),
)
def test_raising_the_coverage_moves_nobody(weights, coverage, unit):
    low, high = (cut_slots(weights, coverage_percent=percent) for percent in coverage)

    before, after = find_slot("salt", unit, low), find_slot("salt", unit, high)

    assert before is None or before == after


def test_without_a_weight_there_are_no_slots():
    with pytest.raises(ValueError, match="no arm has a weight"):
        cut_slots([0, 0])
