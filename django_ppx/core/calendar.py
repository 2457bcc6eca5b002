"""Local calendar days as instants. Pure.

"Valid 30 days" ends when the thirtieth day after today has passed in the shop's zone, whatever
daylight saving time does in between.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo


def end_of_local_days(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the first instant after the `days`-th local day following the day of `start`, in UTC.

    Issued on 1 March at any hour and valid 30 days: the first instant of 1 April.
    """
    first_day = start.astimezone(zone).date()
    return start_of_local_day(first_day + timedelta(days=days + 1), zone)


def end_of_local_months(start: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the first instant after the local day that lies `months` months after that of `start`, in UTC.

    From 31 January, one month: the first instant of 1 March (29 February in a leap year is the day, else the 28th).
    """
    first = start.astimezone(zone).date()
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    last = date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
    return start_of_local_day(last + timedelta(days=1), zone)


def last_local_day(end: datetime, zone: ZoneInfo) -> date:
    """Return the last local day of what ends, exclusively, at `end`: at the first instant of April, 31 March."""
    return (end - timedelta(microseconds=1)).astimezone(zone).date()


def start_of_local_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC.

    Where there is no local midnight, it is the one after.
    """
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    instant = midnight.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return instant
    # The clocks skip local midnight: find the instant at which they do.
    early, late = instant - timedelta(days=1), instant
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if _wall_date(middle, zone) >= day:
            late = middle
        else:
            early = middle
    return (
        late.replace(microsecond=0)
        if late.microsecond == 0
        else late.replace(microsecond=0) + timedelta(seconds=1)
    )


def _wall_date(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


_EPOCH: Final = date(1970, 1, 1)


def day_number(instant: datetime, zone: ZoneInfo) -> int:
    """Return the local day of `instant` as days since 1 January 1970. 1 March 2026 is 20513."""
    return (instant.astimezone(zone).date() - _EPOCH).days


def day_of_number(number: int) -> date:
    """Return the day that `day_number` gives this number."""
    return _EPOCH + timedelta(days=number)


def month_number(day: date) -> int:
    """Return 12 · year + month − 1. March 2026 is 24314."""
    return 12 * day.year + day.month - 1


def last_complete_day(now: datetime, zone: ZoneInfo) -> int:
    """Return the number of the last local day that is over at `now`: what a metric is taken `as_of`."""
    return day_number(now, zone) - 1
