"""What a code would take off a basket, without using it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django_ppx.core.identity import limit_keys
from django_ppx.core.money import Money
from django_ppx.rewards.alphabet import grouped
from django_ppx.rewards.limiting import check_budget, check_customer_uses
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.pricing import Obstacle, Pricing
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.weighing import Claim, find_code, weigh, weigh_basket
from django_ppx.rewards.wording import summarize
from django_ppx.shop.types import Basket


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """The answer to "what does this code come to?". Nothing is reserved."""

    code: str
    """As people read it: "THANKS-ABCD-EFGH-JKLM"."""
    value: str
    """As it is stored."""
    discount: Money
    """Off the goods."""
    shipping_discount: Money
    line_discounts: tuple[Money, ...]
    """`discount` split over the basket's lines, in their order."""
    summary: str
    """In a few words, in the active language: "10% off"."""

    @property
    def total_discount(self) -> Money:
        """What the customer pays less."""
        return self.discount + self.shipping_discount


def quote_code(*, code: str, basket: Basket, now: datetime) -> Quote:
    """Return what the typed code takes off `basket`. A use that is held for the basket's order is there to be used.

    :raises RedemptionRefused: when it is not good for this basket, or would take nothing off.
    """
    row = find_code(code)
    is_held = _is_held(row, basket)
    claim = Claim(code=row, basket=basket, now=now, order_ref=basket.order_ref)
    pricing = weigh_basket(claim) if is_held else weigh(claim)
    if pricing.obstacle is Obstacle.NOTHING_TO_DISCOUNT:
        raise RedemptionRefused(RedemptionRefused.Reason.NOTHING_TO_DISCOUNT)
    terms = FrozenTerms.from_json(row.terms)
    if not is_held:
        _check_limits(row, terms, pricing, basket)
    return Quote(
        code=grouped(row.code, terms.code_prefix, terms.code_pattern),
        value=row.code,
        discount=pricing.discount,
        shipping_discount=pricing.shipping_discount,
        line_discounts=pricing.line_discounts,
        summary=summarize(terms, currency=basket.currency),
    )


def _is_held(row: DiscountCode, basket: Basket) -> bool:
    if not basket.order_ref:
        return False
    held = CodeRedemption.objects.standing().filter(code=row, order_ref=basket.order_ref)
    return any(use.order_ref == basket.order_ref for use in held)


def _check_limits(row: DiscountCode, terms: FrozenTerms, pricing: Pricing, basket: Basket) -> None:
    """Say beforehand what the redemption would say. What decides there are the counters themselves."""
    if terms.max_uses_per_customer:
        check_customer_uses(
            benefit_id=row.benefit_id,
            limit_keys=limit_keys(basket.customer),
            limit=terms.max_uses_per_customer,
        )
    check_budget(
        benefit_id=row.benefit_id,
        currency=basket.currency,
        amount_minor=pricing.total_discount.minor,
    )
