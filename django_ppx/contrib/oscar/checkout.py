"""What is put before Oscar's payment view: the use of a code is held before payment is taken, or the order stops."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext
from oscar.apps.payment.exceptions import UnableToTakePayment
from oscar.core.loading import get_class

from django_ppx import codes
from django_ppx.contrib.oscar.mirrors import mirrors_in
from django_ppx.contrib.oscar.shoppers import order_ref_of
from django_ppx.contrib.oscar.weighing import as_basket
from django_ppx.core.containment import run_contained
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.models import CodeRedemption
from django_ppx.rewards.refusals import RedemptionRefused

if TYPE_CHECKING:
    from oscar.apps.checkout.views import PaymentDetailsView
else:
    PaymentDetailsView = object


class HoldsCodes(PaymentDetailsView):
    """For `PaymentDetailsView`.

    What the shopper has last seen may be a price with a discount that is gone: another order was faster. The code then
    leaves the basket, and the shopper reads why and sees the new price before anything is paid.

    A shopper who is sent on to a payment provider keeps what is held for `PPX_RESERVATION_MINUTES`. Whoever comes back
    finds it by the order's number, which Oscar keeps in the session (`shoppers.KnowsGuests`).
    """

    _shipping_method: Any = None
    _submitted: Any = None

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        """Note how the order is shipped: what a code takes off the charge is held with the rest."""
        self._shipping_method = kwargs.get("shipping_method")
        return super().submit(*args, **kwargs)

    def freeze_basket(self, basket: Any) -> None:
        """Freeze the basket, as Oscar does before payment, and note it: it need not be the one of the request."""
        self._submitted = basket
        super().freeze_basket(basket)

    def handle_payment(self, order_number: Any, total: Any, **kwargs: Any) -> Any:
        self._drop_other_holds(str(order_number))
        sentence = run_contained(
            "Holding the codes of an Oscar order",
            partial(self._hold_codes, str(order_number)),
            otherwise="",
            loud=settings.DEBUG,
        )
        if sentence:
            raise UnableToTakePayment(sentence)
        return super().handle_payment(order_number, total, **kwargs)

    def restore_frozen_basket(self) -> None:
        """Give the basket back, as Oscar does when an order has failed, and with it what was held for the order.

        What an order that was placed has used, it keeps.
        """
        super().restore_frozen_basket()
        _contained(partial(_give_back, str(self.checkout_session.get_order_number() or "")))

    def _basket(self) -> Any:
        return self.request.basket if self._submitted is None else self._submitted

    def _drop_other_holds(self, order_ref: str) -> None:
        """Give back what an earlier attempt of this shopper still holds, and what this one holds and needs no more."""

        def drop() -> None:
            basket = self._basket()
            earlier = order_ref_of(basket)
            if earlier != order_ref:
                _give_back(earlier)
            _give_back(order_ref, kept=[voucher.code for voucher in mirrors_in(basket)])

        _contained(drop)

    def _hold_codes(self, order_ref: str) -> str:
        """Reserve the codes in the basket. Those that are refused leave it; return what to tell the shopper, or ""."""
        basket = self._basket()
        sentences = []
        for voucher in mirrors_in(basket):
            weighed = as_basket(basket, voucher.offers.first(), code=voucher.code)
            try:
                codes.reserve(
                    voucher.code,
                    order_ref=order_ref,
                    basket=weighed,
                    discount=_given_in(basket, voucher)
                    + _given_off_shipping(basket, voucher, self._shipping_method),
                )
            except codes.Busy:
                # The shop's transaction is to begin again; no payment must begin in it.
                return gettext("Your order could not be placed just now. Please try again.")
            except RedemptionRefused as refusal:
                if refusal.reason != RedemptionRefused.Reason.UNAVAILABLE:
                    basket.vouchers.remove(voucher)
                    sentences.append(f"{voucher.code}: {refusal}")
        if not sentences:
            return ""
        basket.reset_offer_applications()
        get_class("offer.applicator", "Applicator")().apply(basket, self.request.user, self.request)
        sentences.append(gettext("Your basket has changed. Nothing has been paid."))
        return " ".join(sentences)


def _give_back(order_ref: str, *, kept: Collection[str] = ()) -> None:
    """Give back what is held for the order, except for the codes in `kept`. An order that was placed keeps its uses."""
    if not order_ref:
        return
    held = CodeRedemption.objects.filter(
        order_ref=order_ref, status=CodeRedemption.Status.RESERVED
    ).values_list("code__code", flat=True)
    for code in set(held) - {fold(text) for text in kept}:
        codes.release(code, order=order_ref, is_held_only=True)


def _contained(work: Callable[[], None]) -> None:
    run_contained(
        "Giving back the codes of an Oscar order", work, otherwise=None, loud=settings.DEBUG
    )


def _given_in(basket: Any, voucher: Any) -> Decimal:
    """Return what the voucher takes off the goods in the basket."""
    return sum(
        (
            application["discount"]
            for application in basket.offer_applications
            if application["voucher"] == voucher
        ),
        Decimal(0),
    )


def _given_off_shipping(basket: Any, voucher: Any, method: Any) -> Decimal:
    """Return what the voucher takes off the charge of Oscar's shipping method."""
    offer = getattr(method, "offer", None)
    if offer is None or not voucher.offers.filter(pk=offer.pk).exists():
        return Decimal(0)
    return Decimal(method.discount(basket))
