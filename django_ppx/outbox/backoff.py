"""How long to wait before a mail is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

MOST_ATTEMPTS: Final = 11
"""The last one comes 2.8 to 3.4 days after the first."""

FIRST_PAUSE: Final = timedelta(minutes=4)
WIDEST_SPREAD: Final = 0.2


def pause_after(attempts: int, *, spread: float) -> timedelta:
    """Return how long to wait after so many attempts: 4 minutes, doubled each time, up to a fifth longer.

    `spread`, from 0 to 1, says how much of that fifth, so that what failed together is not tried together.
    """
    times: int = 2 ** (attempts - 1)
    return FIRST_PAUSE * times * (1 + WIDEST_SPREAD * spread)
