"""How many codes may be live before guessing one is worth trying. Pure.

A guess hits with the probability live codes / possible codes. At most 1e-10 of them may be live: at 10,000 guesses a
minute one then hits in 1,900 years. With 12 random characters (31¹² = 7.9e17) that is 78,766,278 codes, with 8 only 85.
"""

from __future__ import annotations

from typing import Final

from django_ppx.rewards.alphabet import ALPHABET, RANDOM, space_of

RAREST: Final = 10**10
"""Possible codes there must be for each live one."""

FEWEST_RANDOM: Final = 8
"""Random characters that a pattern needs, whatever little is made of it."""


def random_characters(shape: str) -> int:
    """Return how many characters of the shape are drawn: 12 for "THANKS############"."""
    return shape.count(RANDOM)


def is_crowded(shape: str, *, live: int) -> bool:
    """Return whether so many live codes of this shape could be guessed."""
    return live * RAREST > space_of(shape)


def most_live(shape: str) -> int:
    """Return how many codes of this shape may be live at once: 85 for 8 random characters."""
    return space_of(shape) // RAREST


def characters_needed(live: int) -> int:
    """Return how many random characters so many live codes need: 9 for 86 of them; never fewer than 8."""
    needed = FEWEST_RANDOM
    while live * RAREST > len(ALPHABET) ** needed:
        needed += 1
    return needed
