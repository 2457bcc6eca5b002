"""SVG pieces that the pictures are put together from: pots turned from a profile, glazes, shadows.

A profile is a list of `(y, half_width)` points, measured from the foot upwards.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

Point = tuple[float, float]
Profile = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Glaze:
    """Four tones of one colour: where the light falls, the colour, its shade, the inside."""

    light: str
    base: str
    shade: str
    inside: str


GLAZES = {
    "cobalt": Glaze(light="#5b7cf0", base="#2747c7", shade="#142a86", inside="#0e1f66"),
    "celadon": Glaze(light="#d5e6da", base="#a9c9b6", shade="#789c89", inside="#5f8272"),
    "salt": Glaze(light="#ffffff", base="#ece8df", shade="#c4bdb0", inside="#a8a093"),
    "ochre": Glaze(light="#f6cf74", base="#e0a52f", shade="#ab7313", inside="#80540b"),
    "rust": Glaze(light="#e58a63", base="#c4532c", shade="#8a3416", inside="#64240e"),
    "ink": Glaze(light="#4b5a5f", base="#243136", shade="#11191c", inside="#0a0f11"),
    "clay": Glaze(light="#e3c3a5", base="#cba27d", shade="#9b7553", inside="#75563a"),
    "plum": Glaze(light="#b5647d", base="#80304b", shade="#541a2e", inside="#3b1120"),
    "seafoam": Glaze(light="#c8ebe6", base="#86c9c1", shade="#4f958d", inside="#3a756f"),
}


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def smooth(points: list[Point]) -> str:
    """Return the cubic curves of a Catmull-Rom spline through the points, without the move."""
    parts = []
    for i in range(len(points) - 1):
        before = points[max(i - 1, 0)]
        start, end = points[i], points[i + 1]
        after = points[min(i + 2, len(points) - 1)]
        c1 = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        c2 = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        parts.append("C" + " ".join(f"{number(x)} {number(y)}" for x, y in (c1, c2, end)))
    return "".join(parts)


def gradient(name: str, glaze: Glaze) -> str:
    stops = (
        (0, glaze.shade),
        (0.16, glaze.base),
        (0.34, glaze.light),
        (0.6, glaze.base),
        (1, glaze.shade),
    )
    inner = "".join(f'<stop offset="{at}" stop-color="{colour}"/>' for at, colour in stops)
    return f'<linearGradient id="{name}">{inner}</linearGradient>'


class Drawing:
    """One picture: definitions, then shapes, in the order they were added."""

    def __init__(self, *, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.view = (0, 0, width, height)
        self.definitions: list[str] = []
        self.shapes: list[str] = []
        self.random = random.Random(seed)  # noqa: S311 - speckles, the same on every run
        self.count = 0

    def come_closer(self, *, left: int, width: int) -> None:
        """Show a part of the scene down to its lower edge, in the proportions of the whole."""
        height = width * self.height // self.width
        self.view = (left, self.height - height, width, height)

    def new_id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def add(self, shape: str) -> None:
        self.shapes.append(shape)

    def glaze(self, glaze: Glaze) -> str:
        name = self.new_id("g")
        self.definitions.append(gradient(name, glaze))
        return f"url(#{name})"

    def ellipse(
        self, centre: Point, rx: float, ry: float, *, fill: str, opacity: float = 1
    ) -> None:
        faded = "" if opacity == 1 else f' opacity="{opacity}"'
        self.add(
            f'<ellipse cx="{number(centre[0])}" cy="{number(centre[1])}" rx="{number(rx)}"'
            f' ry="{number(ry)}" fill="{fill}"{faded}/>'
        )

    def line(self, path: str, *, stroke: str, width: float, opacity: float = 1) -> None:
        faded = "" if opacity == 1 else f' opacity="{opacity}"'
        self.add(
            f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{number(width)}"'
            f' stroke-linecap="round" stroke-linejoin="round"{faded}/>'
        )

    def room(self, *, wall: str, table: str, sun: str, horizon: float = 0.7) -> None:
        """A wall, a table and a disc of light: the set that every product is photographed on."""
        y = self.height * horizon
        size = min(self.width, self.height)
        self.add(f'<rect width="{self.width}" height="{self.height}" fill="{wall}"/>')
        self.add(
            f'<circle cx="{number(self.width * 0.6)}" cy="{number(y * 0.62)}"'
            f' r="{number(size * 0.34)}" fill="{sun}"/>'
        )
        self.add(
            f'<rect y="{number(y)}" width="{self.width}" height="{number(self.height - y)}"'
            f' fill="{table}"/>'
        )

    def shadow(self, centre: Point, rx: float) -> None:
        name = self.new_id("s")
        self.definitions.append(
            f'<radialGradient id="{name}"><stop offset="0" stop-color="#10181a" stop-opacity=".5"/>'
            f'<stop offset=".55" stop-color="#10181a" stop-opacity=".2"/>'
            f'<stop offset="1" stop-color="#10181a" stop-opacity="0"/></radialGradient>'
        )
        x, y = centre
        self.ellipse((x + rx * 0.28, y), rx * 1.45, rx * 0.24, fill=f"url(#{name})")

    def pot(
        self,
        foot: Point,
        profile: Profile,
        glaze: str,
        *,
        dip: tuple[str, float] | None = None,
        tilt: float = 0.16,
        speckles: int = 0,
    ) -> None:
        """Turn a pot: `dip` is a second glaze and the height above the foot where it ends."""
        x, y = foot
        outline = self.outline(foot, profile, tilt)
        clip = self.new_id("c")
        self.definitions.append(f'<clipPath id="{clip}"><path d="{outline}"/></clipPath>')
        self.add(f'<path d="{outline}" fill="{self.glaze(GLAZES[glaze])}"/>')
        widest = max(half for _, half in profile)
        top = profile[-1][0]
        if dip:
            self.dip(foot, widest, top, dip, clip)
        if speckles:
            self.speckle((x, y), widest, top, speckles, clip)
        self.shine((x, y), profile, clip)
        rim = GLAZES[dip[0] if dip else glaze]
        half = profile[-1][1]
        self.ellipse((x, y - top), half, half * tilt, fill=rim.light)
        self.ellipse((x, y - top + 2), half - 7, max((half - 7) * tilt - 1, 2), fill=rim.inside)

    def outline(self, foot: Point, profile: Profile, tilt: float) -> str:
        x, y = foot
        right = [(x + half, y - up) for up, half in profile]
        left = [(x - half, y - up) for up, half in profile]
        top, bottom = profile[-1][1], profile[0][1]
        return (
            f"M{number(left[-1][0])} {number(left[-1][1])}"
            f"A{number(top)} {number(top * tilt)} 0 0 1 "
            f"{number(right[-1][0])} {number(right[-1][1])}"
            f"{smooth(right[::-1])}"
            f"A{number(bottom)} {number(bottom * tilt * 0.8)} 0 0 1 "
            f"{number(left[0][0])} {number(left[0][1])}"
            f"{smooth(left)}Z"
        )

    def dip(
        self, foot: Point, widest: float, top: float, dip: tuple[str, float], clip: str
    ) -> None:
        x, y = foot
        name, ends_at = dip
        edge: list[Point] = []
        steps = 7
        for i in range(steps + 1):
            across = x - widest - 10 + (2 * widest + 20) * i / steps
            sag = 14 * (1 - (2 * i / steps - 1) ** 2)
            edge.append((across, y - ends_at + sag + self.random.uniform(-7, 9)))
        path = (
            f"M{number(x - widest - 10)} {number(y - top - widest)}"
            f"L{number(edge[0][0])} {number(edge[0][1])}{smooth(edge)}"
            f"L{number(x + widest + 10)} {number(y - top - widest)}Z"
        )
        self.add(
            f'<g clip-path="url(#{clip})"><path d="{path}" fill="{self.glaze(GLAZES[name])}"/>'
        )
        self.line(
            f"M{number(edge[0][0])} {number(edge[0][1])}{smooth(edge)}",
            stroke=GLAZES[name].shade,
            width=5,
            opacity=0.35,
        )
        self.add("</g>")

    def speckle(self, foot: Point, widest: float, top: float, count: int, clip: str) -> None:
        x, y = foot
        dots = []
        for _ in range(count):
            across = x + self.random.uniform(-widest, widest)
            up = y - self.random.uniform(0, top)
            size = self.random.choice((1.4, 1.8, 2.2, 3.2))
            dots.append(f'<circle cx="{number(across)}" cy="{number(up)}" r="{number(size)}"/>')
        self.add(f'<g clip-path="url(#{clip})" fill="#3a2a1c" opacity=".45">{"".join(dots)}</g>')

    def shine(self, foot: Point, profile: Profile, clip: str) -> None:
        """A soft streak of window light down the left shoulder."""
        x, y = foot
        streak = [(x - half * 0.62, y - up) for up, half in profile if half > 12]
        if len(streak) < 2:
            return
        self.add(f'<g clip-path="url(#{clip})">')
        path = f"M{number(streak[0][0])} {number(streak[0][1] - 26)}{smooth(streak)}"
        self.line(path, stroke="#fff", width=15, opacity=0.16)
        self.line(path, stroke="#fff", width=5, opacity=0.22)
        self.add("</g>")

    def handle(self, path: str, glaze: str, width: float) -> None:
        tones = GLAZES[glaze]
        self.line(path, stroke=tones.shade, width=width)
        self.line(path, stroke=tones.base, width=width * 0.68)
        self.line(path, stroke=tones.light, width=width * 0.2, opacity=0.7)

    def leaf(self, at: Point, to: Point, *, fill: str, belly: float = 0.32) -> None:
        dx, dy = to[0] - at[0], to[1] - at[1]
        middle = ((at[0] + to[0]) / 2, (at[1] + to[1]) / 2)
        one = (middle[0] - dy * belly, middle[1] + dx * belly)
        two = (middle[0] + dy * belly, middle[1] - dx * belly)
        points = [number(v) for pair in (at, one, to, two) for v in pair]
        self.add(
            f'<path d="M{points[0]} {points[1]}Q{points[2]} {points[3]} {points[4]} {points[5]}'
            f'Q{points[6]} {points[7]} {points[0]} {points[1]}Z" fill="{fill}"/>'
        )

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{" ".join(map(str, self.view))}"'
            f' width="{self.width}" height="{self.height}">'
            f"<defs>{''.join(self.definitions)}</defs>{''.join(self.shapes)}</svg>\n"
        )
