"""Numbers as staff read them: percent, points, money, counts and intervals, in the active language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.numbers import (
    format_currency,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
)
from django.utils.translation import get_language, gettext

from django_ppx.core.money import babel_locale, exponent
from django_ppx.experiments.intervals import Interval
from django_ppx.insights.results import MEANS, Counted, ExperimentResult

NOTHING: Final = "–"
MONEY: Final = frozenset({Counted.REVENUE, Counted.MARGIN})
MOST_DECIMALS: Final = 4
_LETTER_BEFORE_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")


def whole(number: float) -> str:
    """Return a count: "17,458"."""
    return decimal(number, 0)


def decimal(value: float, decimals: int) -> str:
    """Return a number with exactly so many decimals, and with a real minus sign."""
    return _shaped("{}", "−{}", _cut(value, decimals), decimals)


def percent(share: float, decimals: int = 1) -> str:
    """Return a share of 0 to 1 as "6.1%", the way the active language writes it."""
    above, below = _percent_shapes(_locale())
    return _shaped(above, below, _cut(share * 100, decimals), decimals)


def money(minor: float, currency: str, decimals: int) -> str:
    """Return minor units, also parts of one, as an amount with so many decimals."""
    above, below = _money_shapes(_locale(), currency)
    amount = _cut(minor / 10 ** exponent(currency), decimals)
    return _shaped(above, below, amount, decimals)


def p_text(p_value: float | None) -> str:
    """Return a p-value with as many digits as say something: "0.31", "0.042", "0.0031", "< 0.0001"."""
    if p_value is None:
        return NOTHING
    if p_value < 0.0001:
        return "< " + decimal(0.0001, 4)
    return decimal(p_value, 4 if p_value < 0.01 else 3 if p_value < 0.1 else 2)


def lift_text(lift: float | None) -> str:
    """Return a relative lift with its sign: "+22.0%"."""
    return NOTHING if lift is None else signed(percent(lift), lift)


def lift_spread(interval: Interval | None, counted: Counted) -> str:
    """Return "+8.1% to +36.2%"; "" without an interval.

    The delta method may give less than −100%, which only a margin can fall by: the others are cut there.
    """
    if interval is None:
        return ""
    low = interval.low if counted is Counted.MARGIN else max(interval.low, -1.0)
    return _spread(lift_text(low), lift_text(max(interval.high, low)))


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureText:
    """How one thing counted is written, with the same number of decimals in all arms."""

    counted: Counted
    currency: str
    decimals: int

    @classmethod
    def of(cls, result: ExperimentResult, counted: Counted) -> FigureText:
        """Return the one that fits the intervals of the result."""
        widths = []
        for arm in result.arms:
            figure = arm.figures.get(counted)
            found = figure.difference if figure else None
            spans = [figure.interval if figure else None, found.interval if found else None]
            widths += [span.high - span.low for span in spans if span]
        return cls.fitting(counted, result.currency, widths)

    @classmethod
    def fitting(cls, counted: Counted, currency: str, widths: Iterable[float]) -> FigureText:
        """Return the one whose decimals cut the narrowest of the intervals into at least five steps."""
        least = 1
        unit = 100.0  # points
        if counted in MONEY:
            least = exponent(currency) if currency else 2
            unit = 10.0**-least
        elif counted is Counted.ORDERS:
            least, unit = 2, 1.0
        return cls(
            counted=counted,
            currency=currency,
            decimals=_decimals(min((w for w in widths if w > 0), default=0.0) * unit, least=least),
        )

    @property
    def is_in_points(self) -> bool:
        return self.counted not in MEANS

    def mean(self, value: float | None) -> str:
        """Return a rate as "6.1%", money as "€3.42", a number of orders as "0.064"."""
        if value is None:
            return NOTHING
        if self.counted in MONEY:
            return money(value, self.currency, self.decimals)
        if self.counted is Counted.ORDERS:
            return decimal(value, self.decimals)
        return percent(value, self.decimals)

    def bare(self, value: float) -> str:
        """Return a difference without its unit where that is points: "1.1", but "€0.31"."""
        if not self.is_in_points:
            return self.mean(value)
        return decimal(value * 100, self.decimals)

    def with_unit(self, bare: str) -> str:
        if not self.is_in_points:
            return bare
        return gettext("%(number)s points") % {"number": bare}

    def change(self, value: float) -> str:
        """Return a difference with sign and unit: "+1.1 points", "−€0.31"."""
        return self.with_unit(signed(self.bare(value), value))

    def tick(self, value: float) -> str:
        """Return a difference as an axis has it: "+1.1"."""
        return signed(self.bare(value), value)

    def mean_spread(self, interval: Interval | None) -> str:
        """Return "5.4% to 6.9%"; "" without an interval."""
        if interval is None:
            return ""
        return _spread(self.mean(interval.low), self.mean(interval.high))

    def change_spread(self, interval: Interval | None) -> str:
        """Return "+0.4 to +1.9 points"; in words where the looks have nothing in common."""
        if interval is None:
            return ""
        if interval.is_empty:
            return gettext("the looks have nothing in common")
        return _spread(self.tick(interval.low), self.change(interval.high))

    def in_words(self, interval: Interval) -> str:
        """Return "between 0.4 and 1.9 points more", "between 0.6 points less and 0.9 points more"."""
        low, high = interval.low, interval.high
        if interval.is_empty:
            return gettext("the looks have nothing in common, because the effect itself changed")
        if low >= 0:
            text = gettext("between %(low)s and %(high)s more")
            return text % {"low": self.bare(low), "high": self.with_unit(self.bare(high))}
        if high <= 0:
            text = gettext("between %(low)s and %(high)s less")
            return text % {"low": self.bare(-high), "high": self.with_unit(self.bare(-low))}
        text = gettext("between %(low)s less and %(high)s more")
        return text % {
            "low": self.with_unit(self.bare(-low)),
            "high": self.with_unit(self.bare(high)),
        }


def _decimals(width: float, *, least: int) -> int:
    """Return how many decimals cut `width` into at least five steps: 1.5 and 0.5 have 1, 0.15 has 2."""
    decimals = least
    while 0 < width * 10**decimals < 4.999 and decimals < max(MOST_DECIMALS, least):
        decimals += 1
    return decimals


def _spread(low: str, high: str) -> str:
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def signed(text: str, value: float) -> str:
    """Return `text` with a plus where it is above zero as shown: not "+0.0"."""
    is_shown = any(letter.isdecimal() and int(letter) for letter in text)
    return f"+{text}" if value > 0 and is_shown else text


def _cut(value: float, decimals: int) -> Decimal:
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    return rounded if rounded else abs(rounded)  # never "−0.0"


def _shaped(above: str, below: str, value: Decimal, decimals: int) -> str:
    """Return the digits of `value` in the shape for what is above, or below, zero.

    Babel takes 0.4 ms for a number, and a page of a year of days has thousands: it is asked once for each shape.
    """
    mark, group = _separators(_locale())
    text = f"{abs(value):,.{decimals}f}".translate({ord(","): group, ord("."): mark})
    return (below if value < 0 else above).format(text)


@lru_cache(maxsize=64)
def _separators(locale: str) -> tuple[str, str]:
    return get_decimal_symbol(locale), get_group_symbol(locale)


@lru_cache(maxsize=64)
def _percent_shapes(locale: str) -> tuple[str, str]:
    """Return ("{}%", "−{}%") in the shape of the language."""
    return _shape(format_percent(0.01, locale=locale)), _shape(format_percent(-0.01, locale=locale))


@lru_cache(maxsize=256)
def _money_shapes(locale: str, currency: str) -> tuple[str, str]:
    """Return ("€{}", "−€{}") in the shape of the language."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.replace("0.00", "0")
    above, below = (
        format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
        for amount in (1, -1)
    )
    return _shape(above), _shape(below)


def _shape(one: str) -> str:
    """Return what stands around the 1, with CLDR's space after letters, which Babel leaves out: "CHF 1"."""
    spaced = _LETTER_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", one.replace("-", "−"))
    return spaced.replace("{", "").replace("1", "{}", 1)


def _locale() -> str:
    return babel_locale(get_language() or "en")
