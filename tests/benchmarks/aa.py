"""Experiments without an effect, looked at every day, and with one of the planned size: 4,000 runs of each."""

from __future__ import annotations

import sys

from tests.benchmarks.cases import Row
from tests.experiments.simulation import SETTINGS, measure_power, planned_tests, simulate

RUNS = 4000
POWER_RUNS = 1000
SEED = 20


def rows(database: str) -> list[Row]:
    """Return a row per setting; the database takes no part."""
    found = []
    for setting in SETTINGS:
        rates = simulate(setting, runs=RUNS, seed=SEED)
        figure = f"sequence {rates.sequence:.2%}, hybrid {rates.hybrid:.2%}, z {rates.naive:.1%}"
        is_ok = rates.sequence <= 0.03 and rates.hybrid <= 0.055 and rates.naive > 0.20
        limit = "3 %, 5.5 %; the control > 20 %"
        found.append(_said(Row(f"aa: {setting.name}", figure, limit, is_ok=is_ok)))
    for planned in planned_tests():
        powers = measure_power(planned, runs=POWER_RUNS, seed=SEED)
        figure = f"hybrid {powers.hybrid:.1%}, anytime {powers.anytime:.1%}, z {powers.fixed:.1%}"
        is_ok = min(powers.hybrid, powers.anytime) >= 0.74 and powers.fixed >= 0.77
        limit = "74 %; the control about 80 %"
        found.append(_said(Row(f"aa: {planned.name}", figure, limit, is_ok=is_ok)))
    return found


def _said(row: Row) -> Row:
    print(f"{row.name}: {row.figure}", file=sys.stderr, flush=True)
    return row
