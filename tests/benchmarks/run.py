"""Measures one case in this process, in a test database that is made for it and removed afterwards.

python -m tests.benchmarks.run race sqlite

`PPX_DATABASE_URL` says where. The last line printed is the rows, as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import django
from django.test.utils import setup_databases, teardown_databases
from django.utils.module_loading import import_string


def main() -> None:
    case, database = sys.argv[1:]
    django.setup()
    # No test environment: its instrumented templates would be measured too.
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        rows = import_string(f"tests.benchmarks.{case}.rows")(database)
    finally:
        teardown_databases(databases, verbosity=0)
    print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()
