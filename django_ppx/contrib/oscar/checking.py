"""Which codes in Oscar's basket are not good, and why. Reads only."""

from __future__ import annotations

from typing import Any

from django_ppx.contrib.oscar.mirrors import mirrors_in
from django_ppx.contrib.oscar.weighing import quote
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.shop.types import Customer


def refused_in(
    basket: Any, *, customer: Customer | None = None
) -> list[tuple[Any, RedemptionRefused]]:
    """Return the vouchers of our codes that take nothing off the basket, each with its refusal.

    Without `customer` it is the basket's owner.
    """
    refused = []
    for voucher in mirrors_in(basket):
        try:
            quote(basket, voucher.offers.first(), code=voucher.code, customer=customer)
        except RedemptionRefused as refusal:
            refused.append((voucher, refusal))
    return refused
