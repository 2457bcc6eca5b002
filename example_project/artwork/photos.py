"""Pictures as customers take them: the shop's pots on somebody's table. Drawn with Pillow, alike on every run."""

from __future__ import annotations

import random
from functools import cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFilter

from .pictures import BOTTLE, BOWL, BUD, CUP, LATTE, MUG, PILLAR, SMALL_CUP, TEAPOT, WIDE_BOWL
from .shapes import GLAZES, Profile

WIDTH, HEIGHT = 900, 1125  # what is drawn on
SIZE = (720, 900)  # what is saved
# By the product's slug: the shape, its glaze, and whether it has a handle.
POTS: dict[str, tuple[Profile, str, bool]] = {
    "tide-mug": (MUG, "cobalt", True),
    "moon-cup": (CUP, "salt", False),
    "espresso-pair": (SMALL_CUP, "rust", False),
    "harbour-cup": (LATTE, "celadon", True),
    "morning-bowl": (BOWL, "ochre", False),
    "low-tide-bowl": (WIDE_BOWL, "seafoam", False),
    "bottle-vase": (BOTTLE, "plum", False),
    "bud-vase": (BUD, "clay", False),
    "pillar-vase": (PILLAR, "ink", False),
    "teapot": (TEAPOT, "rust", True),
}
# Wall (above, below) and table (behind, in front).
ROOMS = (
    (("#efe6d8", "#d8c7af"), ("#a87b52", "#6d4a2f")),
    (("#cfd9d6", "#a3b4b0"), ("#dedad2", "#b9b2a6")),
    (("#f4efe6", "#e3d9c8"), ("#8c8f83", "#5d6158")),
    (("#39444a", "#232b2f"), ("#6b4c38", "#3a281d")),
    (("#e9d3c6", "#cfae9c"), ("#efe4d6", "#cdb9a2")),
)


def photo(slug: str, *, seed: int, quality: int = 88) -> bytes:
    """Return a JPEG of the product in a room of its own. A `seed` is a room, a light and a place to stand."""
    chance = random.Random(seed)  # noqa: S311
    wall, table = ROOMS[seed % len(ROOMS)]
    edge = chance.randrange(560, 700)
    picture = _slope(*wall, (WIDTH, HEIGHT))
    picture.paste(_slope(*table, (WIDTH, HEIGHT - edge)), (0, edge))
    picture = _sunlight(picture, chance, edge)
    profile, glaze, has_handle = POTS[slug]
    foot = (chance.randrange(360, 540), chance.randrange(820, 930))
    scale = chance.uniform(0.95, 1.25) * min(1.0, 520 / profile[-1][0])
    _shadow(picture, foot, profile, scale)
    picture = _pot(picture, foot, profile, glaze, scale=scale, has_handle=has_handle)
    picture = Image.blend(picture.resize(SIZE, Image.Resampling.BILINEAR), _grain(), 0.05)
    made = BytesIO()
    picture.save(made, format="JPEG", quality=quality)
    return made.getvalue()


@cache
def _grain() -> Image.Image:
    return Image.effect_noise(SIZE, 24).convert("RGB")


def _blurred(mask: Image.Image, radius: float) -> Image.Image:
    """Return the mask blurred. At a quarter of its size, where a blur costs next to nothing."""
    small = mask.reduce(4).filter(ImageFilter.GaussianBlur(radius / 4))
    return small.resize(mask.size, Image.Resampling.BILINEAR)


def _slope(above: str, below: str, size: tuple[int, int]) -> Image.Image:
    small = Image.new("RGB", (1, 2))
    small.putpixel((0, 0), ImageColor.getrgb(above)[:3])
    small.putpixel((0, 1), ImageColor.getrgb(below)[:3])
    return small.resize(size, Image.Resampling.BILINEAR)


def _sunlight(picture: Image.Image, chance: random.Random, edge: int) -> Image.Image:
    """Lay two panes of a window's light across wall and table."""
    mask = Image.new("L", picture.size)
    draw = ImageDraw.Draw(mask)
    x, lean = chance.randrange(40, 420), chance.randrange(90, 240)
    for at in (x, x + 210):
        draw.polygon(
            ((at, 90), (at + 170, 60), (at + 170 + lean, edge), (at + lean, edge)), fill=90
        )
    lit = Image.new("RGB", picture.size, "#fff4d6")
    return Image.composite(lit, picture, _blurred(mask, 9))


def _shadow(picture: Image.Image, foot: tuple[int, int], profile: Profile, scale: float) -> None:
    mask = Image.new("L", picture.size)
    half = max(width for _y, width in profile) * scale
    x, y = foot
    ImageDraw.Draw(mask).ellipse((x - half * 0.7, y - 34, x + half * 1.5, y + 40), fill=130)
    picture.paste(Image.new("RGB", picture.size, "#1b1410"), mask=_blurred(mask, 22))


def _smooth(profile: Profile) -> Profile:
    """Return the profile with eight points between two of its own, on a Catmull-Rom spline."""
    found: Profile = []
    for i in range(len(profile) - 1):
        a, b, c, d = (profile[min(max(i + k, 0), len(profile) - 1)] for k in (-1, 0, 1, 2))
        for step in range(8):
            t = step / 8
            weights = (
                -(t**3) / 2 + t**2 - t / 2,
                1.5 * t**3 - 2.5 * t**2 + 1,
                -1.5 * t**3 + 2 * t**2 + t / 2,
                t**3 / 2 - t**2 / 2,
            )
            mixed = [
                sum(
                    weight * point[axis]
                    for weight, point in zip(weights, (a, b, c, d), strict=True)
                )
                for axis in (0, 1)
            ]
            found.append((mixed[0], mixed[1]))
    return [*found, profile[-1]]


def _pot(
    picture: Image.Image,
    foot: tuple[int, int],
    profile: Profile,
    glaze: str,
    *,
    scale: float,
    has_handle: bool,
) -> Image.Image:
    tones, (x, y) = GLAZES[glaze], foot
    points = [(height * scale, width * scale) for height, width in _smooth(profile)]
    half, top = max(width for _height, width in points), points[-1]
    body = Image.new("L", picture.size)
    draw = ImageDraw.Draw(body)
    right = [(x + width, y - height) for height, width in points]
    draw.polygon([*right, *((2 * x - px, py) for px, py in reversed(right))], fill=255)
    draw.ellipse((x - points[0][1], y - 16, x + points[0][1], y + 16), fill=255)
    if has_handle:
        middle, reach = y - top[0] * 0.52, top[0] * 0.3
        side = x + min(points, key=lambda point: abs(point[0] - top[0] * 0.4))[1] - 8
        box = (side - reach, middle - reach, side + reach, middle + reach)
        draw.arc(box, -90, 90, fill=255, width=round(28 * scale))
    shades = Image.new("RGB", (5, 1))
    for at, tone in enumerate((tones.shade, tones.light, tones.base, tones.base, tones.shade)):
        shades.putpixel((at, 0), ImageColor.getrgb(tone)[:3])
    across = shades.resize((round(half * 2.6), picture.height), Image.Resampling.BICUBIC)
    coat = Image.new("RGB", picture.size, tones.shade)
    coat.paste(across, (round(x - half), 0))
    picture = Image.composite(coat, picture, body.filter(ImageFilter.GaussianBlur(1.2)))
    rim = ImageDraw.Draw(picture)
    depth = top[1] * 0.2
    rim.ellipse((x - top[1], y - top[0] - depth, x + top[1], y - top[0] + depth), fill=tones.light)
    rim.ellipse(
        (x - top[1] + 7, y - top[0] - depth + 5, x + top[1] - 7, y - top[0] + depth - 4),
        fill=tones.inside,
    )
    return picture
