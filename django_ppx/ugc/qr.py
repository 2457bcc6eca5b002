"""Links as QR codes: black on white whatever the page looks like, for packing slips and parcels."""

from __future__ import annotations

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(url: str, *, title: str) -> SafeString:
    """Return an inline SVG of the address, with the quiet zone that scanners want. It grows with its box."""
    drawn = _code(url).svg_inline(
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


def qr_svg_file(url: str, *, title: str) -> bytes:
    """Return the same as a file, to be printed: a millimetre for each of its squares, about six centimetres a side."""
    made = BytesIO()
    _code(url).save(made, kind="svg", border=4, unit="mm", dark="#000", light="#fff", title=title)
    return made.getvalue()


def _code(url: str) -> segno.QRCode:
    # A slip gets creased: a quarter of it may be unreadable (level Q).
    return segno.make(url, micro=False, error="q", boost_error=False)
