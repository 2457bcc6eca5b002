"""A few hundred steps of the ledger's state machine; 100,000 of them are `make bench ONLY=machine`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rewards.machine import LedgerMachine

FEW = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_the_rules_of_the_ledger_hold(settings) -> None:
    settings.PPX_SHOP = "tests.rewards.machine_shop.CreditingShop"

    run_state_machine_as_test(LedgerMachine, settings=FEW)
