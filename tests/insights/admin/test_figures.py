"""Numbers in words: percent, points, money and intervals, in the language of who reads."""

from __future__ import annotations

import pytest
from django.utils import translation

from django_ppx.insights.admin.figures import (
    FigureText,
    lift_spread,
    lift_text,
    money,
    p_text,
    percent,
    whole,
)
from django_ppx.insights.results import Counted
from tests.insights.made_results import make_arms, make_result, span

RATE = FigureText(counted=Counted.REPEAT, currency="EUR", decimals=1)
REVENUE = FigureText(counted=Counted.REVENUE, currency="EUR", decimals=2)
ORDERS = FigureText(counted=Counted.ORDERS, currency="EUR", decimals=3)


def test_counts_and_shares_are_grouped_and_rounded() -> None:
    assert [whole(17458), whole(-8.4), whole(-0.2)] == ["17,458", "−8", "0"]
    assert [percent(0.061), percent(0.5), percent(0.0004, 2)] == ["6.1%", "50.0%", "0.04%"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (1.0, "1.00"),
        (0.312, "0.31"),
        (0.0421, "0.042"),
        (0.0031, "0.0031"),
        (9e-5, "< 0.0001"),
    ],
)
def test_a_p_value_has_as_many_digits_as_say_something(value, text) -> None:
    assert p_text(value) == text


def test_a_lift_has_its_sign_and_zero_has_none() -> None:
    assert [lift_text(0.22), lift_text(-0.05), lift_text(0.00001), lift_text(None)] == [
        "+22.0%",
        "−5.0%",
        "0.0%",
        "–",
    ]
    assert lift_spread(span(0.081, 0.362), Counted.REPEAT) == "+8.1% to +36.2%"
    assert lift_spread(None, Counted.REPEAT) == ""
    assert lift_spread(span(-4.948, 7.119), Counted.REPEAT) == "−100.0% to +711.9%"
    assert lift_spread(span(-4.948, 7.119), Counted.MARGIN) == "−494.8% to +711.9%"


@pytest.mark.parametrize(
    ("minor", "currency", "decimals", "text"),
    [
        (342.4, "EUR", 2, "€3.42"),
        (-31, "EUR", 2, "−€0.31"),
        (3.4, "EUR", 4, "€0.0340"),
        (457_449, "EUR", 0, "€4,574"),
        (300.6, "JPY", 0, "¥301"),
        (300.6, "JPY", 1, "¥300.6"),
        (12_345, "KWD", 3, "KWD\N{NO-BREAK SPACE}12.345"),
    ],
)
def test_parts_of_a_minor_unit_are_money_too(minor, currency, decimals, text) -> None:
    assert money(minor, currency, decimals) == text


@pytest.mark.parametrize(
    ("figure", "mean", "change"),
    [
        (RATE, "6.1%", "+6.1 points"),
        (REVENUE, "€0.00", "0.0"),
        (ORDERS, "0.061", "+0.061"),
    ],
    ids=["rate", "money", "orders"],
)
def test_a_mean_and_a_difference_have_their_units(figure, mean, change) -> None:
    assert figure.mean(0.061) == mean
    assert figure.change(0.061) == (change if figure is not REVENUE else "€0.00")
    assert figure.mean(None) == "–"


@pytest.mark.parametrize(
    ("low", "high", "words", "spread"),
    [
        (0.004, 0.019, "between 0.4 and 1.9 points more", "+0.4 to +1.9 points"),
        (-0.014, -0.003, "between 0.3 and 1.4 points less", "−1.4 to −0.3 points"),
        (-0.006, 0.009, "between 0.6 points less and 0.9 points more", "−0.6 to +0.9 points"),
        (0.0, 0.009, "between 0.0 and 0.9 points more", "0.0 to +0.9 points"),
        (
            0.02,
            0.01,
            "the looks have nothing in common, because the effect itself changed",
            "the looks have nothing in common",
        ),
    ],
)
def test_an_interval_of_points_in_words(low, high, words, spread) -> None:
    assert RATE.in_words(span(low, high)) == words
    assert RATE.change_spread(span(low, high)) == spread


def test_an_interval_of_money_in_words() -> None:
    assert REVENUE.in_words(span(5, 57)) == "between €0.05 and €0.57 more"
    assert REVENUE.in_words(span(-5, 57)) == "between €0.05 less and €0.57 more"
    assert REVENUE.change_spread(span(-5, 57)) == "−€0.05 to +€0.57"
    assert REVENUE.mean_spread(span(300, 357)) == "€3.00 to €3.57"
    assert REVENUE.mean_spread(None) == ""


@pytest.mark.parametrize(
    ("interval", "decimals"),
    [(span(0.004, 0.019), 1), (span(0.0041, 0.0056), 2), (span(0.00041, 0.00056), 3)],
)
def test_the_narrowest_interval_says_how_many_decimals_a_rate_has(interval, decimals) -> None:
    result = make_result(arms=make_arms(interval=interval))

    assert FigureText.of(result, Counted.REPEAT).decimals == decimals


@pytest.mark.parametrize(
    ("currency", "widths", "decimals"),
    [
        ("EUR", [57.0, 200.0], 2),
        ("EUR", [4.0], 3),
        ("JPY", [57.0], 0),
        ("JPY", [4.0], 1),
        ("EUR", [], 2),
    ],
)
def test_money_has_the_decimals_of_its_currency_or_more(currency, widths, decimals) -> None:
    assert FigureText.fitting(Counted.REVENUE, currency, widths).decimals == decimals


def test_numbers_are_written_as_the_language_does() -> None:
    with translation.override("de"):
        assert percent(0.061) == "6,1\N{NO-BREAK SPACE}%"
        assert whole(17458) == "17.458"
        assert money(342.4, "EUR", 2) == "3,42\N{NO-BREAK SPACE}€"
        assert RATE.tick(0.011) == "+1,1"
