"""How much memory the hostile files cost, each measured from where the process stood before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ugc.hostile import PICTURES
from tests.ugc.hostile_films import FILMS

ROOT = Path(__file__).parents[2]
MOST_MEGABYTES = 300

MEASURE = """
import json, sys, warnings
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=[])
django.setup()
from tests.ugc.hostile import PICTURES
from tests.ugc.hostile_films import FILMS
from tests.ugc.test_hostile import outcome_of
def megabytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) // 1024
costs = {}
for case in (*PICTURES, *FILMS):
    content = case.make()
    with open("/proc/self/clear_refs", "w") as clear:
        clear.write("5")
    before = megabytes("VmRSS")
    outcome_of(content, case.claimed, case.content_type)
    costs[case.name] = megabytes("VmHWM") - before
json.dump(costs, sys.stdout)
"""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="reads memory from /proc")
def test_no_hostile_file_takes_more_than_300_megabytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    costs = json.loads(done.stdout)
    assert costs.keys() == {case.name for case in (*PICTURES, *FILMS)}
    assert {name: cost for name, cost in costs.items() if cost > MOST_MEGABYTES} == {}
