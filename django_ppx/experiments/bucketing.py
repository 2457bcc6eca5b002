"""Who sees which variant. Pure: standard library only.

Assignment is a hash, not a draw: the same unit and salt give the same variant on any machine, and two salts are
independent (MEASUREMENT 3; a CRC would make two experiments correlate completely).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, TypeAlias

_SPACE: Final = 2**64

Slots: TypeAlias = tuple[tuple[int, int], ...]
"""Where each arm begins and ends (exclusively) among the 2^64 places of a hash. An arm may be empty."""


def bucket(salt: str, unit: str) -> float:
    """Return a number in [0, 1): the first 8 bytes of SHA-256 of `salt:unit`, over 2^64.

    bucket("salt", "unit") is 0.4032… on every platform.
    """
    return _place(salt, unit) / _SPACE


def pick(salt: str, unit: str, weights: Sequence[int]) -> int | None:
    """Return the index of the variant that `unit` falls into, by cumulative weight; None if all weights are 0.

    pick("salt", "unit", [1, 1]) is 0, as bucket("salt", "unit") is below one half.
    """
    return find_slot(salt, unit, cut_slots(weights)) if sum(weights) > 0 else None


def cut_slots(weights: Sequence[int], *, coverage_percent: int = 100) -> Slots:
    """Return the slots of arms by cumulative weight, each filled from its beginning to `coverage_percent`.

    An arm that covers more keeps everybody it has: raising the coverage moves nobody. Of [1, 1] at 50 %, the first arm
    has the first quarter of the places and the second arm the third.

    :raises ValueError: when no weight is above zero.
    """
    total = sum(weights)
    if total <= 0:
        raise ValueError("no arm has a weight")
    slots, reached = [], 0
    for weight in weights:
        start, end = reached * _SPACE // total, (reached + weight) * _SPACE // total
        slots.append((start, start + (end - start) * coverage_percent // 100))
        reached += weight
    return tuple(slots)


def find_slot(salt: str, unit: str, slots: Slots) -> int | None:
    """Return the index of the arm that `unit` falls into; None when it falls between them."""
    place = _place(salt, unit)
    for index, (start, end) in enumerate(slots):
        if start <= place < end:
            return index
    return None


def _place(salt: str, unit: str) -> int:
    return int.from_bytes(sha256(f"{salt}:{unit}".encode()).digest()[:8], "big")
