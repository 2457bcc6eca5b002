from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.core.calendar import (
    end_of_local_days,
    end_of_local_months,
    last_local_day,
    start_of_local_day,
)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "Africa/Cairo",
    "America/Asuncion",
    "America/Havana",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "UTC",
]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_thirty_days_from_the_first_end_with_the_thirty_first(hour: int) -> None:
    start = datetime(2026, 1, 1, hour, 59, 59, tzinfo=BERLIN)

    end = end_of_local_days(start, 30, BERLIN)

    assert end == datetime(2026, 2, 1, tzinfo=BERLIN)


def test_the_day_is_the_shops_and_not_utc() -> None:
    assert end_of_local_days(utc(2026, 3, 1, 23, 30), 1, BERLIN) == datetime(
        2026, 3, 4, tzinfo=BERLIN
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc(2026, 3, 27, 12), utc(2026, 3, 29, 22)),  # the clocks go forward on 29 March
        (utc(2026, 10, 23, 12), utc(2026, 10, 25, 23)),  # and back on 25 October
    ],
)
def test_daylight_saving_time_moves_the_instant_not_the_day(start: datetime, end: datetime) -> None:
    assert end_of_local_days(start, 2, BERLIN) == end


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Africa/Cairo", date(2026, 4, 24), utc(2026, 4, 23, 22)),
        ("America/Santiago", date(2026, 9, 6), utc(2026, 9, 6, 4)),
        ("Asia/Beirut", date(2026, 3, 29), utc(2026, 3, 28, 22)),
        ("America/Havana", date(2026, 3, 8), utc(2026, 3, 8, 5)),
    ],
)
def test_a_day_without_midnight_begins_when_the_clocks_have_moved(
    zone: str, day: date, start: datetime
) -> None:
    begins = start_of_local_day(day, ZoneInfo(zone))

    assert begins == start
    assert begins.astimezone(ZoneInfo(zone)).strftime("%H:%M") == "01:00"


def test_a_day_with_two_midnights_begins_with_the_first() -> None:
    assert start_of_local_day(date(2026, 11, 1), ZoneInfo("America/Havana")) == utc(2026, 11, 1, 4)


def test_a_day_that_a_zone_skipped_ends_as_it_would_have_begun() -> None:
    assert start_of_local_day(date(2011, 12, 30), ZoneInfo("Pacific/Apia")) == utc(2011, 12, 30, 10)


@given(
    st.integers(0, 37 * 365 * 86_400),
    st.integers(0, 400),
    st.sampled_from(ZONES),
)
def test_the_end_is_the_first_instant_after_the_last_day(
    seconds: int, days: int, name: str
) -> None:
    zone = ZoneInfo(name)
    start = utc(2000, 1, 1) + timedelta(seconds=seconds)
    last_day = start.astimezone(zone).date() + timedelta(days=days)

    end = end_of_local_days(start, days, zone)

    assert end > start
    assert end.astimezone(zone).date() > last_day
    assert (end - timedelta(seconds=1)).astimezone(zone).date() <= last_day


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31T12:00+01:00", 1, "2026-03-01T00:00+01:00"),
        ("2028-01-31T12:00+01:00", 1, "2028-03-01T00:00+01:00"),
        ("2026-03-15T00:00+01:00", 12, "2027-03-16T00:00+01:00"),
        ("2026-12-31T23:59+01:00", 2, "2027-03-01T00:00+01:00"),
        ("2026-09-30T23:30+00:00", 1, "2026-11-02T00:00+01:00"),
    ],
    ids=["short month", "leap year", "a year", "over the year", "the local day is the next one"],
)
def test_months_end_after_the_same_local_day(start: str, months: int, end: str) -> None:
    found = end_of_local_months(datetime.fromisoformat(start), months, BERLIN)

    assert found == datetime.fromisoformat(end)


def test_the_last_day_is_the_one_before_the_end() -> None:
    assert last_local_day(datetime(2026, 3, 31, 22, tzinfo=UTC), BERLIN) == date(2026, 3, 31)
    assert last_local_day(datetime(2026, 3, 31, 22, 1, tzinfo=UTC), BERLIN) == date(2026, 4, 1)
