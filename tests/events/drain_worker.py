"""A drainer of its own process that is killed with SIGKILL around the commit of its first batch.

python -m tests.events.drain_worker before|after|never DATABASE REDIS_URL
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

import django
from django.conf import settings
from django.utils.module_loading import import_string

DRAINING = "django_ppx.events.redis_draining"


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    moment, database, url = sys.argv[1:]
    settings.DATABASES["default"]["NAME"] = database
    settings.PPX_EVENT_SINK = "django_ppx.events.redis_sink.RedisStreamSink"
    settings.PPX_REDIS_URL = url
    django.setup()
    drain = import_string(f"{DRAINING}.StreamDrain")
    record_events = import_string(f"{DRAINING}.record_events")

    def record_and_die(records: Any) -> list[bool]:
        record_events(records)
        die()
        return []

    if moment == "before":  # the statement is done, its transaction is open
        sys.modules[DRAINING].record_events = record_and_die  # type: ignore[attr-defined]
    elif moment == "after":  # committed, and Redis does not know
        drain._finish = die
    done = import_string("django_ppx.events.draining.drain_events")(
        now=datetime.now(UTC), limit=10_000
    )
    print(done.recorded, done.known, done.dead, done.failed)


if __name__ == "__main__":
    main()
