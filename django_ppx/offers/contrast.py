"""Contrast of colours after WCAG 2.2. Pure: `#rrggbb` in and out, no Django.

Relative luminance and contrast ratio: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance and #dfn-contrast-ratio.
White on black is 21; #767676 on white is 4.54, the lightest grey that text may have there.
"""

from __future__ import annotations

import colorsys
from typing import Final

TEXT_MINIMUM: Final = 4.5
"""WCAG 1.4.3 (AA): text against what is behind it."""
SHAPE_MINIMUM: Final = 3.0
"""WCAG 1.4.11 (AA): the edges of buttons and fields, and icons."""

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
_STEPS: Final = 200


def contrast_ratio(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 (the same) to 21 (black and white)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(background: str) -> str:
    """Return black or white, whichever is read more easily on `background`. One of them always reaches 4.5."""
    return max((WHITE, BLACK), key=lambda color: contrast_ratio(color, background))


def nearest_readable(color: str, *, against: str, minimum: float) -> str:
    """Return the colour of the same hue nearest in lightness that has the `minimum` contrast with `against`.

    Black or white where no lightness of that hue reaches it.
    """
    if contrast_ratio(color, against) >= minimum:
        return color.lower()
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(color)))
    for step in range(1, _STEPS + 1):
        for candidate in (lightness - step / _STEPS, lightness + step / _STEPS):
            if 0 <= candidate <= 1:
                found = _hex(colorsys.hls_to_rgb(hue, candidate, saturation))
                if contrast_ratio(found, against) >= minimum:
                    return found
    return readable_on(against)


def mix(first: str, second: str, *, share: float) -> str:
    """Return `share` (0 to 1) of `first` mixed with the rest of `second`, in sRGB."""
    pairs = zip(_parts(first), _parts(second), strict=True)
    return _hex(tuple((one * share + other * (1 - share)) / 255 for one, other in pairs))


def _luminance(color: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
