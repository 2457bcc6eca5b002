"""Who is shopping, and for which order, as far as Oscar knows.

Limits per customer count for guests too, once they gave their address, and a use that is held for an order is there for
whoever comes back to it.

Oscar asks for this module's mixin while its models are loading, so nothing here imports a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oscar.core.loading import get_model

from django_ppx.shop.types import Customer

if TYPE_CHECKING:
    from oscar.apps.offer.applicator import Applicator
else:
    Applicator = object


class KnowsGuests(Applicator):
    """For `Applicator`: notes on the basket what the session says, since an offer is not told the request."""

    def apply(self, basket: Any, user: Any = None, request: Any = None) -> None:
        session = getattr(request, "session", None)
        if session is not None:
            basket.ppx_guest_email = _from_checkout(session, "guest", "email")
            note_order(basket, _from_checkout(session, "submission", "order_number"))
        super().apply(basket, user, request)


def note_order(basket: Any, number: object) -> None:
    """Note on Oscar's basket which order it is to become: a use that is held for that order is its own.

    To be called before offers are applied, by a view that has no session of the shopper to read it from.
    """
    if number:
        basket.ppx_order_ref = str(number)


def shopper_of(basket: Any) -> Customer:
    """Return the account that has Oscar's basket, or the guest with the address given at the checkout."""
    owner = basket.owner
    if owner is None:
        return Customer(email=getattr(basket, "ppx_guest_email", ""))
    return Customer(account_id=str(owner.pk), email=owner.email or "")


def order_ref_of(basket: Any) -> str:
    """Return the number under which the shopper last set out to pay, "" before that and once that order is placed."""
    number = str(getattr(basket, "ppx_order_ref", ""))
    if number and get_model("order", "Order").objects.filter(number=number).exists():
        return ""
    return number


def _from_checkout(session: Any, namespace: str, key: str) -> str:
    # Not through Oscar's CheckoutSessionData: it writes to every session that it looks into.
    checkout = session.get("checkout_data")
    found = checkout.get(namespace) if isinstance(checkout, dict) else None
    value = found.get(key) if isinstance(found, dict) else None
    return str(value) if isinstance(value, str | int) else ""
