"""A theme as the stylesheet that sets the `--ppx-*` of ppx.css, and the faults of its colours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from django_ppx.offers.contrast import (
    SHAPE_MINIMUM,
    TEXT_MINIMUM,
    contrast_ratio,
    mix,
    nearest_readable,
    readable_on,
)
from django_ppx.offers.models import Theme

_FONTS: Final[Mapping[str, str]] = {
    "host": "inherit",
    "sans": 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
    "serif": 'Charter, "Bitstream Charter", Georgia, Cambria, "Times New Roman", serif',
    "mono": 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
}
_SPACES: Final[Mapping[str, str]] = {"tight": ".75em", "normal": "1em", "airy": "1.35em"}
_SUCCESS: Final = ("#0b6a3a", "#7fdba6")
_DANGER: Final = ("#b3261e", "#ffb4a9")


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """The three colours that staff choose for one scheme."""

    accent: str
    surface: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ColorFault:
    """One colour that can't be read: which field, on what, how much it has and needs, and what would do."""

    field: str
    against: str
    ratio: float
    minimum: float
    suggestion: str


def light_palette(theme: Theme) -> Palette:
    return Palette(accent=theme.accent, surface=theme.surface, text=theme.text)


def dark_palette(theme: Theme) -> Palette:
    return Palette(accent=theme.dark_accent, surface=theme.dark_surface, text=theme.dark_text)


def color_faults(palette: Palette, *, prefix: str = "") -> Iterator[ColorFault]:
    """Yield what is wrong with a palette; `prefix` is put before the names of its fields.

    Text needs 4.5 : 1 on the surface; the accent 3 : 1, because buttons and icons have to stand out from it. What is
    written on the accent is black or white, one of which always has 4.5 : 1.
    """
    wanted = (("text", palette.text, TEXT_MINIMUM), ("accent", palette.accent, SHAPE_MINIMUM))
    for field, color, minimum in wanted:
        ratio = contrast_ratio(color, palette.surface)
        if ratio < minimum:
            yield ColorFault(
                field=prefix + field,
                against=palette.surface,
                ratio=ratio,
                minimum=minimum,
                suggestion=nearest_readable(color, against=palette.surface, minimum=minimum),
            )


def stylesheet(theme: Theme) -> str:
    """Return the CSS of `theme`. It has no specificity, so that every rule of the shop's own wins.

    Every value is checked or comes from a table of ours: nothing that staff typed reaches the stylesheet as text.
    """
    shape = {
        "--ppx-radius": f"{int(theme.radius)}px",
        "--ppx-space": _SPACES.get(theme.spacing, _SPACES["normal"]),
        "--ppx-font": _FONTS.get(theme.font, _FONTS["host"]),
    }
    light = _colors(light_palette(theme), is_dark=False)
    css = _rule({**light, **shape})
    if not theme.has_dark_scheme:
        return css + ":where(.ppx) { color-scheme: light; }\n"
    dark = _colors(dark_palette(theme), is_dark=True)
    both = {name: f"light-dark({value}, {dark[name]})" for name, value in light.items()}
    # Browsers without light-dark() keep the light colours above.
    return f"{css}@supports (color: light-dark(#fff, #000)) {{\n{_rule(both)}}}\n"


def stylesheet_digest(css: str) -> str:
    """Return the short digest by which browsers keep a stylesheet: the same text, the same digest."""
    return hashlib.sha256(css.encode()).hexdigest()[:12]


def _colors(palette: Palette, *, is_dark: bool) -> dict[str, str]:
    """Return every colour of ppx.css: those that staff chose, and those that follow from them readably."""
    surface, text = palette.surface, palette.text
    tint = _tint(palette)
    return {
        "--ppx-accent": palette.accent,
        "--ppx-on-accent": readable_on(palette.accent),
        "--ppx-surface": surface,
        "--ppx-text": text,
        "--ppx-muted": nearest_readable(
            mix(text, surface, share=0.72), against=tint, minimum=TEXT_MINIMUM
        ),
        "--ppx-border": mix(text, surface, share=0.16),
        "--ppx-field-border": nearest_readable(
            mix(text, surface, share=0.5), against=tint, minimum=SHAPE_MINIMUM
        ),
        "--ppx-tint": tint,
        "--ppx-success": nearest_readable(_SUCCESS[is_dark], against=surface, minimum=TEXT_MINIMUM),
        "--ppx-danger": nearest_readable(_DANGER[is_dark], against=surface, minimum=TEXT_MINIMUM),
        "--ppx-focus": text,
    }


def _tint(palette: Palette) -> str:
    """Return the surface with a breath of the accent, as long as text and icons stay readable on it."""
    for share in (0.09, 0.06, 0.03):
        tint = mix(palette.accent, palette.surface, share=share)
        if (
            contrast_ratio(palette.text, tint) >= TEXT_MINIMUM
            and contrast_ratio(palette.accent, tint) >= SHAPE_MINIMUM
        ):
            return tint
    return palette.surface


def _rule(declarations: Mapping[str, str]) -> str:
    body = "".join(f"  {name}: {value};\n" for name, value in declarations.items())
    return f":where(:root) {{\n{body}}}\n"


def use_theme(*, theme: Theme) -> None:
    """Make `theme` the one that offers wear. Safe to run twice."""
    with transaction.atomic():
        Theme.objects.filter(is_active=True).exclude(pk=theme.pk).update(is_active=None)
        theme.is_active = True
        theme.save(update_fields=["is_active"])


def stop_using_theme(*, theme: Theme) -> None:
    """Let offers take the default look again, if they wear `theme`."""
    if theme.is_active:
        theme.is_active = None
        theme.save(update_fields=["is_active"])
