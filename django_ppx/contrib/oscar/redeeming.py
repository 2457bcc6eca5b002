"""Our ledger and Oscar's order: the use of a code is taken in the transaction in which Oscar places the order."""

from __future__ import annotations

import logging
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext
from oscar.apps.order.exceptions import UnableToPlaceOrder
from oscar.core.loading import get_model

from django_ppx import codes
from django_ppx.contrib.oscar.mirrors import is_mirror
from django_ppx.contrib.oscar.weighing import quote
from django_ppx.core.containment import run_contained
from django_ppx.core.models import Purchase
from django_ppx.exceptions import InvalidOrder, Misconfigured
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.shop.adapter import get_shop

if TYPE_CHECKING:
    from oscar.apps.order.utils import OrderCreator
else:
    OrderCreator = object

logger: Final = logging.getLogger("django_ppx")

_UNDONE: Final = (
    CodeRedemption.ReleaseReason.CANCELLED,
    CodeRedemption.ReleaseReason.REFUNDED,
    CodeRedemption.ReleaseReason.PARTLY_REFUNDED,
)

_NOTHING_LOST: Final = frozenset(
    {RedemptionRefused.Reason.UNAVAILABLE, RedemptionRefused.Reason.NOTHING_TO_DISCOUNT}
)


class RedeemsCodes(OrderCreator):
    """For `OrderCreator`: takes the use of our codes from the ledger, or gives the order up."""

    def record_voucher_usage(self, order: Any, voucher: Any, user: Any) -> None:
        """Use the voucher up, and with it the code that it stands for.

        A code that took nothing off this order stays unused, unless that is because its time was up: what was held for
        this order has gone to another one, and the shopper may have paid the price with the discount. A fault of ours
        lets the order through: `settle_purchase` makes up for it.

        :raises UnableToPlaceOrder: when the code is no longer good. Oscar then rolls the order back and shows the text.
        """
        if is_mirror(voucher):
            given = _given(order, voucher)
            if not given:
                _check_not_lost(order, voucher)
                _give_back(order, voucher)
                return
            _take_use(order, voucher, given)
        super().record_voucher_usage(order, voucher, user)


def settle_purchase(purchase: Purchase, **kwargs: Any) -> None:
    """Book the codes of a recorded order that a fault of ours kept from being booked when it was placed.

    Connected to `purchase_recorded`. An order that has its redemptions already keeps them, and one that was undone
    meanwhile does not get back what it gave back.
    """
    if purchase.cancelled_at is not None:
        return
    order = get_shop().find_order(purchase.order_ref)
    if order is None:
        return
    ids = order.discounts.exclude(voucher_id=None).values_list("voucher_id", flat=True)
    for voucher in get_model("voucher", "Voucher").objects.filter(pk__in=set(ids)):
        if not is_mirror(voucher) or _was_undone(purchase, voucher):
            continue
        try:
            codes.redeem(voucher.code, order=order, discount=_given(order, voucher))
        except RedemptionRefused as refusal:
            logger.error(
                "Purchase %s was given a discount for a code that is refused: %s.",
                purchase.pk,
                refusal.reason.value,
            )


def _was_undone(purchase: Purchase, voucher: Any) -> bool:
    """Return whether the order has given its use of the code back because it was cancelled or refunded."""
    used = CodeRedemption.objects.filter(
        code__code=fold(voucher.code), order_ref=purchase.order_ref, release_reason__in=_UNDONE
    )
    return used.exists()


def _check_not_lost(order: Any, voucher: Any) -> None:
    """Return unless the order had a use of the code, lost it, and can't have one any more.

    :raises UnableToPlaceOrder: when it is so.
    """
    refusal = run_contained(
        "Looking whether an Oscar order has lost its code",
        partial(_why_lost, order, voucher),
        otherwise=None,
        loud=settings.DEBUG,
    )
    if refusal is not None:
        raise UnableToPlaceOrder(f"{voucher.code}: {refusal}") from refusal


def _why_lost(order: Any, voucher: Any) -> RedemptionRefused | None:
    lost = CodeRedemption.objects.filter(
        code__in=DiscountCode.objects.typed(voucher.code),
        order_ref=str(order.number),
        status=CodeRedemption.Status.RELEASED,
    )
    if not lost.exists():
        return None
    try:
        quote(order.basket, voucher.offers.first(), code=voucher.code)
    except RedemptionRefused as refusal:
        return None if refusal.reason in _NOTHING_LOST else refusal
    return None


def _take_use(order: Any, voucher: Any, given: Decimal) -> None:
    try:
        codes.redeem(voucher.code, order=order, discount=given)
    except RedemptionRefused as refusal:
        if refusal.reason == RedemptionRefused.Reason.UNAVAILABLE:
            return  # logged already
        raise UnableToPlaceOrder(f"{voucher.code}: {refusal}") from refusal
    except codes.Busy as busy:
        raise UnableToPlaceOrder(
            gettext("Your order could not be placed just now. Please try again.")
        ) from busy
    except (InvalidOrder, Misconfigured):
        logger.exception("The use of a code could not be booked; the order goes on without.")


def _give_back(order: Any, voucher: Any) -> None:
    """Let the use go that was held before payment, for a code that took nothing off in the end."""
    try:
        codes.release(voucher.code, order=str(order.number))
    except (RedemptionRefused, codes.Busy):
        logger.warning("A use of a code is still held for an order that does not need it.")


def _given(order: Any, voucher: Any) -> Decimal:
    """Return what the voucher took off the order, goods and shipping, as Oscar recorded it."""
    rows = order.discounts.filter(voucher_id=voucher.pk)
    return rows.aggregate(given=Sum("amount"))["given"] or Decimal(0)
