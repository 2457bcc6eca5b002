"""As `load_worker`, but each process is killed with SIGKILL at some moment, and the next one takes its place.

python -m tests.rewards.kill_worker < {"database": …, "kills": 200, "processes": 8, …}

What a process was answered stands in a file, line by line, before it asks for the next thing; what it asked for and
was not answered, too.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.module_loading import import_string

from tests.rewards.load_worker import configure

LONGEST_LIFE = 0.4


def mix(asked: dict[str, Any], number: int, path: str) -> None:
    """Do one thing after another until killed."""
    random.seed(f"{asked['seed']}-{number}")
    mixer = import_string("tests.rewards.load_operations.Mixer")(asked, number)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    connection.ensure_connection()
    while True:
        for line in mixer.announced_step():
            os.write(file, json.dumps(line).encode() + b"\n")


def events_of(path: Path) -> list[Any]:
    """Return what was answered, and what was asked for and never answered."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    asked = [line for line in lines if line[-1] == "killed"]
    answered = [line for line in lines if line[-1] != "killed"]
    return answered + asked[len(answered) :]


def main() -> None:
    asked = json.load(sys.stdin)
    configure(asked)
    import_string("tests.rewards.load_operations.Mixer")
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        living: list[tuple[float, Any]] = []
        born = 0
        while born < asked["kills"] or living:
            while len(living) < asked["processes"] and born < asked["kills"]:
                path = str(Path(folder) / f"{born}")
                process = fork.Process(target=mix, args=(asked, born, path))
                process.start()
                born += 1
                living.append((time.monotonic() + random.uniform(0.05, LONGEST_LIFE), process))
            living.sort(key=lambda each: each[0])
            end, process = living.pop(0)
            time.sleep(max(end - time.monotonic(), 0))
            process.kill()
            process.join()
        events = [event for path in Path(folder).iterdir() for event in events_of(path)]
    json.dump(events, sys.stdout)


if __name__ == "__main__":
    main()
