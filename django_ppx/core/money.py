"""Amounts with a currency. Pure: no Django, no database.

`Decimal` in major units at the boundary, integer minor units in the tables; ISO 4217 exponents come
from Babel's CLDR data (JPY 0, EUR 2, KWD 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision

_LETTER_BEFORE_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were compared or added. We never convert silently."""


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Return how many decimals the currency has: EUR 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return `amount` in minor units, rounded half up: 12.345 EUR is 1235."""
    scaled = Decimal(amount).scaleb(exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Return minor units in major units, with the currency's exponent: 1235 EUR is 12.35."""
    return Decimal(minor).scaleb(-exponent(currency))


def convert_minor(minor: int | Decimal, currency: str, into: str, rate: Decimal) -> int:
    """Return minor units of `currency` in minor units of `into`, rounded half even.

    `rate` is what one unit of `currency` was worth: 10000 JPY at 0.0061 EUR are 6100 cents.
    """
    scaled = (Decimal(minor) * rate).scaleb(exponent(into) - exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units with its currency."""

    amount: Decimal
    currency: str

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        return cls(to_major(minor, currency), currency)

    @property
    def minor(self) -> int:
        return to_minor(self.amount, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def formatted(self, language: str) -> str:
        """Return the amount as people of `language` (BCP 47) write it: "12,50 €" in German."""
        text = format_currency(self.amount, self.currency, locale=babel_locale(language))
        # CLDR's currency spacing, which Babel leaves out: "CHF 6.00", as "€6.00" stands without a space.
        return _LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} can't be compared.")
        return other.amount


@lru_cache(maxsize=256)
def babel_locale(language: str) -> str:
    """Return the nearest locale that Babel knows for a Django language code.

    "de-at" is "de_AT", an unknown language is "en".
    """
    parts = language.replace("_", "-").split("-")
    for candidate in ("-".join(parts[:2]), parts[0], "en"):
        try:
            return str(Locale.parse(candidate, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return "en"
