"""The same picture is found again; another one is not."""

from __future__ import annotations

from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image, ImageEnhance

from django_ppx.ugc.fingerprints import DUPLICATE_DISTANCE, distance, fingerprint
from tests.ugc.picture_files import encoded, scene


def again(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(BytesIO(encoded(image, "JPEG", quality=quality)))


def cropped(image: Image.Image, share: float) -> Image.Image:
    x, y = round(image.width * share), round(image.height * share)
    return image.crop((x, y, image.width - x, image.height - y))


CHANGES = {
    "compressed": lambda image: again(image, 30),
    "smaller": lambda image: image.resize((160, 120)),
    "larger": lambda image: image.resize((1280, 960)),
    "in WebP": lambda image: Image.open(BytesIO(encoded(image, "WEBP", quality=40))),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "cropped by 1 %": lambda image: cropped(image, 0.01),
    "cropped by 2 %": lambda image: cropped(image, 0.02),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_picture_is_a_duplicate(change: str, seed: int) -> None:
    image = scene(640, 480, seed)

    changed = CHANGES[change](image)

    assert distance(fingerprint(image), fingerprint(changed)) <= DUPLICATE_DISTANCE


def test_different_pictures_are_none() -> None:
    prints = [fingerprint(scene(640, 480, seed)) for seed in range(12)]

    assert min(distance(a, b) for a, b in combinations(prints, 2)) > DUPLICATE_DISTANCE


def test_a_fingerprint_fits_a_signed_column() -> None:
    prints = [fingerprint(scene(640, 480, seed)) for seed in range(12)]

    assert all(-(2**63) <= value < 2**63 for value in prints)
    assert any(value < 0 for value in prints)


@pytest.mark.parametrize(("a", "b", "bits"), [(0, 0, 0), (0, -1, 64), (1, -(2**63), 2), (5, 6, 2)])
def test_distance_counts_bits_of_signed_numbers(a: int, b: int, bits: int) -> None:
    assert distance(a, b) == bits


def test_plain_surfaces_are_all_alike() -> None:
    assert fingerprint(Image.new("RGB", (50, 50), 9)) == fingerprint(
        Image.new("RGB", (9, 99), "red")
    )
