"""What some shops can do beyond having orders. An adapter that has the method has the ability."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from django_ppx.shop.types import Customer


@runtime_checkable
class KeepsPoints(Protocol):
    """A shop with a points account of its own for each customer."""

    def credit_points(self, *, customer: Customer, points: int, reference: str) -> None:
        """Add `points` to the customer's account, once per `reference`.

        It may be called again with the same reference, after a crash: then it changes nothing. It runs outside of any
        transaction of ours.

        :raises Exception: of any kind when the points can't be credited; it is logged and tried again later.
        """
