"""A fresh process that forks the connections of the redeeming benchmark and says how many uses a second they took.

python -m tests.benchmarks.redeem_worker < {"database": …, "way": …, "codes": [[code, id], …], "connections": 16, …}
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string


def take(asked: dict[str, Any], number: int, barrier: Any, answers: Any) -> None:
    """Prepare this connection's attempts, wait for the others, and take them as fast as it goes."""
    module = "tests.benchmarks.redeem_attempts"
    way, attempt_class = (
        import_string(f"{module}.{asked['way']}"),
        import_string(f"{module}.Attempt"),
    )
    make_order = import_string("django_ppx.testing.make_order")
    codes, connections, now = asked["codes"], asked["connections"], timezone.now()
    attempts = []
    for use in range(asked["warm_up"] + asked["uses"]):
        code, code_id = codes[(use * connections + number) % len(codes)]
        order = make_order(number=f"{asked['way']}-{number}-{use}")
        attempts.append(attempt_class(code=code, code_id=code_id, order=order, now=now))
    for attempt in attempts[: asked["warm_up"]]:
        way(attempt)
    barrier.wait()
    started = time.perf_counter()
    for attempt in attempts[asked["warm_up"] :]:
        way(attempt)
    answers.put((started, time.perf_counter()))
    connection.close()


def main() -> None:
    asked = json.load(sys.stdin)
    settings.DATABASES["default"]["NAME"] = asked["database"]
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    django.setup()
    fork = multiprocessing.get_context("fork")
    barrier, answers = fork.Barrier(asked["connections"], timeout=120), fork.SimpleQueue()
    takers = [
        fork.Process(target=take, args=(asked, number, barrier, answers))
        for number in range(asked["connections"])
    ]
    for taker in takers:
        taker.start()
    spans = [answers.get() for _taker in takers]
    for taker in takers:
        taker.join()
    seconds = max(end for _start, end in spans) - min(start for start, _end in spans)
    json.dump({"rate": asked["connections"] * asked["uses"] / seconds}, sys.stdout)


if __name__ == "__main__":
    main()
