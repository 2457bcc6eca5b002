"""The numbers of the shop's orders, as the ledger keeps them."""

from __future__ import annotations

from django_ppx.core.texts import clean_text
from django_ppx.exceptions import InvalidOrder


def checked_ref(number: str) -> str:
    """Return the number as it is stored.

    :raises InvalidOrder: when it is none, or too long.
    """
    order_ref = clean_text(number)
    if not order_ref or len(order_ref) > 100:
        raise InvalidOrder("An order needs a number of 1 to 100 characters.")
    return order_ref
