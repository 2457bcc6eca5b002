"""The shop of the state machine: its people, who are fewer than they seem, and its benefits."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django_ppx.rewards.models import Benefit
from django_ppx.shop.types import Customer
from django_ppx.testing import FakeShop, make_benefit

PEOPLE = (
    Customer(account_id="42", email="ada@gmail.com"),
    Customer(email="a.da+shop@googlemail.com"),
    Customer(email="ada@gmail.com"),
    Customer(email="bob@example.com"),
    Customer(account_id="43", email="bob@example.com"),
    Customer(account_id="44"),
)


class CreditingShop(FakeShop):
    """A shop that keeps points, and remembers what it was asked to credit."""

    credited: ClassVar[list[str]] = []

    def credit_points(self, *, customer: Customer, points: int, reference: str) -> None:
        self.credited.append(reference)


def make_benefits() -> list[Benefit]:
    return [
        make_benefit(max_uses=3, max_uses_per_customer=2, valid_days=3, is_combinable=True),
        make_benefit(
            type="amount",
            amounts={"EUR": {"amount": 5}, "USD": {"amount": 6}},
            vesting_days=1,
            valid_days=5,
            is_combinable=True,
            code_after_refund="release",
            reward_after_partial_refund="proportional",
        ),
        make_benefit(
            type="amount",
            amounts={"EUR": {"amount": 5}},
            max_uses_per_customer=1,
            is_combinable=True,
            reward_after_partial_refund="proportional",
            code_after_partial_refund="release",
        ),
        make_benefit(percent=Decimal(50), valid_days=None, code_after_cancellation="keep"),
        make_benefit(code_source="pool", valid_days=4),
        make_benefit(type="points", points=100, reward_after_partial_refund="proportional"),
        make_benefit(type="gift", gift="A mug"),
    ]
