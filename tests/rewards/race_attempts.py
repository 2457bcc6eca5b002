"""What each process of a race does over and over: the real thing, and naive controls that must race."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import F
from django.utils import timezone

from django_ppx import codes
from django_ppx.core.models import Customer as StoredCustomer
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.models import (
    Benefit,
    BenefitBudget,
    CodeRedemption,
    CustomerUseCount,
    DiscountCode,
    Reward,
)
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.shop.types import Customer, Order
from django_ppx.testing import make_order
from tests.rewards.hosting import as_host

DISCOUNT = 451
"""Minor units: 10 % off the goods of `make_order`."""
EPOCH = datetime(2026, 3, 2, 12, tzinfo=UTC)


def redeem(code: str, number: str) -> str:
    """Redeem through the front door, on its own. Return "ok", or the machine reason of the refusal."""
    try:
        codes.redeem(code, order=make_order(number=number))
    except codes.RedemptionRefused as refusal:
        return str(refusal.reason)
    return "ok"


def check_out(code: str, number: str) -> str:
    """Redeem inside a transaction of the host, which writes its own order first and gives it up when refused."""
    try:
        return as_host(number, lambda: _redeemed(code, make_order(number=number)))
    except codes.RedemptionRefused as refusal:
        return str(refusal.reason)


def redeem_as_ada(code: str, number: str) -> str:
    """Redeem as one person, who writes her address differently each time."""
    ada = Customer(email=f"A.da+{number}@gmail.com")
    try:
        return _redeemed(code, make_order(number=number, customer=ada))
    except codes.RedemptionRefused as refusal:
        return str(refusal.reason)


def check_out_as_ada(code: str, number: str) -> str:
    """Redeem as one person inside a transaction of the host."""
    return as_host(number, lambda: redeem_as_ada(code, number))


def _redeemed(code: str, order: Order) -> str:
    codes.redeem(code, order=order)
    return "ok"


def check_then_write(code: str, number: str) -> str:
    """Look whether a use is left, and then take it: what every shop writes first."""
    row = DiscountCode.objects.get(code=code)
    if row.times_used >= row.max_uses:
        return "used_up"
    row.times_used += 1
    row.save(update_fields=["times_used"])
    CodeRedemption.objects.create(
        code=row,
        order_ref=number,
        status=CodeRedemption.Status.REDEEMED,
        currency="EUR",
        discount_minor=500,
        redeemed_at=timezone.now(),
    )
    return "ok"


def check_budget_then_write(code: str, number: str) -> str:
    """Look whether the budget has enough left, and then spend it."""
    budget = BenefitBudget.objects.get(benefit__codes__code=code)
    if budget.spent_minor + DISCOUNT > budget.limit_minor:
        return "budget_spent"
    budget.spent_minor += DISCOUNT
    budget.save(update_fields=["spent_minor"])
    return "ok"


def check_customer_then_write(code: str, number: str) -> str:
    """Look how often the person has used the benefit, and then count one more."""
    benefit = Benefit.objects.get(codes__code=code)
    count, _created = CustomerUseCount.objects.get_or_create(benefit=benefit, limit_key="ada")
    if count.uses >= (benefit.max_uses_per_customer or 0):
        return "customer_limit"
    count.uses += 1
    count.save(update_fields=["uses"])
    return "ok"


def check_reward_then_write(code: str, number: str) -> str:
    """Look whether the reward was granted, and then grant it: what the unique constraint is there for."""
    benefit = Benefit.objects.get(codes__code=code)
    if Reward.objects.filter(benefit=benefit, reason_key__startswith=f"welcome {code}").exists():
        return "used_up"
    customer = StoredCustomer.objects.get(email="ada@example.com")
    Reward.objects.create(
        customer=customer,
        benefit=benefit,
        terms={},
        reason_type="staff",
        reason_key=f"welcome {code} {number}",  # the number keeps the constraint from helping
        opened_as="issued",
        status="issued",
        granted_at=EPOCH,
    )
    return "ok"


def grant_once(code: str, number: str) -> str:
    """Grant one reward for one reason, whoever asks."""
    benefit = Benefit.objects.get(codes__code=code)
    customer = StoredCustomer.objects.get(email="ada@example.com")
    request = RewardRequest(
        reason_key=f"welcome {code}",
        reason_type="staff",
        benefit_id=benefit.pk,
        terms=FrozenTerms.of(benefit),
        customer_id=customer.pk,
    )
    [reward] = grant_rewards(requests=[request], now=timezone.now())
    return "ok" if reward.granted_at else "error"


def release_without_condition(code: str, number: str) -> str:
    """Give the order's use back without asking in the update whether it still stands."""
    order_ref = f"{code}-shared"
    use = CodeRedemption.objects.get(code__code=code, order_ref=order_ref)
    if use.status == CodeRedemption.Status.RELEASED:
        return "used_up"
    use.status, use.released_at = CodeRedemption.Status.RELEASED, timezone.now()
    use.save()
    DiscountCode.objects.filter(code=code, times_used__gt=0).update(times_used=F("times_used") - 1)
    return "ok"


def release_shared(code: str, number: str) -> str:
    """Give the order's use back through the front door."""
    codes.release(code, order=f"{code}-shared")
    return "ok"
