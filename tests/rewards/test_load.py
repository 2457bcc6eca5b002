"""Eight processes do everything at once for three seconds. 32 of them for a minute are `make bench ONLY=mixed`."""

from __future__ import annotations

import pytest

from tests.rewards.load import run_kills, run_load

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("is_hosted", [False, True], ids=["alone", "in the host's transaction"])
def test_everything_at_once_fits_together(is_hosted: bool) -> None:
    result = run_load(processes=8, seconds=3, is_hosted=is_hosted)

    assert result.wrong == []
    assert result.operations > 50


def test_what_a_killed_process_was_answered_stands() -> None:
    result = run_kills(kills=16, processes=4)

    assert result.wrong == []
    assert result.operations > 10
