"""Links as QR codes: black on white whatever the page looks like, for packing slips and parcels."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(url: str, *, title: str) -> SafeString:
    """Return an inline SVG of the address, with the quiet zone that scanners want. It grows with its box.

    A slip gets creased: a quarter of it may be unreadable (level Q).
    """
    code = segno.make(url, micro=False, error="q", boost_error=False)
    drawn = code.svg_inline(
        border=4,
        omitsize=True,
        dark="#000",
        light="#fff",
        title=title,
        svgclass="ppx-qr",
        lineclass="",
    )
    # `segno` writes numbers and escapes the title.
    return mark_safe(drawn.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308
