"""Who sees which variant. Pure: standard library only.

Assignment is a hash, not a draw: the same unit and salt give the same variant on any machine, and two salts are
independent (MEASUREMENT 3; a CRC would make two experiments correlate completely).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

_SPACE: Final = 2**64


def bucket(salt: str, unit: str) -> float:
    """Return a number in [0, 1): the first 8 bytes of SHA-256 of `salt:unit`, over 2^64.

    bucket("salt", "unit") is 0.4032… on every platform.
    """
    return int.from_bytes(sha256(f"{salt}:{unit}".encode()).digest()[:8], "big") / _SPACE


def pick(salt: str, unit: str, weights: Sequence[int]) -> int | None:
    """Return the index of the variant that `unit` falls into, by cumulative weight; None if all weights are 0.

    pick("salt", "unit", [1, 1]) is 0, as bucket("salt", "unit") is below one half.
    """
    total = sum(weights)
    if total <= 0:
        return None
    target = bucket(salt, unit) * total
    reached = 0
    for index, weight in enumerate(weights):
        reached += weight
        if target < reached:
            return index
    return max(index for index, weight in enumerate(weights) if weight)
