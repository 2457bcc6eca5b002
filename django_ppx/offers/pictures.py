"""Pictures that staff upload: looked at by content, made small and harmless before they are stored (GUARD 4)."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import IO, Any, Final

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
MAX_SIDE: Final = 1600
"""Pixels of the longer side of what is stored; a card is at most half as wide."""
_FORMATS: Final = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "WEBP": ("webp", "image/webp"),
}


def clean_picture(upload: IO[bytes], *, size: int, max_side: int = MAX_SIDE) -> SimpleUploadedFile:
    """Return the picture re-encoded: upright, within `max_side`, without metadata, under a random name.

    :raises ValidationError: when it is no JPEG, PNG or WebP by content, or is too large in bytes or pixels.
    """
    if size > MAX_BYTES:
        raise ValidationError(_("The picture is larger than 10 MB."), code="picture_bytes")
    upload.seek(0)
    try:
        with Image.open(upload, formats=tuple(_FORMATS)) as image:
            # The formats allowed to open are not those found: a JPEG may turn out to be an MPO.
            found = "JPEG" if image.format == "MPO" else str(image.format)
            if found not in _FORMATS:
                raise ValidationError(_UNREADABLE, code="picture_format")
            if image.width * image.height > MAX_PIXELS:
                raise ValidationError(_("The picture has too many pixels."), code="picture_pixels")
            return _encode(image, found, max_side)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(_UNREADABLE, code="picture_format") from error


def as_data_url(picture: SimpleUploadedFile) -> str:
    """Return a cleaned picture as a `data:` address, for a preview that stores nothing."""
    picture.seek(0)
    encoded = base64.b64encode(picture.read()).decode()
    picture.seek(0)
    return f"data:{picture.content_type};base64,{encoded}"


_UNREADABLE: Final = _("Upload a JPEG, PNG or WebP picture.")


def _encode(image: Image.Image, found: str, max_side: int) -> SimpleUploadedFile:
    suffix, content_type = _FORMATS[found]
    upright: Any = ImageOps.exif_transpose(image)
    if found == "JPEG":
        upright = upright.convert("RGB")
    elif upright.mode not in {"RGB", "RGBA"}:
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    upright.thumbnail((max_side, max_side))
    # A new image takes over the pixels alone, and none of what was written beside them.
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    made = BytesIO()
    options = {"quality": 88} if found in {"JPEG", "WEBP"} else {"optimize": True}
    bare.save(made, format=found, **options)
    name = f"{get_random_string(24).lower()}.{suffix}"
    return SimpleUploadedFile(name, made.getvalue(), content_type=content_type)
