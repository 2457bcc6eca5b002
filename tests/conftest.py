"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation

collect_ignore = ["oscar"]  # needs Oscar, and settings of its own: `make test-oscar`


@pytest.fixture(autouse=True)
def fresh_process_state() -> Iterator[None]:
    """Start each test with an empty cache and the default language."""
    cache.clear()

    yield

    cache.clear()
    translation.activate("en")
