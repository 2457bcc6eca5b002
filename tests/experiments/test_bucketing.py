from __future__ import annotations

import pytest

from django_ppx.experiments.bucketing import bucket, pick


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
