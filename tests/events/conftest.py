"""One redis-server for all tests of this folder, empty for each that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from django_ppx.events.sinks import load_sink
from tests.events.redis_server import RedisServer, redis_server, use_redis


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with redis_server() as started:
        yield started


@pytest.fixture
def redis(server: RedisServer, settings: Any) -> Iterator[Any]:
    """A client of an empty Redis that the setting names as the sink."""
    from_url = pytest.importorskip("redis").Redis.from_url
    use_redis(settings, server)
    load_sink.cache_clear()  # a sink that pauses is the former test's
    with from_url(server.url) as client:
        client.flushall()
        yield client
    load_sink.cache_clear()
