"""The other side of `tests.rewards.load`: a fresh process that forks many, which all mix everything there is to do.

python -m tests.rewards.load_worker < {"database": …, "level": …, "is_hosted": false, "processes": 8, "seconds": 3, …}
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import random
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from tests.rewards.isolation import options_of


def configure(asked: dict[str, Any]) -> None:
    """Set this process up as a host with the database and the isolation level asked for."""
    config = settings.DATABASES["default"]
    config["NAME"] = asked["database"]
    vendor = config["ENGINE"].rpartition(".")[2]
    level = asked.get("level")
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        **({} if level is None else options_of(vendor, level)),
    }
    settings.PPX_SHOP = "tests.rewards.machine_shop.CreditingShop"
    django.setup()


def mix(asked: dict[str, Any], number: int, barrier: Any, answers: Any) -> None:
    """Do one thing after another until the time is over, and hand in what was answered."""
    mixer_class = import_string("tests.rewards.load_operations.Mixer")
    random.seed(f"{asked['seed']}-{number}")
    connection.ensure_connection()
    mixer = mixer_class(asked, number)
    barrier.wait()
    end = time.perf_counter() + asked["seconds"]
    events = []
    while time.perf_counter() < end:
        events.append(mixer.step())
    connection.close()
    answers.put(events)


def main() -> None:
    asked = json.load(sys.stdin)
    configure(asked)
    logging.getLogger("django_ppx").setLevel(logging.ERROR)
    import_string("tests.rewards.load_operations.Mixer")
    fork = multiprocessing.get_context("fork")
    barrier, answers = fork.Barrier(asked["processes"], timeout=120), fork.SimpleQueue()
    workers = [
        fork.Process(target=mix, args=(asked, number, barrier, answers))
        for number in range(asked["processes"])
    ]
    for worker in workers:
        worker.start()
    events = [event for _worker in workers for event in answers.get()]
    for worker in workers:
        worker.join()
    json.dump(events, sys.stdout)


if __name__ == "__main__":
    main()
