"""What a use of a code will be, weighed before anything is written. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django_ppx.core.identity import limit_keys
from django_ppx.rewards.models import CodeRedemption
from django_ppx.rewards.reading import CodeFacts
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.weighing import Claim, weigh, weigh_basket
from django_ppx.shop.types import Basket

Status: Final = CodeRedemption.Status


@dataclass(frozen=True, kw_only=True, slots=True)
class UseRequest:
    """An order that wants to use a code: to reserve it until `reserve_until`, or (None) for good."""

    text: str
    order_ref: str
    basket: Basket
    now: datetime
    granted_minor: int | None = None
    """What the shop took off, in minor units; None: what the code comes to."""
    reserve_until: datetime | None = None

    @property
    def status(self) -> str:
        return Status.REDEEMED if self.reserve_until is None else Status.RESERVED


@dataclass(frozen=True, kw_only=True, slots=True)
class UsePlan:
    """What is to be written, after everything was read and weighed."""

    request: UseRequest
    facts: CodeFacts
    redemption: CodeRedemption
    customer_limit: int | None

    @property
    def is_fresh(self) -> bool:
        """Whether the order takes a use that it does not hold yet."""
        mine = self.facts.mine
        return mine is None or mine.status == Status.RELEASED


def plan_use(request: UseRequest, facts: CodeFacts) -> UsePlan:
    """Return what is to be written, so that the order has the use it asks for.

    :raises RedemptionRefused: when the code is not good for this order.
    """
    mine = facts.mine
    terms = FrozenTerms.from_json(facts.code.terms)
    claim = Claim(
        code=facts.code,
        basket=request.basket,
        now=request.now,
        order_ref=request.order_ref,
        has_other_code=facts.has_other_code,
    )
    holds_it = mine is not None and mine.status == Status.RESERVED
    pricing = weigh_basket(claim) if holds_it else weigh(claim)
    keys = limit_keys(request.basket.customer) if terms.max_uses_per_customer else ()
    if terms.max_uses_per_customer and not keys and not holds_it:
        raise RedemptionRefused(RedemptionRefused.Reason.CUSTOMER_UNKNOWN)
    granted = request.granted_minor
    discount = pricing.total_discount.minor if granted is None else granted
    is_redeemed = request.reserve_until is None
    redemption = CodeRedemption(
        pk=None if mine is None else mine.id,
        code=facts.code,
        order_ref=request.order_ref,
        status=request.status,
        customer_id=facts.customer_id,
        currency=request.basket.currency,
        discount_minor=discount,
        budget_minor=0 if facts.budget_id is None else discount,
        limit_keys=list(keys),
        reserved_at=None if is_redeemed else request.now,
        reserved_until=request.reserve_until,
        redeemed_at=request.now if is_redeemed else None,
    )
    return UsePlan(
        request=request,
        facts=facts,
        redemption=redemption,
        customer_limit=terms.max_uses_per_customer,
    )
