"""A small round of the fuzzing in tests/api/fuzz.py; the large one is run by hand."""

from __future__ import annotations

from typing import Any

import pytest

from django_ppx.testing import FakeShop
from tests.api.fuzz import Tally, fuzz
from tests.api.world import World


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::hypothesis.errors.HypothesisWarning"
)
def test_what_the_description_allows_and_forbids_is_answered_as_it_says(settings: Any) -> None:
    tally = Tally()

    fuzz({"token": 2, "key": 2, "staff": 2}, seed=1, world=World(settings), tally=tally)

    FakeShop.clear()
    assert tally.failures == {}
    assert tally.count > 200
