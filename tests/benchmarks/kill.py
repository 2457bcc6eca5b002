"""200 processes that do everything are killed with SIGKILL at some moment: what they were answered stands."""

from __future__ import annotations

import sys

from tests.benchmarks.cases import Row
from tests.rewards.load import run_kills

KILLS = 200
PROCESSES = 8


def rows(database: str) -> list[Row]:
    """Return how much was answered before the kills, and what does not fit."""
    result = run_kills(kills=KILLS, processes=PROCESSES)
    for wrong in result.wrong[:20]:
        print(wrong, file=sys.stderr)
    killed = sum(n for (_operation, answer), n in result.answers.items() if answer == "killed")
    figure = (
        f"{KILLS} kills, {killed} within an operation, {result.operations:,} operations, "
        f"{len(result.wrong)} wrong"
    )
    return [Row(f"kill-{database}", figure, "nothing wrong", is_ok=not result.wrong)]
