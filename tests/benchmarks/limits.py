"""10,000 attempts from 32 processes on a limit: exactly as many succeed. For uses, a budget and one person's uses."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.cases import Row
from tests.rewards.race_attempts import DISCOUNT
from tests.rewards.races import run_race

PROCESSES = 32
ATTEMPTS = 313
"""Each: 10,016 in all."""
ENOUGH = 20_000


def rows(database: str) -> list[Row]:
    """Return the successes against the limit: of 1 and of 1,000."""
    found = []
    for limit in (1, 1000):
        ways: dict[str, dict[str, Any]] = {
            "uses": {"attempt": "redeem", "max_uses": limit},
            "budget": {
                "attempt": "redeem",
                "max_uses": ENOUGH,
                "budget_minor": limit * DISCOUNT + DISCOUNT - 1,
            },
            "customer": {
                "attempt": "redeem_as_ada",
                "max_uses": ENOUGH,
                "max_uses_per_customer": limit,
            },
        }
        for way, arguments in ways.items():
            result = run_race(processes=PROCESSES, attempts=ATTEMPTS, **arguments)
            is_ok = (
                not result.faults and result.successes == limit == result.uses[0]
            ) and result.redemptions == (limit,)
            figure = f"{result.successes:,} of {result.attempts:,}"
            if result.faults:
                figure += f", errors: {result.faults}"
            found.append(Row(f"limits-{database}-{way}-{limit}", figure, f"{limit:,}", is_ok))
    return found
