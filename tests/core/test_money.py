from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.core.money import (
    CurrencyMismatch,
    Money,
    babel_locale,
    exponent,
    to_major,
    to_minor,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.345", "EUR", 1235),
        ("12.344", "EUR", 1234),
        ("0.005", "EUR", 1),
        ("-0.005", "EUR", -1),
        ("1234.5", "JPY", 1235),
        ("1.2345", "KWD", 1235),
        ("0", "EUR", 0),
    ],
)
def test_an_amount_is_rounded_half_up_to_the_currencys_units(
    amount: str, currency: str, minor: int
) -> None:
    assert to_minor(Decimal(amount), currency) == minor


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_way_there_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor


def test_major_units_have_the_currencys_decimals() -> None:
    assert str(to_major(1200, "EUR")) == "12.00"
    assert str(to_major(1200, "JPY")) == "1200"
    assert exponent("KWD") == 3


def test_an_amount_is_written_as_the_language_writes_it() -> None:
    money = Money(Decimal("1234.5"), "EUR")

    assert money.formatted("de") == "1.234,50\xa0€"
    assert money.formatted("en") == "€1,234.50"


@pytest.mark.parametrize(
    ("language", "locale"),
    [("de-at", "de_AT"), ("de", "de"), ("pt-br", "pt_BR"), ("xx", "en"), ("", "en")],
)
def test_a_language_finds_the_nearest_locale(language: str, locale: str) -> None:
    assert babel_locale(language) == locale


def test_amounts_of_one_currency_add_and_compare() -> None:
    five, ten = Money(Decimal(5), "EUR"), Money(Decimal(10), "EUR")

    assert five + five == ten
    assert ten - five == five
    assert five < ten
    assert five <= ten
    assert ten > five
    assert ten >= five


@pytest.mark.parametrize(
    "operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"]
)
def test_amounts_of_two_currencies_are_never_mixed(operation: str) -> None:
    euros, dollars = Money(Decimal(5), "EUR"), Money(Decimal(5), "USD")

    with pytest.raises(CurrencyMismatch):
        getattr(euros, operation)(dollars)


@pytest.mark.parametrize(
    ("currency", "language", "text"),
    [
        ("CHF", "en", "CHF\N{NO-BREAK SPACE}6.00"),
        ("EUR", "en", "€6.00"),
        ("AUD", "en", "A$6.00"),
        ("CHF", "de", "6,00\N{NO-BREAK SPACE}CHF"),
    ],
)
def test_a_currency_of_letters_keeps_its_distance(currency: str, language: str, text: str) -> None:
    assert Money(Decimal("6.00"), currency).formatted(language) == text
