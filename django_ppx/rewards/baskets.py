"""Whether a basket from outside has amounts that the ledger can hold."""

from __future__ import annotations

from decimal import InvalidOperation
from typing import Final

from babel.core import get_global

from django_ppx.core.money import to_minor
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop.types import Basket

_LARGEST_MINOR: Final = 10**18
"""Far more than anything costs, and small enough that budgets can add such sums up."""


def check_basket(basket: Basket) -> None:
    """Return when each amount of the basket can be counted with.

    :raises InvalidOrder: for an unknown currency, or an amount out of range.
    """
    if basket.currency not in get_global("all_currencies"):
        raise InvalidOrder(f"{basket.currency!r} is no ISO 4217 currency.")
    for amount in (basket.total, basket.shipping, *(line.total for line in basket.lines)):
        try:
            minor = to_minor(amount, basket.currency)
        except InvalidOperation as error:
            raise InvalidOrder("An amount of the basket is out of range.") from error
        if abs(minor) > _LARGEST_MINOR:
            raise InvalidOrder("An amount of the basket is out of range.")
