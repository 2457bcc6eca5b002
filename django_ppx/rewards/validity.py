"""From when and until when what is granted now may be used. Whole local days of the shop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import end_of_local_days, last_local_day, start_of_local_day
from django_ppx.rewards.terms import FrozenTerms


def starts_at(terms: FrozenTerms, *, now: datetime) -> datetime | None:
    """Return the first instant after the days to wait, when granted at `now`; None: at once."""
    return _after_days(now, terms.vesting_days) if terms.vesting_days else None


def expires_at(terms: FrozenTerms, *, now: datetime) -> datetime | None:
    """Return the first instant at which a code granted at `now` is no longer valid; None: never.

    The days count from the first day on which it can be used.
    """
    if terms.valid_days is None or not terms.is_discount:
        return None
    return _after_days(starts_at(terms, now=now) or now, terms.valid_days)


def end_of_day(last_day: date) -> datetime:
    """Return the first instant after `last_day`, the last one on which a code is valid."""
    return start_of_local_day(last_day + timedelta(days=1), ZoneInfo(ppx_settings.PPX_TIME_ZONE))


def last_day(expires_at: datetime | None) -> date | None:
    """Return the last local day of the shop on which something is good that expires at this instant; None: for ever."""
    if expires_at is None:
        return None
    return last_local_day(expires_at, ZoneInfo(ppx_settings.PPX_TIME_ZONE))


def _after_days(start: datetime, days: int) -> datetime:
    return end_of_local_days(start, days, ZoneInfo(ppx_settings.PPX_TIME_ZONE))
