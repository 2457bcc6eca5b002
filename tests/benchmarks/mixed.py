"""32 processes mix all operations, for a minute and then at each isolation level: the history checker finds nothing."""

from __future__ import annotations

import os
import sys

from django.core.management import call_command
from django.db import connection

from tests.benchmarks.cases import Row
from tests.rewards.isolation import LEVELS, has_level
from tests.rewards.load import run_load

PROCESSES = 32
SECONDS = float(os.environ.get("PPX_MIXED_SECONDS") or 60)
"""Of the first run; those at the other levels, and within transactions of the host, take a quarter."""


def rows(database: str) -> list[Row]:
    """Return one row per isolation level, without and with a transaction of the host around each operation."""
    levels = LEVELS[connection.vendor]
    runs = [(level, is_hosted) for level in levels for is_hosted in (False, True)]
    return [
        _row(database, level, is_hosted, SECONDS if number == 0 else SECONDS / 4)
        for number, (level, is_hosted) in enumerate(runs)
    ]


def _row(database: str, level: str, is_hosted: bool, seconds: float) -> Row:
    name = f"mixed-{database} {level}{', hosted' if is_hosted else ''}"
    limit = "nothing wrong"
    if not has_level(connection, level):
        return Row(name, "left out: no innodb_snapshot_isolation here", limit, is_ok=True)
    call_command("flush", interactive=False, verbosity=0)
    result = run_load(processes=PROCESSES, seconds=seconds, level=level, is_hosted=is_hosted)
    for wrong in result.wrong[:20]:
        print(wrong, file=sys.stderr)
    figure = (
        f"{result.operations:,} in {seconds:.0f} s, {result.busy} busy, {len(result.wrong)} wrong"
    )
    return Row(name, figure, limit, is_ok=not result.wrong and result.operations > PROCESSES)
