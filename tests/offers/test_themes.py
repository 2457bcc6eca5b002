"""Themes: what is wrong with their colours, and the stylesheet they become."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import django_ppx
from django_ppx.offers.contrast import contrast_ratio
from django_ppx.offers.models import Theme
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.offers.theme_forms import ThemeForm
from django_ppx.offers.themes import (
    Palette,
    color_faults,
    stop_using_theme,
    stylesheet,
    stylesheet_digest,
    use_theme,
)

PPX_CSS = Path(django_ppx.__file__).parent / "static" / "django_ppx" / "ppx.css"


def form_values(**overrides: object) -> dict[str, object]:
    return {
        "name": "Forest",
        "accent": "#0b6a54",
        "surface": "#ffffff",
        "text": "#17211e",
        "has_dark_scheme": "on",
        "dark_accent": "#6fd6b7",
        "dark_surface": "#1b2321",
        "dark_text": "#eaf1ee",
        "radius": "12",
        "spacing": "normal",
        "font": "host",
        **overrides,
    }


def declarations(css: str) -> dict[str, str]:
    """Return the first value of each custom property."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"(--[\w-]+): ([^;]+);", css):
        found.setdefault(name, value)
    return found


def test_the_colours_of_a_new_theme_can_be_read() -> None:
    theme = Theme()

    assert (
        list(color_faults(Palette(accent=theme.accent, surface=theme.surface, text=theme.text)))
        == []
    )
    dark = Palette(accent=theme.dark_accent, surface=theme.dark_surface, text=theme.dark_text)
    assert list(color_faults(dark)) == []


@pytest.mark.parametrize(
    ("text", "accent", "faulty"),
    [
        ("#767676", "#949494", []),  # 4.54 and 3.03: enough
        ("#777777", "#949494", ["text"]),  # 4.48
        ("#767676", "#959595", ["accent"]),  # 2.99
    ],
)
def test_text_needs_four_and_a_half_and_the_accent_three(
    text: str, accent: str, faulty: list[str]
) -> None:
    palette = Palette(accent=accent, surface="#ffffff", text=text)

    assert [fault.field for fault in color_faults(palette)] == faulty


def test_a_fault_suggests_a_colour_that_would_do() -> None:
    (fault,) = color_faults(Palette(accent="#0b6a54", surface="#ffffff", text="#999999"))

    assert fault.ratio == pytest.approx(2.85, abs=0.005)
    assert contrast_ratio(fault.suggestion, "#ffffff") >= 4.5


@pytest.mark.django_db
def test_the_form_refuses_and_says_the_ratio_and_the_nearest_colour() -> None:
    form = ThemeForm(form_values(text="#777777"))

    assert not form.is_valid()
    (sentence,) = form.errors["text"]
    assert "is 4.47 : 1" in sentence
    assert "at least 4.5 : 1" in sentence
    suggestion = sentence.rsplit(" ", 1)[1].rstrip(".")
    assert ThemeForm(form_values(text=suggestion)).is_valid()


@pytest.mark.django_db
def test_dark_colours_count_only_where_there_is_a_dark_scheme() -> None:
    unreadable = {"dark_text": "#222222"}

    assert list(ThemeForm(form_values(**unreadable)).errors) == ["dark_text"]
    assert ThemeForm(form_values(**unreadable, has_dark_scheme="")).is_valid()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["red", "#fff", "#0b6a54;}", "#0b6a54\n", "url(x)"])
def test_only_six_digits_reach_the_stylesheet(value: str) -> None:
    form = ThemeForm(form_values(accent=value))

    valid = form.is_valid()

    assert not valid or form.cleaned_data["accent"] == "#0b6a54"


def test_the_stylesheet_sets_names_that_ppx_css_reads() -> None:
    known = set(re.findall(r"var\((--ppx-[\w-]+)", PPX_CSS.read_text()))

    assert set(declarations(stylesheet(Theme()))) <= known


def test_light_and_dark_are_one_value_each() -> None:
    css = stylesheet(Theme(accent="#0b6a54", dark_accent="#6fd6b7"))

    assert "--ppx-accent: #0b6a54;" in css
    assert "--ppx-accent: light-dark(#0b6a54, #6fd6b7);" in css
    assert "--ppx-on-accent: light-dark(#ffffff, #000000);" in css


def test_without_a_dark_scheme_the_cards_stay_light() -> None:
    css = stylesheet(Theme(has_dark_scheme=False))

    assert "light-dark" not in css
    assert "color-scheme: light" in css


def test_shapes_come_from_a_table() -> None:
    values = declarations(stylesheet(Theme(radius=0, spacing="airy", font="serif")))

    assert values["--ppx-radius"] == "0px"
    assert values["--ppx-space"] == "1.35em"
    assert values["--ppx-font"].startswith("Charter")


@pytest.mark.parametrize("surface", ["#ffffff", "#1b2321", "#f4ecd8", "#808080"])
@pytest.mark.parametrize("accent", ["#0b6a54", "#ffd43b", "#b3261e"])
def test_what_follows_from_the_colours_can_be_read_too(surface: str, accent: str) -> None:
    text = "#000000" if contrast_ratio("#000000", surface) >= 4.5 else "#ffffff"

    values = declarations(stylesheet(Theme(accent=accent, surface=surface, text=text)))

    for name in ("--ppx-muted", "--ppx-success", "--ppx-danger"):
        assert contrast_ratio(values[name], surface) >= 4.5
    assert contrast_ratio(values["--ppx-field-border"], surface) >= 3
    assert contrast_ratio(values["--ppx-on-accent"], accent) >= 4.5
    assert contrast_ratio(text, values["--ppx-tint"]) >= 4.5


def test_another_stylesheet_has_another_digest() -> None:
    one, other = stylesheet(Theme()), stylesheet(Theme(radius=3))

    assert stylesheet_digest(one) == stylesheet_digest(stylesheet(Theme()))
    assert stylesheet_digest(one) != stylesheet_digest(other)


@pytest.mark.django_db
def test_at_most_one_theme_is_in_use() -> None:
    first, second = Theme.objects.create(name="One"), Theme.objects.create(name="Two")

    use_theme(theme=first)
    use_theme(theme=second)
    use_theme(theme=second)

    assert list(Theme.objects.filter(is_active=True)) == [second]
    theme = current_snapshot().theme
    assert theme is not None
    assert theme.css == stylesheet(second)


@pytest.mark.django_db
def test_offers_take_the_default_look_without_a_theme() -> None:
    theme = Theme.objects.create(name="One", is_active=True)

    stop_using_theme(theme=theme)

    assert current_snapshot().theme is None


@pytest.mark.django_db
def test_the_stylesheet_is_kept_for_good_under_its_own_name_only(client: Client) -> None:
    use_theme(theme=Theme.objects.create(name="One"))
    active = current_snapshot().theme
    assert active is not None

    own = client.get(reverse("ppx:theme", args=[active.digest]))
    old = client.get(reverse("ppx:theme", args=["0" * len(active.digest)]))

    assert own.content.decode() == old.content.decode() == active.css
    assert own["Cache-Control"] == "public, max-age=31536000, immutable"
    assert old["Cache-Control"] == "no-cache"


@pytest.mark.django_db
def test_without_a_theme_there_is_no_stylesheet_of_it(client: Client) -> None:
    assert client.get(reverse("ppx:theme", args=["abc"])).status_code == 404
