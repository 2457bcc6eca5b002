"""Who is shopping, as far as Oscar knows: limits per customer count for guests too, once they gave their address.

Oscar asks for this module's mixin while its models are loading, so nothing here imports a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_ppx.shop.types import Customer

if TYPE_CHECKING:
    from oscar.apps.offer.applicator import Applicator
else:
    Applicator = object


class KnowsGuests(Applicator):
    """For `Applicator`: notes on the basket which address the guest gave, since an offer is not told the request."""

    def apply(self, basket: Any, user: Any = None, request: Any = None) -> None:
        session = getattr(request, "session", None)
        if session is not None:
            basket.ppx_guest_email = _guest_email(session)
        super().apply(basket, user, request)


def shopper_of(basket: Any) -> Customer:
    """Return the account that has Oscar's basket, or the guest with the address given at the checkout."""
    owner = basket.owner
    if owner is None:
        return Customer(email=getattr(basket, "ppx_guest_email", ""))
    return Customer(account_id=str(owner.pk), email=owner.email or "")


def _guest_email(session: Any) -> str:
    # Not through Oscar's CheckoutSessionData: it writes to every session that it looks into.
    checkout = session.get("checkout_data")
    guest = checkout.get("guest") if isinstance(checkout, dict) else None
    email = guest.get("email") if isinstance(guest, dict) else None
    return email if isinstance(email, str) else ""
