"""10,000 attempts from 32 processes on one single-use code: one success. The control, which checks first, races."""

from __future__ import annotations

from tests.benchmarks.cases import Row
from tests.rewards.races import RaceResult, run_race

PROCESSES = 32
ATTEMPTS = 313
"""Each: 10,016 in all."""
TURNS = 100
"""New codes, one after another; all processes begin on each together."""


def rows(database: str) -> list[Row]:
    """Return the figures of one code, of a new code per turn (every turn a photo finish), and of the control."""
    return [
        _exactly_once(
            f"race-{database}",
            run_race(attempt="redeem", codes=1, processes=PROCESSES, attempts=ATTEMPTS),
        ),
        _exactly_once(
            f"race-{database}-turns",
            run_race(attempt="redeem", codes=TURNS, processes=PROCESSES, attempts=1),
        ),
        _exactly_once(
            f"race-{database}-checkout",
            run_race(attempt="check_out", codes=TURNS // 2, processes=PROCESSES, attempts=1),
        ),
        _control(
            f"race-{database}-control",
            run_race(attempt="check_then_write", codes=TURNS // 2, processes=PROCESSES, attempts=1),
        ),
    ]


def _exactly_once(name: str, result: RaceResult) -> Row:
    codes = len(result.uses)
    is_ok = (
        not result.faults
        and result.successes == codes
        and set(result.uses) == set(result.redemptions) == {1}
    )
    figure = f"{result.successes:,} of {result.attempts:,}, {result.writes:,} reached the update"
    if result.faults:
        figure += f", errors: {result.faults}"
    return Row(name, figure, f"{codes:,}, no error", is_ok)


def _control(name: str, result: RaceResult) -> Row:
    codes = len(result.uses)
    figure = f"{result.successes:,} of {result.attempts:,} for {codes} codes"
    return Row(name, figure, f"more than {codes}: it races", result.successes > codes)
