"""What is put before Oscar's payment view: a code that is no longer good stops the order before payment is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext
from oscar.apps.payment.exceptions import UnableToTakePayment
from oscar.core.loading import get_class

from django_ppx.contrib.oscar.checking import refused_in
from django_ppx.contrib.oscar.weighing import owner_of
from django_ppx.core.containment import run_contained
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.shop.types import Customer

if TYPE_CHECKING:
    from oscar.apps.checkout.views import PaymentDetailsView
else:
    PaymentDetailsView = object


class ChecksCodes(PaymentDetailsView):
    """For `PaymentDetailsView`.

    What the shopper has last seen may be a price with a discount that is gone: another order was faster. The code then
    leaves the basket, and the shopper reads why and sees the new price before anything is paid.
    """

    def handle_payment(self, order_number: Any, total: Any, **kwargs: Any) -> Any:
        sentence = run_contained(
            "The codes of an Oscar order",
            self._drop_refused_codes,
            otherwise="",
            loud=settings.DEBUG,
        )
        if sentence:
            raise UnableToTakePayment(sentence)
        return super().handle_payment(order_number, total, **kwargs)

    def _drop_refused_codes(self) -> str:
        """Take the codes that are not good out of the basket, and return what to tell the shopper; "" for none."""
        basket = self.request.basket
        customer = owner_of(basket)
        if customer == Customer():
            customer = Customer(email=self.checkout_session.get_guest_email() or "")
        sentences = []
        for voucher, refusal in refused_in(basket, customer=customer):
            if refusal.reason != RedemptionRefused.Reason.UNAVAILABLE:
                basket.vouchers.remove(voucher)
                sentences.append(f"{voucher.code}: {refusal}")
        if not sentences:
            return ""
        basket.reset_offer_applications()
        get_class("offer.applicator", "Applicator")().apply(basket, self.request.user, self.request)
        sentences.append(gettext("It was taken out of your basket; nothing has been paid."))
        return " ".join(sentences)
