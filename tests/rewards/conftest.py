"""A shop in memory, and an hour at which codes of the factories are valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from django_ppx.testing import FakeShop

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def fake_shop(settings) -> Iterator[type[FakeShop]]:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    yield FakeShop
    FakeShop.clear()
