"""The address of a review form."""

from __future__ import annotations

import pytest

from django_ppx.reviews.url_templates import (
    Problem,
    fill,
    find_problem,
    placeholders,
    unfinished_part,
)

VALUES = {"order": "A/7 b&c", "sku": "BÖWL#1", "language": "de", "country": "DE"}


def test_values_are_quoted_as_one_part_of_the_address() -> None:
    filled = fill("https://example.com/{sku}/new?ref={order}&lang={language}", VALUES)

    assert filled == "https://example.com/B%C3%96WL%231/new?ref=A%2F7%20b%26c&lang=de"


def test_a_value_is_never_read_as_a_placeholder() -> None:
    filled = fill("https://example.com/?o={order}&s={sku}", {"order": "{sku}", "sku": "X"})

    assert filled == "https://example.com/?o=%7Bsku%7D&s=X"


def test_the_order_number_is_sent_only_where_the_template_asks_for_it() -> None:
    filled = fill("https://example.com/{sku}", VALUES)

    assert filled == "https://example.com/B%C3%96WL%231"


@pytest.mark.parametrize("missing", ["order", "sku", "language", "country"])
def test_a_missing_value_gives_no_address(missing: str) -> None:
    template = "https://example.com/{order}/{sku}/{language}/{country}"

    assert fill(template, {**VALUES, missing: ""}) is None


def test_placeholders_are_named_once_in_order() -> None:
    assert placeholders("https://example.com/{sku}/{order}/{sku}") == ("sku", "order")


@pytest.mark.parametrize(
    "template",
    [
        "https://example.com",
        "http://example.com/",
        "https://reviews.example.com:8443/a?b={order}#{language}",
        "https://search.google.com/local/writereview?placeid=YOUR-PLACE-ID",
    ],
)
def test_ordinary_addresses_are_fine(template: str) -> None:
    assert find_problem(template) is None


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("javascript:alert(1)", Problem.SCHEME),
        ("ftp://example.com/", Problem.SCHEME),
        ("//example.com/", Problem.SCHEME),
        ("example.com/review", Problem.SCHEME),
        ("https://", Problem.HOST),
        ("https://localhost/", Problem.HOST),
        ("https://example.com:port/", Problem.HOST),
        ("https://[::1", Problem.HOST),
        ("https://user:word@example.com/", Problem.LOGIN),
        ("https://{country}.example.com/", Problem.PLACEHOLDER_IN_HOST),
        ("https://example.com/{rating}", Problem.UNKNOWN_PLACEHOLDER),
        ("https://example.com/{email}", Problem.UNKNOWN_PLACEHOLDER),
        ("https://example.com/{}", Problem.UNKNOWN_PLACEHOLDER),
        ("https://example.com/{order", Problem.STRAY_BRACE),
        ("https://example.com/order}", Problem.STRAY_BRACE),
        ("https://example.com/{{order}}", Problem.STRAY_BRACE),
        ("https://example.com/a b", Problem.CHARACTERS),
        ("https://example.com/\nb", Problem.CHARACTERS),
        ('https://example.com/"b', Problem.CHARACTERS),
        ("https://example.com\\@example.org/", Problem.CHARACTERS),
    ],
)
def test_what_is_wrong_with_an_address_is_named(template: str, problem: Problem) -> None:
    assert find_problem(template) is problem


def test_the_part_that_staff_have_yet_to_replace_is_found() -> None:
    assert unfinished_part("https://www.trustpilot.com/evaluate/YOUR-DOMAIN") == "YOUR-DOMAIN"
    assert unfinished_part("https://www.trustpilot.com/evaluate/shop.example.com") == ""
