"""100,000 steps of the ledger's state machine: no rule of `tests.rewards.invariants` is ever broken."""

from __future__ import annotations

import sys
import time
import traceback

from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.benchmarks.cases import Row
from tests.rewards.machine import LedgerMachine

EXAMPLES = 1000
STEPS = 110
LEAST = 100_000
SAY_EVERY = 10_000


class CountingMachine(LedgerMachine):
    """Counts the steps that were really taken."""

    steps = 0

    def check_invariants(self, *arguments: object, **options: object) -> None:
        CountingMachine.steps += 1
        if CountingMachine.steps % SAY_EVERY == 0:
            print(f"machine: {CountingMachine.steps:,} steps", file=sys.stderr, flush=True)
        super().check_invariants(*arguments, **options)


def rows(database: str) -> list[Row]:
    """Return how many steps were taken, and whether a rule was broken on the way."""
    django_settings.PPX_SHOP = "tests.rewards.machine_shop.CreditingShop"
    few = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    begun, broken = time.perf_counter(), ""
    try:
        run_state_machine_as_test(CountingMachine, settings=few)
    except AssertionError as error:
        traceback.print_exc()
        broken = f", broken: {error}"[:60]
    seconds = time.perf_counter() - begun
    figure = f"{CountingMachine.steps:,} steps in {seconds:,.0f} s{broken}"
    is_ok = not broken and CountingMachine.steps >= LEAST
    return [Row(f"machine-{database}", figure, f"{LEAST:,}, no rule broken", is_ok=is_ok)]
