"""What a basket costs, with the code that its shopper typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest

from django_ppx import codes
from django_ppx.exceptions import Refusal
from django_ppx.shop import types

from .access import last_order
from .basket import Basket


@dataclass(frozen=True, kw_only=True)
class Price:
    """The sums under a basket. `message` says what the code gives, or why it is not taken."""

    subtotal: Decimal
    shipping: Decimal
    code: str = ""
    discount: Decimal = Decimal(0)
    message: str = ""
    is_code_taken: bool = False

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.shipping - self.discount


def price(request: HttpRequest, basket: Basket, customer: types.Customer | None = None) -> Price:
    """Weigh the remembered code against the basket. Nothing is used up by asking.

    A guest who ordered here before is known by that order: only its owner learns why a code is not taken.
    """
    code = codes.remembered(request)
    sums = {"subtotal": basket.subtotal, "shipping": basket.shipping}
    if not code or not basket:
        return Price(**sums)
    offered = basket.for_ppx(customer or known_customer(request))
    try:
        quote = codes.quote(code, basket=offered, request=request)
    except Refusal as refusal:
        return Price(**sums, code=code, message=str(refusal))
    return Price(
        **sums,
        code=quote.code,
        discount=quote.total_discount.amount,
        message=quote.summary,
        is_code_taken=True,
    )


def known_customer(request: HttpRequest) -> types.Customer:
    """Return who is at the basket. An empty one is the account that is logged in, says `codes.quote`."""
    order = None if request.user.is_authenticated else last_order(request)
    return types.Customer(email=order.email) if order else types.Customer()
