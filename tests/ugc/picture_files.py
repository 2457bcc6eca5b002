"""Pictures, encoded in memory, and the blocks that may stand beside their pixels."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageDraw


def scene(width: int = 96, height: int = 64, seed: int = 0) -> Image.Image:
    """Return a picture with shapes, no two seeds alike."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number in range(6):
        value = (seed + 1) * 7919 + number * 104_729
        x, y = value % width, value // 7 % height
        colour = (value % 256, value // 3 % 256, value // 11 % 256)
        draw.ellipse((x - width // 5, y - height // 5, x + width // 5, y + height // 5), colour)
    return image


def encoded(image: Image.Image, format_: str = "JPEG", **options: Any) -> bytes:
    made = BytesIO()
    image.save(made, format=format_, **options)
    return made.getvalue()


def exif(text: bytes = b"", orientation: int = 1) -> bytes:
    """Return EXIF with an orientation, a comment, and a position in its GPS block."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = text.decode("latin-1")
    made.get_ifd(0x8825)[1] = "N"
    made.get_ifd(0x8825)[29] = text.decode("latin-1")
    return made.tobytes()


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    return jpeg[:2] + segment(marker, payload) + jpeg[2:]


def chunk(kind: bytes, payload: bytes) -> bytes:
    body = kind + payload
    return struct.pack(">I", len(payload)) + body + struct.pack(">I", zlib.crc32(body))


def with_chunk(png: bytes, kind: bytes, payload: bytes) -> bytes:
    return png[:33] + chunk(kind, payload) + png[33:]


def flat_png(width: int, height: int, *, rows: int = 1) -> bytes:
    """Return a grey PNG of any size in few bytes; only `rows` rows of it are really there."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 1) * rows), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def resized_header(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG that claims other sides than it has."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def riff_chunk(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def with_riff_chunk(webp: bytes, kind: bytes, payload: bytes) -> bytes:
    body = webp[8:] + riff_chunk(kind, payload)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
