"""Photos as they are stored: upright, in sRGB, on white, in three sizes, and nothing of the upload beside them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from django_ppx.ugc.pictures import MAX_PIXELS, Picture, prepare_picture
from django_ppx.ugc.refusals import FileRefused
from django_ppx.ugc.sniffing import Type
from tests.ugc.picture_files import encoded, exif, scene, srgb_profile

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 200, 40), (30, 30, 220), (128, 128, 128)
ROOT = Path(__file__).resolve().parents[2]


def prepare(content: bytes, max_bytes: int = 10_000_000) -> Picture:
    return prepare_picture(ContentFile(content), max_bytes=max_bytes)


def opened(picture: Picture, size: str = "full", format_: str = "jpeg") -> Image.Image:
    content = next(
        file.content for file in picture.files if (file.size, file.format) == (size, format_)
    )
    return Image.open(BytesIO(content))


def corners(image: Image.Image) -> list[Any]:
    """Return the nearest of four colours at the corners, clockwise from the upper left."""
    width, height = image.size
    places = [(8, 8), (width - 8, 8), (width - 8, height - 8), (8, height - 8)]
    colours = {"R": RED, "G": GREEN, "B": BLUE, "-": GREY}
    found = []
    for place in places:
        pixel = image.convert("RGB").getpixel(place)
        near = {
            name: sum((a - b) ** 2 for a, b in zip(colour, pixel, strict=True))
            for name, colour in colours.items()
        }
        found.append(min(near, key=lambda name: near[name]))
    return found


def quarters() -> Image.Image:
    image = Image.new("RGB", (120, 80), RED)
    image.paste(GREEN, (60, 0, 120, 40))
    image.paste(BLUE, (60, 40, 120, 80))
    image.paste(GREY, (0, 40, 60, 80))
    return image


@pytest.mark.parametrize(
    ("orientation", "size", "seen"),
    [
        (1, (120, 80), "RGB-"),
        (2, (120, 80), "GR-B"),
        (3, (120, 80), "B-RG"),
        (4, (120, 80), "-BGR"),
        (5, (80, 120), "R-BG"),
        (6, (80, 120), "-RGB"),
        (7, (80, 120), "BGR-"),
        (8, (80, 120), "GB-R"),
        (9, (120, 80), "RGB-"),
    ],
)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_pictures_stand_upright(
    format_: str, orientation: int, size: tuple[int, int], seen: str
) -> None:
    picture = prepare(encoded(quarters(), format_, exif=exif(orientation=orientation)))

    assert (picture.width, picture.height) == size
    assert "".join(corners(opened(picture))) == seen
    assert "".join(corners(opened(picture, "list", "webp"))) == seen


def test_there_are_three_sizes_in_two_formats() -> None:
    content = encoded(scene(3000, 1500), "JPEG")

    picture = prepare(content)

    assert [(file.size, file.format, file.width, file.height) for file in picture.files] == [
        ("list", "jpeg", 320, 160),
        ("list", "webp", 320, 160),
        ("gallery", "jpeg", 960, 480),
        ("gallery", "webp", 960, 480),
        ("full", "jpeg", 2048, 1024),
        ("full", "webp", 2048, 1024),
    ]
    assert (picture.width, picture.height) == (2048, 1024)
    assert picture.digest == hashlib.sha256(content).hexdigest()
    for file in picture.files:
        with Image.open(BytesIO(file.content)) as image:
            assert image.format == file.format.upper()
            assert image.size == (file.width, file.height)


def test_no_side_is_enlarged() -> None:
    picture = prepare(encoded(scene(400, 200), "PNG"))

    assert [(file.width, file.height) for file in picture.files[::2]] == [
        (320, 160),
        (400, 200),
        (400, 200),
    ]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = Image.new("L", (64, 64), 255).convert("RGB" if mode == "P" else "L").convert(mode)
    if mode == "I;16":
        image = Image.new(mode, (64, 64), 0x8000)

    picture = prepare(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))

    seen = opened(picture)
    assert seen.mode == "RGB"
    assert seen.getpixel((30, 30)) == ((128,) * 3 if mode == "I;16" else (255,) * 3)


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_white(format_: str) -> None:
    picture = prepare(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), format_))

    assert opened(picture).getpixel((30, 30)) == (255, 255, 255)


def test_a_transparent_palette_becomes_white() -> None:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])

    picture = prepare(encoded(image, "PNG", transparency=0))

    assert opened(picture).getpixel((30, 30)) == (255, 255, 255)


def test_colours_of_a_profile_become_srgb() -> None:
    # The same file with red and blue exchanged in its profile: "rXYZ" and "bXYZ" are entries of its table.
    profile = srgb_profile()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    red = Image.new("RGB", (64, 64), (255, 0, 0))

    plain = opened(prepare(encoded(red, "PNG", icc_profile=profile))).getpixel((30, 30))
    exchanged = opened(prepare(encoded(red, "PNG", icc_profile=swapped))).getpixel((30, 30))

    assert plain[0] > 250
    assert plain[2] < 5
    assert exchanged[2] > 250
    assert exchanged[0] < 5


def test_nothing_stands_beside_the_pixels() -> None:
    content = encoded(
        scene(), "JPEG", exif=exif(b"words"), comment=b"words", icc_profile=srgb_profile()
    )

    picture = prepare(content)

    for file in picture.files:
        with Image.open(BytesIO(file.content)) as image:
            assert set(image.info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "loop",
                "background",
            }
            assert dict(image.getexif()) == {}
        assert b"ICC_PROFILE" not in file.content
        assert b"Exif" not in file.content


def test_as_many_bytes_as_allowed_are_taken_and_not_one_more() -> None:
    content = encoded(scene(), "JPEG")

    assert prepare(content, max_bytes=len(content)).width == 96
    with pytest.raises(FileRefused) as refused:
        prepare(content, max_bytes=len(content) - 1)

    assert refused.value.reason == FileRefused.Reason.TOO_LARGE
    assert "at most" in refused.value.sentence


def test_a_video_is_not_taken_for_a_photo() -> None:
    film = (Path(__file__).parent / "samples" / "film.mp4").read_bytes()

    with pytest.raises(FileRefused) as refused:
        prepare(film)

    assert refused.value.reason == FileRefused.Reason.NOT_ACCEPTED


def test_a_picture_of_exactly_the_limit_is_taken() -> None:
    content = encoded(Image.new("L", (8000, 5000), 99), "PNG")

    picture = prepare(content)

    assert MAX_PIXELS[Type.PNG] == 40_000_000
    assert (picture.width, picture.height) == (2048, 1280)
    assert opened(picture).getpixel((2000, 1270)) == (99, 99, 99)


MEASURE = """
import resource, sys
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=[])
django.setup()
from django.core.files.base import ContentFile
from PIL import Image, ImageCms
from django_ppx.ugc.pictures import prepare_picture
from tests.ugc.memory import make
content = make(sys.argv[1])
Image.init()
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
def now():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024
with open("/proc/self/clear_refs", "w") as clear:
    clear.write("5")
before = now()
picture = prepare_picture(ContentFile(content), max_bytes=10**8)
print(picture.width, peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="reads memory from /proc")
@pytest.mark.parametrize(
    "kind", ["jpeg", "progressive", "cmyk", "rgba", "sixteen", "palette", "webp"]
)
def test_the_largest_pictures_take_at_most_300_megabytes(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, kind],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    width, megabytes = map(int, done.stdout.split())
    assert width == 2048
    assert megabytes <= 300
