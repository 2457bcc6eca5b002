"""Filling a prepared text."""

from __future__ import annotations

import pytest

from django_ppx.social.share_texts import (
    ShareText,
    choose,
    fill,
    has_stray_brace,
    normalised_hashtags,
    placeholders,
    unknown_placeholders,
)


def test_every_placeholder_is_filled() -> None:
    text = fill(
        "My {product} from {shop}! {handle} {hashtags}",
        {"product": "Bowl", "shop": "Kiln", "handle": "@kiln", "hashtags": "#handmade #slow"},
    )

    assert text == "My Bowl from Kiln! @kiln #handmade #slow"


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert (
        fill("{product} {handle}", {"product": "{handle}", "handle": "@kiln"}) == "{handle} @kiln"
    )


def test_an_empty_value_leaves_no_gap() -> None:
    assert fill("My bowl from {handle}.\n{hashtags} Look {shop}!", {}) == "My bowl from.\nLook!"


def test_line_breaks_are_kept() -> None:
    assert fill("One\n\nTwo {product}", {"product": "Bowl"}) == "One\n\nTwo Bowl"


def test_unknown_placeholders_are_named() -> None:
    assert unknown_placeholders("{product} {price} {name} {price}") == ("price", "name")


def test_placeholders_are_named_once_in_order() -> None:
    assert placeholders("{shop} {product} {shop}") == ("shop", "product")


@pytest.mark.parametrize(
    ("text", "is_stray"),
    [("{product", True), ("product}", True), ("{{shop}}", True), ("{shop} :)", False)],
)
def test_a_brace_that_is_left_over_is_noticed(text: str, is_stray: bool) -> None:
    assert has_stray_brace(text) is is_stray


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("handmade, #slow;mornings", "#handmade #slow #mornings"),
        ("  ##handmade   #handmade ", "#handmade"),
        ("#", ""),
        ("", ""),
        ("#frühstück", "#frühstück"),
    ],
)
def test_hashtags_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert normalised_hashtags(typed) == stored


TEXTS = {code: ShareText(text=code) for code in ("pt-br", "de", "en")}


@pytest.mark.parametrize(
    ("language", "default", "expected"),
    [
        ("pt-BR", "en", "pt-br"),
        ("de-AT", "en", "de"),
        ("fr", "en", "en"),
        ("fr", "en-gb", "en"),
        ("fr", "nl", "pt-br"),
    ],
)
def test_the_language_falls_back_exact_base_default_first(
    language: str, default: str, expected: str
) -> None:
    chosen = choose(TEXTS, language=language, default=default)

    assert chosen == ShareText(text=expected)


def test_no_texts_give_none() -> None:
    assert choose({}, language="en", default="en") is None
