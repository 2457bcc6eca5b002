from __future__ import annotations

import pytest

from django_ppx.rewards.space import characters_needed, is_crowded, most_live, random_characters


@pytest.mark.parametrize(
    ("shape", "most"),
    [("#" * 8, 85), ("SPRING" + "#" * 8, 85), ("#" * 9, 2_643), ("#" * 12, 78_766_278)],
)
def test_one_code_in_ten_thousand_million_may_be_live(shape: str, most: int) -> None:
    assert most_live(shape) == most
    assert not is_crowded(shape, live=most)
    assert is_crowded(shape, live=most + 1)


@pytest.mark.parametrize(
    ("live", "needed"),
    [(0, 8), (85, 8), (86, 9), (2_643, 9), (2_644, 10), (1_000_000, 11), (78_766_279, 13)],
)
def test_as_many_characters_are_asked_for_as_the_codes_need(live: int, needed: int) -> None:
    assert characters_needed(live) == needed


def test_fixed_characters_are_not_random() -> None:
    assert random_characters("A##B##") == 4
