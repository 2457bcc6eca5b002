"""The benchmarks: `make bench`, or `make bench ONLY=race` for the cases whose names begin so.

A row per case: its name, its figure, its limit, and `ok` or `short`. Exit status 1 where one is short. Each case runs
in a process and a database of its own; a database server that does not answer is named and left out.

Servers are looked for on 127.0.0.1; `PPX_POSTGRES_URL` and `PPX_MARIADB_URL` name others.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.cases import CASES, Row
from tests.benchmarks.databases import DATABASES, database_url, has_answer

WIDTHS = (30, 58, 34)


def run_case(case: str, database: str) -> list[Row]:
    """Return the rows of a case on one database, measured in a process of its own."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment["PPX_DATABASE_URL"] = database_url(database)
    finished = subprocess.run(
        [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            "-m",
            "tests.benchmarks.run",
            case,
            database,
        ],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    if finished.returncode:
        return [Row(f"{case}-{database}", "broke off, see above", "an answer", is_ok=False)]
    return [Row(**row) for row in json.loads(finished.stdout.splitlines()[-1])]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="run the cases whose names begin so")
    only = parser.parse_args().only
    chosen = [
        (case, database)
        for case, databases in CASES.items()
        for database in databases
        if f"{case}-{database}".startswith(only)
    ]
    if not chosen:
        names = ", ".join(f"{case}-{name}" for case, names in CASES.items() for name in names)
        print(f"No case is called {only!r}. There are: {names}", file=sys.stderr)
        return 2
    answering = {name: has_answer(name) for name in DATABASES}
    _print_line("case", "figure", "limit", "")
    is_ok = True
    for case, database in chosen:
        if not answering[database]:
            _print_line(f"{case}-{database}", "left out: the server does not answer", "", "–")
            continue
        for row in run_case(case, database):
            _print_line(row.name, row.figure, row.limit, "ok" if row.is_ok else "short")
            is_ok = is_ok and row.is_ok
    return 0 if is_ok else 1


def _print_line(*cells: str) -> None:
    *padded, last = cells
    print(
        *(cell.ljust(width) for cell, width in zip(padded, WIDTHS, strict=True)), last, flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
