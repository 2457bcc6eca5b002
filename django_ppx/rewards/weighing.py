"""Whether a code may be used for a basket or an order, and what it takes off. Reads only.

The quote and the redemption ask here, so that they never differ. What decides between two orders that want one use is
not here: that is the conditional update of `redeeming`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import get_language, gettext

from django_ppx.conf import ppx_settings
from django_ppx.core.identity import customer_keys
from django_ppx.core.models import CustomerKey, Purchase
from django_ppx.core.money import babel_locale
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.pricing import Obstacle, Pricing, price
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.shop.types import Basket, Customer

Reason: Final = RedemptionRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A basket, or an order as a basket, that wants to use a code."""

    code: DiscountCode
    basket: Basket
    now: datetime
    order_ref: str = ""
    """The number of the order that wants it; "" before there is one."""
    has_other_code: bool = False
    """Whether the order has used another of our codes already."""


def find_code(text: str) -> DiscountCode:
    """Return the code that was typed.

    :raises RedemptionRefused: when there is none.
    """
    code = DiscountCode.objects.typed(text).first()
    if code is None:
        raise RedemptionRefused(Reason.UNKNOWN)
    return code


def check_usable(code: DiscountCode, *, customer: Customer, now: datetime) -> None:
    """Return when the code as it stands has a use left at `now`.

    A use that a lapsed reservation still holds counts as left: whoever wants it gets it.

    :raises RedemptionRefused: when it is revoked, expired, used up or can't be used yet.
    """
    if code.status == DiscountCode.Status.POOLED:
        raise RedemptionRefused(Reason.UNKNOWN)
    if code.status == DiscountCode.Status.REVOKED:
        raise refusal(Reason.REVOKED, code=code, customer=customer)
    if code.times_used >= code.max_uses and not _has_lapsed_use(code, now):
        raise refusal(Reason.USED_UP, code=code, customer=customer)
    if code.status == DiscountCode.Status.EXPIRED or (
        code.expires_at is not None and now >= code.expires_at
    ):
        raise refusal(Reason.EXPIRED, code=code, customer=customer)
    if code.starts_at is not None and now < code.starts_at:
        raise refusal(
            Reason.NOT_YET, code=code, customer=customer, sentence=_start_sentence(code.starts_at)
        )


def _has_lapsed_use(code: DiscountCode, now: datetime) -> bool:
    return CodeRedemption.objects.lapsed(now=now).filter(code=code.pk).exists()


def _start_sentence(starts_at: datetime) -> str:
    day = starts_at.astimezone(ZoneInfo(ppx_settings.PPX_TIME_ZONE)).date()
    shown = format_date(day, format="long", locale=babel_locale(get_language() or "en"))
    return gettext("This code can be used from %(day)s on.") % {"day": shown}


def refusal(
    reason: RedemptionRefused.Reason, *, code: DiscountCode, customer: Customer, sentence: str = ""
) -> RedemptionRefused:
    """Return the refusal in the words that this customer may read. One query."""
    is_owner = (
        code.customer_id is not None
        and CustomerKey.objects.filter(
            key__in=customer_keys(customer), customer=code.customer_id
        ).exists()
    )
    return RedemptionRefused(reason, sentence, is_owner=is_owner)


def weigh(claim: Claim) -> Pricing:
    """Return what the code takes off the basket.

    A code that would take nothing off is priced too: an order that was already delivered free of charge may still
    book its free shipping.

    :raises RedemptionRefused: when the code is not good for this basket.
    :raises UnreadableTerms: when the stored terms were changed by hand.
    """
    check_usable(claim.code, customer=claim.basket.customer, now=claim.now)
    return weigh_basket(claim)


def weigh_basket(claim: Claim) -> Pricing:
    """Return what the code takes off the basket, whether or not it has a use left: for an order that holds one.

    :raises RedemptionRefused: when the code is not good for this basket.
    :raises UnreadableTerms: when the stored terms were changed by hand.
    """
    terms = FrozenTerms.from_json(claim.code.terms)
    pricing = price(terms, claim.basket)
    if pricing.obstacle is not None and pricing.obstacle is not Obstacle.NOTHING_TO_DISCOUNT:
        raise RedemptionRefused(Reason(pricing.obstacle.value), _minimum_sentence(pricing))
    if not _can_combine(terms, claim):
        raise RedemptionRefused(Reason.NOT_COMBINABLE)
    if terms.first_order_only and _has_ordered(claim.basket.customer, except_ref=claim.order_ref):
        raise RedemptionRefused(Reason.FIRST_ORDER_ONLY)
    return pricing


def _minimum_sentence(pricing: Pricing) -> str:
    if pricing.minimum is None:
        return ""
    return gettext("This code is for orders of %(amount)s or more.") % {
        "amount": pricing.minimum.formatted(get_language() or "en")
    }


def _can_combine(terms: FrozenTerms, claim: Claim) -> bool:
    """Return whether the code goes with the other ones; each of them has to allow it."""
    others = {fold(code) or code for code in claim.basket.other_codes if code} - {claim.code.code}
    if not others and not claim.has_other_code:
        return True
    return terms.is_combinable and _are_combinable(others)


def _are_combinable(codes: Iterable[str]) -> bool:
    stored = DiscountCode.objects.filter(code__in=[code for code in codes if fold(code) == code])
    return all(
        FrozenTerms.from_json(terms).is_combinable
        for terms in stored.values_list("terms", flat=True)
    )


def _has_ordered(customer: Customer, *, except_ref: str) -> bool:
    """Return whether the customer, guest or not, has a valid purchase other than the one named."""
    return (
        Purchase.objects.valid()
        .filter(customer__keys__key__in=customer_keys(customer))
        .exclude(order_ref=except_ref)
        .exists()
    )
