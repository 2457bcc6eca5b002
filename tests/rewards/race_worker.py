"""The other side of `tests.rewards.races`: a fresh process that forks the racers and reports what they met.

python -m tests.rewards.race_worker < {"database": …, "attempt": …, "codes": […], "processes": 32, "attempts": 1}
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections import Counter
from typing import Any

from django.db import connection
from django.utils.module_loading import import_string

from tests.rewards.load_worker import configure


class CountedWrites:
    """Counts the statements that try to take a use: the race is real when more than one got that far."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("UPDATE") and "discountcode" in sql:
            self.count += 1
        return execute(sql, *args)


def race(race: dict[str, Any], number: int, barrier: Any, answers: Any) -> None:
    attempt = import_string(f"tests.rewards.race_attempts.{race['attempt']}")
    met: Counter[str] = Counter()
    writes = CountedWrites()
    connection.ensure_connection()
    with connection.execute_wrapper(writes):
        for code in race["codes"]:
            barrier.wait()
            for count in range(race["attempts"]):
                try:
                    met[attempt(code, f"{code}-{number}-{count}")] += 1
                except Exception as error:
                    met[f"error: {type(error).__name__}: {error}"[:300]] += 1
    connection.close()
    answers.put((dict(met), writes.count))


def main() -> None:
    asked = json.load(sys.stdin)
    # A fault of ours would leave the front door as a refusal: its log record goes to the parent's terminal.
    configure(asked)
    import_string(f"tests.rewards.race_attempts.{asked['attempt']}")
    fork = multiprocessing.get_context("fork")
    barrier, answers = fork.Barrier(asked["processes"], timeout=120), fork.SimpleQueue()
    racers = [
        fork.Process(target=race, args=(asked, number, barrier, answers))
        for number in range(asked["processes"])
    ]
    for racer in racers:
        racer.start()
    met: Counter[str] = Counter()
    writes = 0
    for _racer in racers:
        counts, written = answers.get()
        met.update(counts)
        writes += written
    for racer in racers:
        racer.join()
    json.dump({"met": met, "writes": writes}, sys.stdout)


if __name__ == "__main__":
    main()
