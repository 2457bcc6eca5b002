"""The types that traits have: which comparisons each knows, what a rule stores, how it is compared.

`TraitType.clean` turns what staff typed into the JSON a rule stores; `compile` turns that JSON into a test of one
value. An unknown value (None) satisfies nothing but the negative comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_ppx.core.money import Money

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison. `make` gets the stored value and returns the test; `is_negative` holds for unknown values."""

    label: _StrOrPromise
    make: Callable[[Any], Test]
    is_negative: bool = False
    needs_value: bool = True


@dataclass(frozen=True, slots=True)
class TraitType:
    """A type of trait. `clean_value` checks and normalises one stored value; `hint` tells staff how to write it."""

    name: str
    operators: Mapping[str, Operator]
    clean_value: Callable[[Any], Any]
    hint: _StrOrPromise = ""

    def clean(self, operator: str, raw: Any) -> Any:
        """Return the JSON that a rule stores for what staff typed.

        :raises ValidationError: when the comparison is not of this type, or the value can't be read.
        """
        known = self.operators.get(operator)
        if known is None:
            raise ValidationError(_("This trait can't be compared like that."), code="operator")
        if not known.needs_value:
            return None
        if raw is None or raw == "" or raw == []:
            raise ValidationError(_("Say what to compare with."), code="value_missing")
        return self.clean_value(raw)

    def compile(self, operator: str, value: Any) -> Test:
        """Return the test of one trait value.

        :raises ValidationError: when the stored rule is not of this type.
        """
        stored = self.clean(operator, value)
        known = self.operators[operator]
        test = known.make(stored)
        return lambda actual: known.is_negative if actual is None else test(actual)


def _decimal(raw: Any) -> Decimal:
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise ValidationError(_("Write a number."), code="number") from None
    if not number.is_finite():
        raise ValidationError(_("Write a number."), code="number")
    return number


def _clean_number(raw: Any) -> str:
    return str(_decimal(raw))


def _clean_money(raw: Any) -> dict[str, str]:
    if isinstance(raw, str):
        parts = raw.split()
        if len(parts) != 2:
            raise ValidationError(
                _("Write an amount with its currency, such as 50 EUR."), code="money"
            )
        raw = (
            {"amount": parts[0], "currency": parts[1]}
            if parts[1].isalpha()
            else {
                "amount": parts[1],
                "currency": parts[0],
            }
        )
    if not isinstance(raw, Mapping) or set(raw) != {"amount", "currency"}:
        raise ValidationError(_("Write an amount with its currency, such as 50 EUR."), code="money")
    currency = str(raw["currency"]).upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise ValidationError(_("Write an amount with its currency, such as 50 EUR."), code="money")
    return {"amount": str(_decimal(raw["amount"])), "currency": currency}


def _clean_text(raw: Any) -> str:
    text = str(raw).strip()
    if not text or len(text) > 300 or "\x00" in text:
        raise ValidationError(_("Write a text of at most 300 characters."), code="text")
    return text


def _clean_list(raw: Any) -> list[str]:
    items = raw.replace("\n", ",").split(",") if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple):
        raise ValidationError(_("Write the values with commas between them."), code="list")
    cleaned = list(dict.fromkeys(_clean_text(item) for item in items if str(item).strip()))
    if not cleaned:
        raise ValidationError(_("Say what to compare with."), code="value_missing")
    return cleaned


def _clean_countries(raw: Any) -> list[str]:
    codes = [code.upper() for code in _clean_list(raw)]
    if any(len(code) != 2 or not code.isalpha() or not code.isascii() for code in codes):
        raise ValidationError(
            _("Write countries as two letters, such as DE, AT, CH."), code="country"
        )
    return codes


def _clean_date(raw: Any) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise ValidationError(_("Write a date as YYYY-MM-DD."), code="date") from None


def _money_test(compare: Callable[[Decimal, Decimal], bool]) -> Callable[[Any], Test]:
    def make(stored: Any) -> Test:
        amount, currency = Decimal(stored["amount"]), stored["currency"]

        def test(actual: Money) -> bool:
            # Another currency matches nothing: amounts are never converted silently.
            return actual.currency == currency and compare(actual.amount, amount)

        return test

    return make


def _number_test(compare: Callable[[Any, Decimal], bool]) -> Callable[[Any], Test]:
    def make(stored: Any) -> Test:
        wanted = Decimal(stored)
        return lambda actual: compare(actual, wanted)

    return make


def _text_test(compare: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    def make(stored: Any) -> Test:
        wanted = str(stored).casefold()
        return lambda actual: compare(str(actual).casefold(), wanted)

    return make


def _list_test(compare: Callable[[set[str], set[str]], bool]) -> Callable[[Any], Test]:
    def make(stored: Any) -> Test:
        wanted = {str(item).casefold() for item in stored}
        return lambda actual: compare({str(item).casefold() for item in actual}, wanted)

    return make


def _date_test(compare: Callable[[date, date], bool]) -> Callable[[Any], Test]:
    def make(stored: Any) -> Test:
        wanted = date.fromisoformat(stored)
        return lambda actual: compare(actual, wanted)

    return make


NUMBER = TraitType(
    "number",
    {
        "gte": Operator(_("is at least"), _number_test(lambda a, b: a >= b)),
        "lte": Operator(_("is at most"), _number_test(lambda a, b: a <= b)),
        "eq": Operator(_("is exactly"), _number_test(lambda a, b: a == b)),
    },
    _clean_number,
    _("A number, such as 3."),
)
MONEY = TraitType(
    "money",
    {
        "gte": Operator(_("is at least"), _money_test(lambda a, b: a >= b)),
        "lt": Operator(_("is below"), _money_test(lambda a, b: a < b)),
    },
    _clean_money,
    _("An amount with its currency, such as 50 EUR. Other currencies don't match."),
)
TEXT = TraitType(
    "text",
    {
        "is": Operator(_("is"), _text_test(lambda a, b: a == b)),
        "is_not": Operator(_("is not"), _text_test(lambda a, b: a != b), is_negative=True),
        "contains": Operator(_("contains"), _text_test(lambda a, b: b in a)),
        "starts_with": Operator(_("starts with"), _text_test(lambda a, b: a.startswith(b))),
        "is_set": Operator(_("is known"), lambda _stored: bool, needs_value=False),
    },
    _clean_text,
    _("A text; capitals don't matter."),
)
COUNTRY = TraitType(
    "country",
    {
        "in": Operator(_("is one of"), lambda stored: lambda actual: actual in stored),
        "not_in": Operator(
            _("is none of"), lambda stored: lambda actual: actual not in stored, is_negative=True
        ),
    },
    _clean_countries,
    _("Two-letter codes with commas between them, such as DE, AT, CH."),
)
LIST = TraitType(
    "list",
    {
        "any": Operator(_("contain any of"), _list_test(lambda a, b: bool(a & b))),
        "all": Operator(_("contain all of"), _list_test(lambda a, b: a >= b)),
        "none": Operator(
            _("contain none of"), _list_test(lambda a, b: not a & b), is_negative=True
        ),
    },
    _clean_list,
    _("Values with commas between them."),
)
BOOLEAN = TraitType(
    "boolean",
    {
        "yes": Operator(_("yes"), lambda _stored: bool, needs_value=False),
        "no": Operator(_("no"), lambda _stored: lambda actual: not actual, needs_value=False),
    },
    lambda raw: raw,
)
DATE = TraitType(
    "date",
    {
        "before": Operator(_("is before"), _date_test(lambda a, b: a < b)),
        "on_or_after": Operator(_("is on or after"), _date_test(lambda a, b: a >= b)),
        "in_month": Operator(_("is in the month of"), _date_test(lambda a, b: a.month == b.month)),
    },
    _clean_date,
    _("A date as YYYY-MM-DD."),
)
