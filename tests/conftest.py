"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation
from pytest_django.live_server_helper import LiveServer

from django_ppx.outbox import subscribing

collect_ignore = ["oscar"]  # needs Oscar, and settings of its own: `make test-oscar`


@pytest.fixture(autouse=True)
def fresh_process_state() -> Iterator[None]:
    """Start each test with an empty cache and the default language."""
    cache.clear()

    yield

    cache.clear()
    translation.activate("en")


@pytest.fixture(autouse=True)
def no_webhooks() -> Iterator[None]:
    """Let nobody want to hear of anything, for good: no test pays, now and then, for asking who does.

    A test with endpoints calls `subscribing.forget`, as `make_endpoint` of `tests.outbox.receivers` does.
    """
    subscribing.keep({}, seconds=float("inf"))

    yield

    subscribing.keep({}, seconds=float("inf"))


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """Return the server, made after the database: before, SQLite's is called ":memory:", and the server's threads would
    share the connection of the tests, which ends in a crash of the interpreter."""
    return live_server
