"""The sink for many events: a page's report costs one round trip to Redis, `ppx_run_due` stores them in batches.

Needs the extra `[redis]` and `PPX_REDIS_URL`; each shop has a Redis database of its own. What a crash can lose stands
in `docs/scaling.md`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from django.core.checks import CheckMessage
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from django_ppx.conf import ppx_settings
from django_ppx.core.retrying import run_retrying
from django_ppx.events.checks import check_redis_url
from django_ppx.events.messages import event_to_text
from django_ppx.events.recording import EventRecord
from django_ppx.events.redis_draining import StreamDrain
from django_ppx.events.sinks import DatabaseSink, Drained, EventSink, Taken
from django_ppx.exceptions import Misconfigured

logger: Final = logging.getLogger("django_ppx")

TIMEOUT_SECONDS: Final = 0.5
"""How long a page's report waits for Redis."""
DRAIN_TIMEOUT_SECONDS: Final = 10
PAUSE_SECONDS: Final = 5
"""For so long after a failure nothing is asked of Redis, so that one that hangs does not hold every worker."""
LOG_EVERY_SECONDS: Final = 60


class RedisStreamSink(EventSink):
    """Appends events to a stream. Where Redis does not take them, they are stored in the database at once."""

    stream = "ppx:events"
    group = "ppx"

    def __init__(self) -> None:
        self._paused_until = 0.0
        self._logged_at = float("-inf")

    def record(self, records: Sequence[EventRecord]) -> list[str]:
        if not records:
            return []
        if time.monotonic() < self._paused_until:
            return _store(records)
        try:
            self._append(records)
        except (RedisError, OSError, Misconfigured) as error:
            # Appended or not, nobody knows: stored now, and known when it is drained.
            self._note(error)
            return _store(records)
        return [Taken.ACCEPTED] * len(records)

    def drain(self, *, now: datetime, limit: int) -> Drained:
        try:
            redis = client(ppx_settings.PPX_REDIS_URL, DRAIN_TIMEOUT_SECONDS)
            return StreamDrain(redis, stream=self.stream, group=self.group).run(limit=limit)
        except (RedisError, OSError) as error:
            logger.warning("Events that wait in Redis can't be stored now: %s", _words(error))
            return Drained(failed=1)

    def check(self) -> list[CheckMessage]:
        return check_redis_url(is_needed=True)

    def _append(self, records: Sequence[EventRecord]) -> None:
        pipeline = client(ppx_settings.PPX_REDIS_URL, TIMEOUT_SECONDS).pipeline(
            transaction=len(records) > 1
        )
        for record in records:
            pipeline.xadd(self.stream, {"event": event_to_text(record)})
        pipeline.execute()

    def _note(self, error: Exception) -> None:
        now = time.monotonic()
        self._paused_until = now + PAUSE_SECONDS
        if now - self._logged_at >= LOG_EVERY_SECONDS:
            self._logged_at = now
            logger.error(
                "Redis does not take events; they are stored in the database. %s", _words(error)
            )


def _store(records: Sequence[EventRecord]) -> list[str]:
    return run_retrying(partial(DatabaseSink().record, records))


@lru_cache(maxsize=8)
def client(url: str, timeout: float) -> Any:
    """Return the client for an address, one per process and address; its pool opens its own connections after a fork.

    :raises Misconfigured: when the address is none.
    """
    try:
        return Redis.from_url(
            url,
            protocol=2,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )
    except (ValueError, AttributeError) as error:  # the latter for what is no text
        raise Misconfigured("PPX_REDIS_URL is no address of a Redis.") from error


def _words(error: Exception) -> str:
    """Return what went wrong, without an address that may carry a password."""
    return f"{type(error).__name__}: {error}"[:300]
