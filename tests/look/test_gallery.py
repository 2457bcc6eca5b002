from __future__ import annotations

import re
from pathlib import Path

import pytest

import django_ppx

STATIC = Path(django_ppx.__file__).parent / "static" / "django_ppx"
RULES = re.sub(r"/\*.*?\*/", "", (STATIC / "gallery.css").read_text(), flags=re.S)
SCRIPT = (STATIC / "gallery.js").read_text()


def test_both_are_small() -> None:
    assert len(RULES.encode()) < 10_000
    assert len(SCRIPT.encode()) < 5_000


def test_every_property_is_logical_so_that_right_to_left_works() -> None:
    physical = (
        r"(?:margin|padding|border|inset)-(?:left|right|top|bottom)"
        r"|(?:min-|max-)?(?:width|height)|left|right|top|bottom"
    )

    assert re.findall(rf"^\s*((?:{physical})[a-z-]*)\s*:", RULES, flags=re.M) == []
    assert not re.search(r"text-align:\s*(left|right)|float:", RULES)


def test_the_stylesheet_loads_nothing_and_leaves_the_shop_the_last_word() -> None:
    assert "url(" not in RULES
    assert "@import" not in RULES
    assert "!important" not in RULES
    assert not re.search(r"^\s*--ppx-[a-z-]+\s*:", RULES, flags=re.M)


def test_motion_is_for_those_who_want_it() -> None:
    quiet = RULES.partition("@media (prefers-reduced-motion: no-preference)")[0]

    assert "transition" not in quiet
    assert "animation" not in quiet
    assert not re.search(r"^\s*scroll-behavior", quiet, flags=re.M)


@pytest.mark.parametrize(
    "word", ["innerHTML", "outerHTML", "eval(", ".style", "localStorage", "fetch("]
)
def test_the_script_does_nothing_that_a_strict_policy_forbids(word: str) -> None:
    assert word not in SCRIPT
