"""What a file is stands in its content."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, features

from django_ppx.ugc.sniffing import Type, sniff
from tests.ugc.movie_files import ftyp, movie, webm
from tests.ugc.picture_files import encoded, scene


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (encoded(scene(), "JPEG"), Type.JPEG),
        (encoded(scene(), "PNG"), Type.PNG),
        (encoded(scene(), "WEBP"), Type.WEBP),
        (movie(), Type.MP4),
        (movie(brands=(b"qt  ",)), Type.MOV),
        (webm(), Type.WEBM),
        (ftyp(b"M4A "), None),
        (b"", None),
        (encoded(scene(), "GIF"), None),
    ],
)
@pytest.mark.parametrize("claimed", ["image/jpeg", "video/mp4", "text/html"])
def test_neither_name_nor_claim_decides(content: bytes, kind: Type | None, claimed: str) -> None:
    upload = SimpleUploadedFile("a.gif", content, claimed)

    assert sniff(upload) is kind
    assert upload.tell() == 0


def test_photos_and_videos_are_told_apart() -> None:
    assert {kind for kind in Type if kind.is_video} == {Type.MP4, Type.MOV, Type.WEBM}
    assert all(kind.is_photo is not kind.is_video for kind in Type)


@pytest.mark.parametrize("brands", [(b"heic", b"mif1"), (b"mif1", b"heic")])
def test_heic_is_known_where_pillow_opens_it(
    brands: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = SimpleUploadedFile("a.heic", ftyp(*brands))
    Image.init()
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)

    assert sniff(upload) is None
    monkeypatch.setitem(Image.OPEN, "HEIF", (None, None))
    assert sniff(upload) is Type.HEIC


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_known_where_pillow_opens_it() -> None:
    assert sniff(SimpleUploadedFile("a.jpg", encoded(scene(), "AVIF"))) is Type.AVIF
