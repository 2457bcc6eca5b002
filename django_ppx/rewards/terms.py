"""The terms a code is issued with: a frozen copy of its benefit, also as JSON. Pure.

Editing a benefit later changes nothing about a code that a customer already has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from django_ppx.core.money import to_minor
from django_ppx.exceptions import PpxError
from django_ppx.rewards.alphabet import fold

if TYPE_CHECKING:
    from django_ppx.rewards.models import Benefit

VERSION: Final = 2
"""Of the JSON below. Codes live for years: `from_json` reads every version there ever was."""

DISCOUNT_TYPES: Final = frozenset({"percent", "amount", "free_shipping"})
"""What a code can take off an order. A gift or points are handed over in another way."""


class UnreadableTerms(PpxError):
    """The stored terms were changed by hand, or come from a newer release."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrencyTerms:
    """The money terms in one currency, in its minor units. None: no such amount or limit."""

    currency: str
    amount: int | None = None
    minimum_total: int | None = None
    maximum_discount: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FrozenTerms:
    """What a code is good for. `percent` is 0–100; without `skus` and `categories` it is good for everything."""

    type: str
    percent: Decimal | None = None
    gift: str = ""
    points: int | None = None
    amounts: tuple[CurrencyTerms, ...] = ()
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    valid_days: int | None = None
    max_uses: int = 1
    first_order_only: bool = False
    is_combinable: bool = False
    code_prefix: str = ""
    code_pattern: str = ""
    """With a # for each random character; "" is the prefix and the usual number of them."""
    code_source: str = "drawn"
    vesting_days: int = 0
    max_uses_per_customer: int | None = None
    code_after_cancellation: str = "release"
    code_after_refund: str = "keep"
    code_after_partial_refund: str = "keep"
    reward_after_partial_refund: str = "keep"

    @property
    def is_discount(self) -> bool:
        """Whether a code can carry these terms: gifts and points take nothing off an order."""
        return self.type in DISCOUNT_TYPES

    @property
    def is_scoped(self) -> bool:
        return bool(self.skus or self.categories)

    def in_currency(self, currency: str) -> CurrencyTerms | None:
        """Return the money terms in `currency`, or None when there are none."""
        return next((terms for terms in self.amounts if terms.currency == currency), None)

    @classmethod
    def of(cls, benefit: Benefit) -> FrozenTerms:
        """Return the terms of `benefit` as they stand now. Two queries, unless its rows are prefetched."""
        scopes = list(benefit.scopes.all())
        return cls(
            type=str(benefit.type),
            percent=benefit.percent if benefit.type == "percent" else None,
            gift=benefit.gift if benefit.type == "gift" else "",
            points=benefit.points if benefit.type == "points" else None,
            amounts=tuple(
                CurrencyTerms(
                    currency=row.currency,
                    amount=_minor(row.amount if benefit.type == "amount" else None, row.currency),
                    minimum_total=_minor(row.minimum_total, row.currency),
                    maximum_discount=_minor(row.maximum_discount, row.currency),
                )
                for row in sorted(benefit.amounts.all(), key=lambda row: row.currency)
            ),
            skus=tuple(sorted(scope.value for scope in scopes if scope.type == "product")),
            categories=tuple(sorted(scope.value for scope in scopes if scope.type == "category")),
            valid_days=benefit.valid_days,
            max_uses=benefit.max_uses,
            first_order_only=benefit.first_order_only,
            is_combinable=benefit.is_combinable,
            code_prefix=fold(benefit.code_prefix),
            code_pattern=benefit.code_pattern.upper(),
            code_source=benefit.code_source,
            vesting_days=benefit.vesting_days,
            max_uses_per_customer=benefit.max_uses_per_customer,
            code_after_cancellation=benefit.code_after_cancellation,
            code_after_refund=benefit.code_after_refund,
            code_after_partial_refund=benefit.code_after_partial_refund,
            reward_after_partial_refund=benefit.reward_after_partial_refund,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the terms as they are stored with a code."""
        return {
            "version": VERSION,
            "type": self.type,
            "percent": None if self.percent is None else str(self.percent),
            "gift": self.gift,
            "points": self.points,
            "amounts": {
                terms.currency: {
                    "amount": terms.amount,
                    "minimum_total": terms.minimum_total,
                    "maximum_discount": terms.maximum_discount,
                }
                for terms in self.amounts
            },
            "skus": list(self.skus),
            "categories": list(self.categories),
            "valid_days": self.valid_days,
            "max_uses": self.max_uses,
            "first_order_only": self.first_order_only,
            "is_combinable": self.is_combinable,
            "code_prefix": self.code_prefix,
            **{name: getattr(self, name) for name in _SINCE_VERSION_2},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FrozenTerms:
        """Return the terms that `as_json` wrote.

        :raises UnreadableTerms: when a part is missing or of another kind.
        """
        try:
            if stored["version"] > VERSION:
                raise UnreadableTerms(f"The terms have version {stored['version']}.")
            return cls(
                type=stored["type"],
                percent=None if stored["percent"] is None else Decimal(stored["percent"]),
                gift=stored["gift"],
                points=stored["points"],
                amounts=tuple(
                    CurrencyTerms(currency=currency, **terms)
                    for currency, terms in sorted(stored["amounts"].items())
                ),
                skus=tuple(stored["skus"]),
                categories=tuple(stored["categories"]),
                valid_days=stored["valid_days"],
                max_uses=stored["max_uses"],
                first_order_only=stored["first_order_only"],
                is_combinable=stored["is_combinable"],
                code_prefix=stored["code_prefix"],
                **{name: stored[name] for name in _SINCE_VERSION_2 if name in stored},
            )
        except (ArithmeticError, AttributeError, KeyError, TypeError) as error:
            raise UnreadableTerms("The terms of the code can't be read.") from error


def scaled(terms: FrozenTerms, *, kept_ppm: int) -> FrozenTerms:
    """Return the terms of which a share is kept: amounts in minor units and points, rounded half up.

    Of 5.00 EUR and 333,333 parts per million 1.67 EUR are left. What can't be divided stays whole.
    """
    if terms.reward_after_partial_refund != "proportional":
        return terms
    return replace(
        terms,
        points=_share(terms.points, kept_ppm),
        amounts=tuple(
            replace(money, amount=_share(money.amount, kept_ppm)) for money in terms.amounts
        ),
    )


_SINCE_VERSION_2: Final = (
    "code_pattern",
    "code_source",
    "vesting_days",
    "max_uses_per_customer",
    "code_after_cancellation",
    "code_after_refund",
    "code_after_partial_refund",
    "reward_after_partial_refund",
)
"""What version 1 did not have; its defaults are what codes of that version were given with."""


def _share(whole: int | None, kept_ppm: int) -> int | None:
    if whole is None:
        return None
    part = Decimal(whole) * kept_ppm / 1_000_000
    return int(part.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _minor(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else to_minor(Decimal(amount), currency)
