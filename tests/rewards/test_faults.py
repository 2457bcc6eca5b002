"""Every operation that writes, struck at each of its statements and commits: nothing is lost, nothing doubled."""

from __future__ import annotations

from typing import Any

import pytest

from django_ppx.core.models import PurchaseEntry
from django_ppx.rewards.models import (
    BenefitBudget,
    CodeRedemption,
    CustomerUseCount,
    DiscountCode,
    Reward,
)
from tests.rewards.invariants import violations
from tests.rewards.machine_shop import CreditingShop
from tests.rewards.sweep_operations import NOW, OPERATIONS
from tests.rewards.sweeping import KINDS, sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def crediting_shop(settings) -> None:
    settings.PPX_SHOP = "tests.rewards.machine_shop.CreditingShop"
    CreditingShop.credited = []


def state() -> list[Any]:
    """Check the rules, and return what the ledger comes to, without keys and codes."""
    assert violations(lowered_budgets=set(_budgets()), is_settled=False) == []
    codes = DiscountCode.objects.values_list("status", "times_used", "max_uses", "terms")
    uses = CodeRedemption.objects.values_list("order_ref", "status", "discount_minor")
    rewards = [
        (
            reward.reason_key,
            reward.status,
            reward.kept_ppm,
            reward.flag,
            [entry.kind for entry in reward.entries.order_by("number")],
        )
        for reward in Reward.objects.prefetch_related("entries")
    ]
    counts = CustomerUseCount.objects.filter(uses__gt=0).values_list("uses")
    spent = BenefitBudget.objects.values_list("limit_minor", "spent_minor")
    entries = PurchaseEntry.objects.values_list("key", "gross_minor", "net_minor")
    return [sorted(map(repr, rows)) for rows in (codes, uses, rewards, counts, spent, entries)]


def _budgets() -> list[tuple[int, str]]:
    return list(BenefitBudget.objects.values_list("benefit", "currency"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_fault_anywhere_loses_nothing_and_doubles_nothing(name: str, kind: str) -> None:
    operation = OPERATIONS[name]

    struck = sweep(kind, operation.prepare, operation.run, state)

    assert struck >= (0 if kind.startswith("commit") else 1)


@pytest.mark.parametrize("kind", ["before", "after", "kill"])
def test_control_without_a_transaction_a_fault_leaves_half_a_use(kind: str) -> None:
    operation = OPERATIONS["redeem a plain code"]

    def use_without_a_transaction(shop: Any) -> None:
        code = shop.reward.code
        DiscountCode.objects.filter(pk=code.pk, times_used__lt=1).update(times_used=1)
        CodeRedemption.objects.create(
            code=code, order_ref="S-2", status="redeemed", discount_minor=1, redeemed_at=NOW
        )

    with pytest.raises(AssertionError, match="counter 1, 0 standing"):
        sweep(kind, operation.prepare, use_without_a_transaction, state)
