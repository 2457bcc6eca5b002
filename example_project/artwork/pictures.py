"""One function a picture. The words for each are in `shop/catalogue.py`."""

from __future__ import annotations

from collections.abc import Callable

from .shapes import GLAZES, Drawing, Point, Profile

WIDTH, HEIGHT, TABLE = 800, 1000, 790

MUG: Profile = [(0, 118), (14, 134), (120, 146), (240, 146), (300, 143)]
CUP: Profile = [(0, 78), (14, 96), (90, 160), (180, 176), (250, 158), (270, 150)]
SMALL_CUP: Profile = [(0, 62), (10, 72), (80, 92), (150, 97), (176, 96)]
LATTE: Profile = [(0, 84), (12, 100), (70, 168), (140, 204), (190, 212)]
BOWL: Profile = [(0, 92), (14, 104), (70, 196), (140, 256), (196, 276)]
WIDE_BOWL: Profile = [(0, 120), (12, 132), (50, 232), (100, 306), (140, 330)]
DISH: Profile = [(0, 86), (8, 96), (34, 152), (58, 172)]
BOTTLE: Profile = [
    (0, 112), (14, 128), (120, 172), (220, 160), (310, 92), (370, 46), (460, 38), (510, 40), (530, 56),
]  # fmt: skip
BUD: Profile = [(0, 78), (12, 94), (90, 150), (170, 140), (236, 66), (270, 30), (300, 38)]
PILLAR: Profile = [(0, 122), (12, 132), (200, 138), (420, 134), (470, 128)]
TEAPOT: Profile = [(0, 110), (12, 126), (90, 200), (170, 206), (240, 150), (262, 104)]
LID: Profile = [(0, 112), (16, 104), (44, 60), (54, 18), (74, 26), (86, 22), (92, 10)]
TIN: Profile = [(0, 140), (8, 144), (200, 144), (250, 144)]
TIN_LID: Profile = [(0, 148), (40, 148), (62, 146)]
CONE: Profile = [(0, 46), (20, 56), (60, 84), (150, 168), (190, 190)]
JUG: Profile = [(0, 124), (12, 138), (80, 158), (160, 142), (220, 96), (244, 92)]


def room(wall: str, table: str, sun: str, seed: int) -> Drawing:
    drawing = Drawing(width=WIDTH, height=HEIGHT, seed=seed)
    drawing.room(wall=wall, table=table, sun=sun)
    return drawing


def mug(d: Drawing, foot: Point, glaze: str, dip: tuple[str, float]) -> None:
    x, y = foot
    d.shadow(foot, 170)
    d.handle(
        f"M{x + 128} {y - 240}C{x + 260} {y - 268} {x + 262} {y - 70} {x + 126} {y - 86}",
        dip[0],
        36,
    )
    d.pot(foot, MUG, glaze, dip=dip, speckles=90)


def stem(d: Drawing, foot: Point, to: Point, *, leaves: int, colour: str, bend: float) -> None:
    """A twig with leaves on both sides."""
    (x0, y0), (x1, y1) = foot, to
    cx, cy = (x0 + x1) / 2 + bend, (y0 + y1) / 2
    d.line(f"M{x0} {y0}Q{cx} {cy} {x1} {y1}", stroke=colour, width=6)
    for i in range(1, leaves + 1):
        t = 0.25 + 0.75 * i / leaves
        x = (1 - t) ** 2 * x0 + 2 * (1 - t) * t * cx + t * t * x1
        y = (1 - t) ** 2 * y0 + 2 * (1 - t) * t * cy + t * t * y1
        side = 1 if i % 2 else -1
        size = 96 - 34 * t
        d.leaf((x, y), (x + side * size, y - size * 0.62), fill=colour)
    d.leaf((x1, y1), (x1 + bend * 0.2, y1 - 72), fill=colour)


def tide_mug() -> Drawing:
    d = room("#dfe5ea", "#c3ccd3", "#f3f1ea", 1)
    mug(d, (375, TABLE), "clay", ("cobalt", 96))
    d.come_closer(left=75, width=640)
    return d


def moon_cup() -> Drawing:
    d = room("#eadfd0", "#d3c1aa", "#f7efe2", 2)
    d.shadow((400, TABLE), 150)
    d.pot((400, TABLE), CUP, "salt", dip=("celadon", 80), speckles=120)
    d.come_closer(left=80, width=640)
    return d


def espresso_pair() -> Drawing:
    d = room("#2a3a40", "#1d292e", "#e0a52f", 3)
    d.shadow((300, TABLE - 50), 100)
    d.pot((300, TABLE - 50), SMALL_CUP, "clay", dip=("ochre", 50), speckles=40)
    d.shadow((500, TABLE + 10), 110)
    d.pot((500, TABLE + 10), SMALL_CUP, "clay", dip=("salt", 62), speckles=60)
    d.come_closer(left=130, width=560)
    return d


def harbour_cup() -> Drawing:
    d = room("#c9d8d2", "#aec2ba", "#eef3ee", 4)
    d.shadow((390, TABLE + 14), 260)
    d.pot((390, TABLE + 14), [(0, 110), (6, 130), (22, 250), (28, 262)], "rust", tilt=0.2)
    d.handle("M570 690C690 664 690 770 540 768", "rust", 28)
    d.pot((390, TABLE - 6), LATTE, "rust", speckles=50)
    d.ellipse((390, TABLE - 192), 196, 27, fill="#3b2012")
    d.ellipse((384, TABLE - 192), 96, 13, fill="#d9b48d")
    d.ellipse((384, TABLE - 192), 52, 7, fill="#f3e2cc")
    return d


def morning_bowl() -> Drawing:
    d = room("#f0d9c8", "#dfbfa8", "#fbefe6", 5)
    d.shadow((400, TABLE), 230)
    d.pot((400, TABLE), BOWL, "salt", dip=("seafoam", 90), tilt=0.2, speckles=120)
    return d


def ripple_plate() -> Drawing:
    d = room("#e7e3d8", "#cfc8b8", "#f6f3ea", 6)
    d.shadow((400, TABLE + 8), 220)
    tones = GLAZES["cobalt"]
    fill = d.glaze(tones)
    d.ellipse((400, 520), 282, 282, fill=tones.shade)
    d.ellipse((396, 517), 278, 278, fill=fill)
    for i, radius in enumerate((238, 202, 166, 130, 94, 58)):
        d.add(
            f'<circle cx="396" cy="517" r="{radius}" fill="none" stroke="'
            f'{tones.light if i % 2 else tones.inside}" stroke-width="7" opacity=".42"/>'
        )
    d.line("M206 372A240 240 0 0 1 330 292", stroke="#fff", width=12, opacity=0.35)
    return d


def low_tide_bowl() -> Drawing:
    d = room("#d9cfd6", "#bfb0ba", "#f2ebef", 7)
    d.shadow((400, TABLE), 270)
    d.pot((400, TABLE), WIDE_BOWL, "clay", dip=("plum", 46), tilt=0.22, speckles=80)
    for x, y, r in ((300, 640, 50), (392, 628, 58), (486, 640, 48)):
        d.add(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{d.glaze(GLAZES["ochre"])}"/>')
    d.line("M70 650A330 73 0 0 0 730 650", stroke=GLAZES["plum"].light, width=7)
    d.leaf((392, 574), (452, 540), fill="#55705a")
    d.add(
        '<path d="M73 653A327 70 0 0 0 727 653L700 720Q400 770 100 720Z" fill="'
        + d.glaze(GLAZES["plum"])
        + '"/>'
    )
    d.line("M73 653A327 70 0 0 0 727 653", stroke=GLAZES["plum"].light, width=7)
    return d


def pebble_dishes() -> Drawing:
    d = room("#cfdcdc", "#b3c6c6", "#eff5f3", 8)
    d.shadow((400, TABLE), 190)
    for i, glaze in enumerate(("ink", "seafoam", "salt", "ochre")):
        d.pot((400 + (-6, 8, -4, 5)[i], TABLE - i * 58), DISH, glaze, tilt=0.2, speckles=40)
    d.come_closer(left=90, width=620)
    return d


def bottle_vase() -> Drawing:
    d = room("#e9dcc5", "#d5c3a3", "#f8efdd", 9)
    stem(d, (400, 280), (300, 90), leaves=6, colour="#5d6f4d", bend=30)
    stem(d, (404, 280), (520, 70), leaves=7, colour="#4a5c3f", bend=-34)
    d.shadow((400, TABLE), 165)
    d.pot((400, TABLE), BOTTLE, "ink", speckles=0)
    return d


def bud_vase() -> Drawing:
    d = room("#1f3fa8", "#17308a", "#f3d58a", 10)
    d.line("M400 500Q386 400 430 300", stroke="#9fb890", width=6)
    d.leaf((398, 430), (330, 372), fill="#9fb890")
    for dx, dy in ((-46, -8), (46, -8), (-30, 40), (30, 40), (0, -48)):
        d.ellipse((432 + dx, 280 + dy), 34, 34, fill="#f4efe4")
    d.ellipse((432, 282), 24, 24, fill="#e0a52f")
    d.shadow((400, TABLE), 130)
    d.pot((400, TABLE), BUD, "salt", dip=("rust", 120), speckles=90)
    d.come_closer(left=70, width=660)
    return d


def pillar_vase() -> Drawing:
    d = room("#d7dfd3", "#bccab6", "#f1f4ea", 11)
    for to, bend in (((270, 110), -20), ((400, 70), 16), ((530, 120), 30)):
        d.line(f"M400 340Q{400 + bend} 240 {to[0]} {to[1]}", stroke="#b08a4e", width=5)
        for i in range(9):
            d.leaf(
                (to[0] + (400 - to[0]) * i * 0.045, to[1] + 25 * i),
                (to[0] + (400 - to[0]) * i * 0.045 + (26 if i % 2 else -26), to[1] + 25 * i - 40),
                fill="#cda35e",
            )
    d.shadow((400, TABLE), 150)
    d.pot((400, TABLE), PILLAR, "celadon")
    for i in range(-4, 5):
        x = 400 + i * 29
        d.line(f"M{x} 344L{x - i * 0.8} 786", stroke=GLAZES["celadon"].shade, width=3, opacity=0.45)
    return d


def ring_vase() -> Drawing:
    d = room("#f1d3bd", "#e0b394", "#fbeadd", 12)
    d.line("M404 296Q420 200 366 110", stroke="#6f5a3e", width=5)
    for at, to in (((410, 220), (470, 176)), ((396, 170), (334, 146)), ((380, 134), (420, 84))):
        d.leaf(at, to, fill="#86694a")
    d.shadow((400, TABLE + 4), 150)
    d.pot((400, TABLE), [(0, 96), (8, 100), (40, 70), (60, 60)], "salt")
    tones = GLAZES["salt"]
    d.pot((400, 400), [(0, 40), (60, 34), (96, 34), (108, 42)], "salt")
    ring = d.glaze(tones)
    for colour, width in ((tones.shade, 112), (ring, 100)):
        d.add(
            f'<circle cx="400" cy="552" r="166" fill="none" stroke="{colour}"'
            f' stroke-width="{width}"/>'
        )
    d.line("M254 470A166 166 0 0 1 352 394", stroke="#fff", width=16, opacity=0.7)
    for _ in range(70):
        angle_x, angle_y = d.random.uniform(-210, 210), d.random.uniform(-210, 210)
        if 126 < (angle_x**2 + angle_y**2) ** 0.5 < 206:
            d.ellipse((400 + angle_x, 552 + angle_y), 2, 2, fill="#3a2a1c", opacity=0.4)
    return d


def bag(d: Drawing, x: float, y: float, colour: str, shade: str, label: str) -> None:
    d.shadow((x, y + 4), 170)
    d.add(
        f'<path d="M{x - 150} {y - 470}L{x + 150} {y - 470}L{x + 164} {y}L{x - 164} {y}Z" fill="{colour}"/>'
    )
    d.add(
        f'<path d="M{x + 92} {y - 470}L{x + 150} {y - 470}L{x + 164} {y}L{x + 112} {y}Z" fill="{shade}"/>'
    )
    d.add(
        f'<path d="M{x - 150} {y - 470}L{x - 142} {y - 540}L{x + 142} {y - 540}L{x + 150} {y - 470}Z"'
        f' fill="{shade}"/>'
    )
    d.add(f'<rect x="{x - 158}" y="{y - 484}" width="316" height="22" rx="6" fill="#caa24b"/>')
    d.add(f'<rect x="{x - 112}" y="{y - 360}" width="190" height="230" rx="4" fill="{label}"/>')
    d.add(f'<circle cx="{x - 17}" cy="{y - 276}" r="52" fill="{colour}"/>')
    d.add(
        f'<path d="M{x - 69} {y - 270}q26 -22 52 0t52 0v6a52 52 0 0 1 -104 0z" fill="{label}" opacity=".9"/>'
    )
    for i, width in enumerate((120, 84)):
        d.add(
            f'<rect x="{x - 17 - width / 2}" y="{y - 196 + i * 24}" width="{width}" height="10"'
            f' rx="5" fill="{shade}"/>'
        )  # fmt: skip


def house_blend() -> Drawing:
    d = room("#d8c7b4", "#bfa98f", "#efe4d6", 13)
    bag(d, 380, TABLE, "#2747c7", "#1a3299", "#f5f1e8")
    for x, y in ((600, 806), (640, 826), (570, 838), (676, 804)):
        d.ellipse((x, y), 20, 13, fill="#4a2a17")
        d.line(f"M{x - 14} {y + 3}Q{x} {y - 6} {x + 14} {y - 2}", stroke="#24130a", width=3)
    return d


def dripper() -> Drawing:
    d = room("#dfe3dd", "#c5cbc1", "#f7f7f1", 14)
    d.shadow((400, TABLE), 165)
    d.handle("M530 600C640 590 640 740 520 742", "ink", 26)
    d.pot((400, TABLE), JUG, "ink")
    d.ellipse((400, 548), 136, 24, fill=GLAZES["rust"].shade)
    d.ellipse((400, 542), 136, 24, fill=d.glaze(GLAZES["rust"]))
    d.handle("M540 400C640 388 626 500 500 480", "rust", 24)
    d.pot((400, 540), CONE, "rust", speckles=60)
    d.add(
        '<path d="M222 346L578 346L566 300Q400 268 234 300Z" fill="#f6efe2"/>'
        '<path d="M222 350A178 30 0 0 0 578 350L578 346L222 346Z" fill="#e8dcc8"/>'
    )
    d.ellipse((400, 302), 165, 24, fill="#4a2a17")
    return d


def teapot() -> Drawing:
    d = room("#e3dccb", "#cbbfa6", "#f6f1e3", 15)
    d.shadow((400, TABLE), 230)
    d.handle("M214 660C70 600 90 480 262 540", "celadon", 30)
    d.add(
        '<path d="M540 596C640 610 640 520 690 478L724 496C700 580 700 700 540 716Z" fill="'
        + d.glaze(GLAZES["celadon"])
        + '"/>'
    )
    d.pot((400, TABLE), TEAPOT, "clay", dip=("celadon", 70), speckles=110)
    d.pot((400, TABLE - 254), LID, "celadon", speckles=20)
    return d


def tea_tin() -> Drawing:
    d = room("#c7d3c4", "#a9baa6", "#eef2e6", 16)
    d.shadow((400, TABLE), 165)
    d.pot((400, TABLE), TIN, "seafoam", tilt=0.14)
    d.pot((400, TABLE - 250), TIN_LID, "ochre", tilt=0.14)
    d.ellipse((400, TABLE - 312), 141, 19, fill=GLAZES["ochre"].base)
    d.add('<path d="M256 600Q400 636 544 600V738Q400 774 256 738Z" fill="#f5f1e8"/>')
    d.leaf((400, 730), (352, 640), fill="#4f6b4a", belly=0.26)
    d.leaf((402, 730), (466, 652), fill="#6f8d62", belly=0.26)
    d.leaf((330, 838), (276, 822), fill="#4f6b4a")
    d.leaf((520, 846), (580, 820), fill="#3f5a3c")
    d.come_closer(left=70, width=660)
    return d


def still_life() -> Drawing:
    """The wide picture of the front page."""
    d = Drawing(width=1600, height=1200, seed=20)
    d.add('<rect width="1600" height="1200" fill="#dbe2e6"/>')
    d.add('<circle cx="1010" cy="470" r="390" fill="#f4d68c"/>')
    d.add(
        '<path d="M620 470A390 390 0 0 0 1400 470q-98 -70 -195 0t-195 0t-195 0t-195 0z" fill="#eec469"/>'
    )
    d.add('<rect y="900" width="1600" height="300" fill="#b9c4ca"/>')
    d.add('<rect y="900" width="1600" height="10" fill="#a6b3ba"/>')
    stem(d, (520, 430), (400, 170), leaves=7, colour="#4f6350", bend=30)
    stem(d, (524, 430), (660, 150), leaves=8, colour="#3e5141", bend=-40)
    d.shadow((520, 960), 175)
    d.pot((520, 960), BOTTLE, "ink")
    d.shadow((1230, 940), 150)
    d.pot((1230, 940), PILLAR, "celadon")
    for i in range(-4, 5):
        x = 1230 + i * 29
        d.line(f"M{x} 494L{x - i * 0.8} 936", stroke=GLAZES["celadon"].shade, width=3, opacity=0.45)
    d.shadow((900, 1000), 250)
    d.pot((900, 1000), BOWL, "clay", dip=("cobalt", 84), tilt=0.2, speckles=150)
    mug(d, (1180, 1070), "salt", ("rust", 110))
    d.shadow((300, 1060), 110)
    d.pot((300, 1060), SMALL_CUP, "clay", dip=("ochre", 56), speckles=50)
    d.shadow((660, 1110), 180)
    d.pot((660, 1110), DISH, "seafoam", tilt=0.2, speckles=50)
    return d


PICTURES: dict[str, Callable[[], Drawing]] = {
    "products/tide-mug": tide_mug,
    "products/moon-cup": moon_cup,
    "products/espresso-pair": espresso_pair,
    "products/harbour-cup": harbour_cup,
    "products/morning-bowl": morning_bowl,
    "products/ripple-plate": ripple_plate,
    "products/low-tide-bowl": low_tide_bowl,
    "products/pebble-dishes": pebble_dishes,
    "products/bottle-vase": bottle_vase,
    "products/bud-vase": bud_vase,
    "products/pillar-vase": pillar_vase,
    "products/ring-vase": ring_vase,
    "products/house-blend": house_blend,
    "products/dripper": dripper,
    "products/teapot": teapot,
    "products/tea-tin": tea_tin,
    "still-life": still_life,
}
