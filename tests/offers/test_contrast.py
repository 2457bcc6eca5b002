"""Contrast of colours."""

from __future__ import annotations

import pytest

from django_ppx.offers.contrast import contrast_ratio, mix, nearest_readable, readable_on


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        # The examples that the working group itself gives for 4.5 : 1 on white.
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_ratios_are_those_of_wcag(first: str, second: str, ratio: float) -> None:
    assert contrast_ratio(first, second) == pytest.approx(ratio, abs=0.005)
    assert contrast_ratio(second, first) == contrast_ratio(first, second)


@pytest.mark.parametrize(
    ("background", "expected"), [("#0b6a54", "#ffffff"), ("#ffd43b", "#000000")]
)
def test_what_stands_on_a_colour_is_black_or_white(background: str, expected: str) -> None:
    assert readable_on(background) == expected


@pytest.mark.parametrize("step", range(0, 256, 5))
def test_one_of_black_and_white_can_always_be_read(step: int) -> None:
    grey = f"#{step:02x}{step:02x}{step:02x}"

    assert contrast_ratio(readable_on(grey), grey) >= 4.5


def test_a_colour_that_can_be_read_is_its_own_suggestion() -> None:
    assert nearest_readable("#0B6A54", against="#ffffff", minimum=4.5) == "#0b6a54"


@pytest.mark.parametrize("color", ["#ffd43b", "#91a7ff", "#808080", "#00ff00"])
@pytest.mark.parametrize("against", ["#ffffff", "#1e1f24", "#8a8a8a"])
@pytest.mark.parametrize("minimum", [3.0, 4.5])
def test_a_suggestion_can_be_read(color: str, against: str, minimum: float) -> None:
    found = nearest_readable(color, against=against, minimum=minimum)

    assert contrast_ratio(found, against) >= minimum


def test_a_mixture_lies_between_its_parts() -> None:
    assert mix("#000000", "#ffffff", share=0.5) == "#808080"
