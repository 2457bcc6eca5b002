"""What a code takes off a basket. Pure: no Django, no database, no clock.

All sums are integers in minor units of the basket's currency (ISO 4217). The discount on the goods lies between 0 and
the goods, the one on the shipping between 0 and the shipping, whatever the terms say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from django_ppx.core.money import Money, to_minor
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms
from django_ppx.shop.types import Basket, BasketLine


class Obstacle(StrEnum):
    """Why terms don't apply to a basket. Each is a `RedemptionRefused.Reason` too."""

    WRONG_CURRENCY = "wrong_currency"
    MINIMUM_NOT_MET = "minimum_not_met"
    NO_MATCHING_PRODUCTS = "no_matching_products"
    NOTHING_TO_DISCOUNT = "nothing_to_discount"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pricing:
    """What the terms come to. `obstacle` says why that is nothing; `minimum` is the order they would need."""

    discount: Money
    shipping_discount: Money
    line_discounts: tuple[Money, ...] = ()
    """The discount on the goods, split over the basket's lines in their order.

    They add up to `discount`, unless the lines themselves come to less than it.
    """
    obstacle: Obstacle | None = None
    minimum: Money | None = None

    @property
    def total_discount(self) -> Money:
        return self.discount + self.shipping_discount


def price(terms: FrozenTerms, basket: Basket) -> Pricing:
    """Return what `terms` take off `basket`. Amounts in another currency are an obstacle, never converted.

    10 % of 45.05 EUR is 4.51 EUR: 4.505, rounded half up.
    """
    currency = basket.currency
    money = terms.in_currency(currency) or CurrencyTerms(currency=currency)
    if is_foreign(terms, currency):
        return _nothing(basket, Obstacle.WRONG_CURRENCY)
    goods = max(to_minor(basket.total, currency), 0)
    if money.minimum_total is not None and goods < money.minimum_total:
        return _nothing(basket, Obstacle.MINIMUM_NOT_MET, minimum=money.minimum_total)
    weights = [_weight(terms, line, currency) for line in basket.lines]
    if terms.is_scoped and not any(_matches(terms, line) for line in basket.lines):
        return _nothing(basket, Obstacle.NO_MATCHING_PRODUCTS)

    base = min(sum(weights), goods) if terms.is_scoped else goods
    discount = _within(_on_goods(terms, money, base), base, money.maximum_discount)
    shipping = max(to_minor(basket.shipping, currency), 0) if terms.type == "free_shipping" else 0
    shipping = _within(shipping, shipping, money.maximum_discount)
    return Pricing(
        discount=Money.from_minor(discount, currency),
        shipping_discount=Money.from_minor(shipping, currency),
        line_discounts=tuple(
            Money.from_minor(share, currency) for share in split(discount, weights)
        ),
        obstacle=None if discount or shipping else Obstacle.NOTHING_TO_DISCOUNT,
    )


def split(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Return `amount` in whole shares proportional to `weights`, the remainder to the largest fractions.

    No share exceeds its weight: the shares add up to `amount`, or to the weights where those are less. Of 100 over
    1, 1 and 1 nothing but 1, 1 and 1 is left; 100 over 300, 300 and 300 is 34, 33 and 33.
    """
    whole = sum(weights)
    amount = min(amount, whole)
    if amount <= 0:
        return (0,) * len(weights)
    shares = [amount * weight // whole for weight in weights]
    by_fraction = sorted(
        range(len(weights)), key=lambda index: (-(amount * weights[index] % whole), index)
    )
    for index in by_fraction[: amount - sum(shares)]:
        shares[index] += 1
    return tuple(shares)


_HUNDRED: Final = Decimal(100)


def is_foreign(terms: FrozenTerms, currency: str) -> bool:
    """Return whether the terms speak of money, but not of this currency."""
    money = terms.in_currency(currency)
    if terms.type == "amount":
        return money is None or money.amount is None
    return bool(terms.amounts) and money is None


def _on_goods(terms: FrozenTerms, money: CurrencyTerms, base: int) -> int:
    if terms.type == "amount":
        return money.amount or 0
    if terms.type == "percent" and terms.percent is not None:
        part = Decimal(base) * terms.percent / _HUNDRED
        return int(part.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return 0


def _within(discount: int, base: int, maximum: int | None) -> int:
    limit = base if maximum is None else min(base, maximum)
    return max(min(discount, limit), 0)


def _weight(terms: FrozenTerms, line: BasketLine, currency: str) -> int:
    return max(to_minor(line.total, currency), 0) if _matches(terms, line) else 0


def _matches(terms: FrozenTerms, line: BasketLine) -> bool:
    if not terms.is_scoped:
        return True
    if line.sku and line.sku in terms.skus:
        return True
    path = _segments(line.category_path)
    return any(
        bool(wanted) and path[: len(wanted)] == wanted
        for wanted in map(_segments, terms.categories)
    )


def _segments(path: str) -> tuple[str, ...]:
    """Return a category path by whole segments, so that "Kitchen" holds "Kitchen/Bowls" and not "Kitchenware"."""
    return tuple(part.strip().casefold() for part in path.split("/") if part.strip())


def _nothing(basket: Basket, obstacle: Obstacle, *, minimum: int | None = None) -> Pricing:
    zero = Money.from_minor(0, basket.currency)
    return Pricing(
        discount=zero,
        shipping_discount=zero,
        line_discounts=(zero,) * len(basket.lines),
        obstacle=obstacle,
        minimum=None if minimum is None else Money.from_minor(minimum, basket.currency),
    )
