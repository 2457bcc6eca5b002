from __future__ import annotations

import re
from pathlib import Path

import pytest

import django_ppx
from django_ppx.offers.contrast import contrast_ratio, mix
from django_ppx.offers.models import Theme
from django_ppx.offers.themes import stylesheet

STATIC = Path(django_ppx.__file__).parent / "static" / "django_ppx"
CSS = (STATIC / "ppx.css").read_text()
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
DOCS = Path(__file__).parents[2] / "docs" / "look.md"
PROPERTIES = set(re.findall(r"var\((--ppx-[a-z-]+)", RULES))
LIGHT, DARK = 0, 1


def default(name: str, scheme: int) -> str:
    found = re.search(rf"var\(--ppx-{name}, light-dark\((#\w+), (#\w+)\)\)", RULES)
    assert found is not None
    color = found.group(scheme + 1)
    return color if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:])


def test_the_stylesheet_is_small() -> None:
    assert len(CSS.encode()) < 21_000


def test_every_property_is_documented_and_every_documented_one_exists() -> None:
    documented = set(re.findall(r"^\| `(--ppx-[a-z-]+)`", DOCS.read_text(), flags=re.M))

    assert documented == PROPERTIES


def test_every_template_named_in_the_documentation_exists() -> None:
    templates = Path(django_ppx.__file__).parent / "templates"

    named = re.findall(r"`(django_ppx/[a-z_/]+\.html)`", DOCS.read_text())

    assert named
    assert [name for name in named if not (templates / name).exists()] == []


def test_the_stylesheet_only_reads_its_properties_so_that_the_shop_can_set_them_anywhere() -> None:
    assert not re.search(r"^\s*--ppx-[a-z-]+\s*:", RULES, flags=re.M)


def test_a_theme_sets_only_properties_that_the_stylesheet_reads() -> None:
    written = set(re.findall(r"(--ppx-[a-z-]+):", stylesheet(Theme(has_dark_scheme=True))))

    assert written
    assert written <= PROPERTIES


def test_every_property_is_logical_so_that_right_to_left_works() -> None:
    physical = (
        r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)"
        r"|(?:min-|max-)?(?:width|height)|left|right|top|bottom"
    )

    found = re.findall(rf"^\s*((?:{physical})[a-z-]*)\s*:", RULES, flags=re.M)

    assert found == []
    assert not re.search(r"text-align:\s*(left|right)|float:", RULES)


def test_the_stylesheet_loads_nothing() -> None:
    assert "url(" not in RULES
    assert "@import" not in RULES


def test_nothing_is_important_so_that_the_shop_can_override_it() -> None:
    assert "!important" not in RULES


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("text", "surface", 7.0),
        ("text", "tint", 7.0),
        ("muted", "surface", 4.5),
        ("muted", "tint", 4.5),
        ("on-accent", "accent", 4.5),
        ("success", "surface", 4.5),
        ("danger", "surface", 4.5),
        ("field-border", "surface", 3.0),
        ("field-border", "tint", 3.0),
        ("accent", "surface", 3.0),
        ("accent", "tint", 3.0),
    ],
)
def test_the_default_colours_can_be_read(text: str, ground: str, least: float, scheme: int) -> None:
    tint = mix(default("accent", scheme), default("surface", scheme), share=0.09)
    behind = tint if ground == "tint" else default(ground, scheme)

    assert contrast_ratio(default(text, scheme), behind) >= least
