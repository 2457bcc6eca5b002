"""Whether two pictures are the same picture: a perceptual hash. No Django.

The DCT hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), 3.2.1: shrink to
32 × 32 greys, take the 8 × 8 lowest frequencies but the constant one, and note which lie above their median.
"""

from __future__ import annotations

import math
from statistics import median
from typing import Final

from PIL import Image

DUPLICATE_DISTANCE: Final = 10
"""Two fingerprints that differ in at most so many of 64 bits are of one picture, as a rule.

Compressed anew or scaled, a picture moves by 0 to 4 bits, cropped by 2 % a side by up to 10; unrelated ones differ by
about 32, and 10 or less happens to a pair of them about once in 10^8 (binomial, n = 64, p = 1/2).
"""

_SIDE: Final = 32
_KEPT: Final = 8
_BITS: Final = 64
_COSINES: Final = tuple(
    tuple(math.cos(math.pi * (2 * x + 1) * u / (2 * _SIDE)) for x in range(_SIDE))
    for u in range(1, _KEPT + 1)
)


def fingerprint(image: Image.Image) -> int:
    """Return the 64 bits as a signed number, as a `BigIntegerField` holds it. The picture stands upright."""
    grey = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    pixels = grey.tobytes()
    rows = [pixels[at : at + _SIDE] for at in range(0, _SIDE * _SIDE, _SIDE)]
    across = [[sum(map(_times, row, cosines)) for cosines in _COSINES] for row in rows]
    columns = list(zip(*across, strict=True))
    # Rounded, so that a plain surface is all zeroes on every machine.
    values = [
        round(sum(map(_times, column, cosines)), 3) for cosines in _COSINES for column in columns
    ]
    middle = median(values)
    bits = 0
    for value in values:
        bits = bits << 1 | (value > middle)
    return bits - (1 << _BITS) if bits >> (_BITS - 1) else bits


def distance(a: int, b: int) -> int:
    """Return in how many of 64 bits two fingerprints differ."""
    return ((a ^ b) & ((1 << _BITS) - 1)).bit_count()


def _times(a: float, b: float) -> float:
    return a * b
