"""The shop under load: its benefits, its codes, and orders that every process can name by a number."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from django.utils import timezone

from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit
from django_ppx.shop.types import Customer, Order
from django_ppx.testing import make_benefit, make_code, make_order, make_purchase, make_reward

DISCOUNT: Final = 500
"""Minor units that every use takes off: 10 % of 50.00, or 5.00."""
LOWEST_BUDGET: Final = 3000
MOST_PER_CUSTOMER: Final = 3
PEOPLE: Final = 12


def order_of(number: int) -> Order:
    """Return the order of this number; twelve people, who write their address variously, have all of them."""
    person = number % PEOPLE
    tag = f"+{number}" if number % 2 else ""
    return make_order(
        number=f"L-{number}",
        customer=Customer(
            account_id=f"{person}" if person % 3 == 0 and number % 4 else "",
            email=f"person{person}{tag}@example.com",
        ),
        total=Decimal(50),
        shipping=Decimal(0),
        lines=(),
        placed_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )


def open_shop(*, orders: int) -> list[str]:
    """Store benefits, codes and purchases, and return the codes that the processes fight for."""
    now = timezone.now()
    single = make_benefit(is_combinable=True)
    limited = make_benefit(max_uses=5, max_uses_per_customer=MOST_PER_CUSTOMER, is_combinable=True)
    earned = make_benefit(
        type="amount",
        amounts={"EUR": {"amount": 5}},
        max_uses=3,
        is_combinable=True,
        reward_after_partial_refund=Benefit.AfterPartialRefund.PROPORTIONAL,
    )
    once = make_benefit(is_combinable=True)
    pool = make_benefit(code_source="pool", is_combinable=True)
    make_benefit(type="points", points=100, reward_after_partial_refund="proportional")
    make_benefit(type="gift", gift="A mug")
    make_benefit(vesting_days=3, is_combinable=True)
    set_budget(benefit_id=limited.pk, currency="EUR", limit_minor=LOWEST_BUDGET)
    codes = [make_code(single, now=now).code for _code in range(6)]
    codes += [make_code(limited, now=now).code for _code in range(4)]
    for _code in range(orders // 2):
        make_code(pool, status="pooled", expires_at=None, now=now)
    for number in range(orders):
        purchase = make_purchase(order_of(number), now=now)
        if number < 12:
            benefit = earned if number % 2 else once
            reward = make_reward(
                benefit,
                customer=purchase.customer,
                purchase_id=purchase.pk,
                reason_key=f"offer:{benefit.pk}:purchase:{purchase.pk}",
                now=now,
            )
            codes.append(reward.code.code)
    return codes
