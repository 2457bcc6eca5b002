"""Days as staff read them: those on which a code really begins and ends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from django_ppx.rewards.admin import cells


@pytest.mark.parametrize(
    ("zone", "begins", "ends"),
    [
        ("Europe/Berlin", "03/11/2026", "03/10/2026"),
        ("America/New_York", "03/10/2026", "03/10/2026"),
        ("Asia/Tokyo", "03/11/2026", "03/11/2026"),
    ],
)
def test_a_day_is_one_of_the_shops_zone_whatever_zone_the_admin_has(
    settings, zone: str, begins: str, ends: str
) -> None:
    settings.TIME_ZONE = "UTC"
    settings.PPX_TIME_ZONE = zone
    midnight_in_berlin = datetime(2026, 3, 10, 23, tzinfo=UTC)

    assert cells.day(midnight_in_berlin) == begins
    assert cells.last_day(midnight_in_berlin) == ends
