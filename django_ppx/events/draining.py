"""Storing what a sink accepted and kept elsewhere. With the database sink there is nothing to do."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django_ppx.conf import DEFAULT_EVENT_SINK, ppx_settings
from django_ppx.events.sinks import Drained, load_sink

REDIS_SINK: Final = "django_ppx.events.redis_sink.RedisStreamSink"


def drain_events(*, now: datetime, limit: int) -> Drained:
    """Store at most `limit` events that were accepted, and return what was done.

    A shop that went back to the database keeps `PPX_REDIS_URL` until nothing is left: what waits in Redis is stored as
    long as the address is known. Safe to run twice, and at once.

    :raises Misconfigured: when the sink can't be loaded.
    """
    path = ppx_settings.PPX_EVENT_SINK
    if path == DEFAULT_EVENT_SINK and ppx_settings.PPX_REDIS_URL:
        path = REDIS_SINK
    return load_sink(path).drain(now=now, limit=limit)
