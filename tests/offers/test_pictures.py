"""What becomes of the pictures that staff upload."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from django_ppx.offers import pictures
from django_ppx.offers.pictures import as_data_url, clean_picture


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **options: Any) -> BytesIO:
    made = BytesIO()
    Image.new("RGB", size, "#0b6a54").save(made, format=kind, **options)
    return made


def cleaned(upload: BytesIO) -> Image.Image:
    return Image.open(clean_picture(upload, size=len(upload.getvalue())))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_keeps_its_format_and_gets_a_random_name(kind: str) -> None:
    upload = picture(kind)

    made = clean_picture(upload, size=10)

    assert Image.open(made).format == kind
    assert made.name is not None
    assert len(made.name.split(".")[0]) == 24


def test_metadata_are_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "taken at home"

    made = cleaned(picture(exif=exif))

    assert made.size == (20, 40)
    assert dict(made.getexif()) == {}


def test_a_large_picture_is_made_smaller() -> None:
    assert cleaned(picture(size=(3200, 800))).size == (1600, 400)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused_whatever_they_are_called(kind: str) -> None:
    with pytest.raises(ValidationError, match="JPEG, PNG or WebP"):
        clean_picture(picture(kind), size=10)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValidationError, match="JPEG, PNG or WebP"):
        clean_picture(BytesIO(b"<svg onload=alert(1)>"), size=10)


def test_a_picture_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(ValidationError, match="10 MB"):
        clean_picture(picture(), size=pictures.MAX_BYTES + 1)


def test_a_picture_of_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 799)

    with pytest.raises(ValidationError, match="too many pixels"):
        clean_picture(picture(size=(40, 20)), size=10)


def test_a_preview_needs_no_storage() -> None:
    assert as_data_url(clean_picture(picture("PNG"), size=10)).startswith("data:image/png;base64,")
