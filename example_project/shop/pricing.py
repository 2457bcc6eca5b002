"""What a basket costs, with the code that its shopper typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest

from django_ppx import codes
from django_ppx.exceptions import Refusal
from django_ppx.shop import types

from .basket import Basket


@dataclass(frozen=True, kw_only=True)
class Price:
    """The sums under a basket. `refusal` is a sentence for the shopper when the code is not taken."""

    subtotal: Decimal
    shipping: Decimal
    code: str = ""
    discount: Decimal = Decimal(0)
    refusal: str = ""

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.shipping - self.discount

    @property
    def is_code_taken(self) -> bool:
        return bool(self.code) and not self.refusal


def price(request: HttpRequest, basket: Basket, customer: types.Customer | None = None) -> Price:
    """Weigh the remembered code against the basket. Nothing is used up by asking."""
    code = codes.remembered(request)
    sums = {"subtotal": basket.subtotal, "shipping": basket.shipping}
    if not code or not basket:
        return Price(**sums)
    offered = basket.for_ppx(customer or customer_of(request))
    try:
        quote = codes.quote(code, basket=offered, request=request)
    except Refusal as refusal:
        return Price(**sums, code=code, refusal=str(refusal))
    return Price(**sums, code=code, discount=quote.discount)


def customer_of(request: HttpRequest) -> types.Customer:
    """Return what is known of the visitor before they fill in the checkout."""
    user = request.user
    if not user.is_authenticated:
        return types.Customer()
    return types.Customer(account_id=str(user.pk), email=user.email)
