"""The largest picture of each kind that is taken, for the test of memory."""

from __future__ import annotations

from PIL import Image

from tests.ugc.picture_files import encoded


def make(kind: str) -> bytes:
    """Return a file of as many pixels as may be; plain surfaces, so that making it takes no time."""
    size = (4992, 3200) if kind == "webp" else (8000, 5000)
    modes = {"cmyk": "CMYK", "rgba": "RGBA", "sixteen": "I;16", "palette": "P", "webp": "RGBA"}
    image = Image.new(modes.get(kind, "RGB"), size, 77)
    if kind == "webp":
        return encoded(image, "WEBP", method=0)
    if kind in {"jpeg", "progressive", "cmyk"}:
        return encoded(image, "JPEG", progressive=kind == "progressive")
    return encoded(image, "PNG", compress_level=1)
