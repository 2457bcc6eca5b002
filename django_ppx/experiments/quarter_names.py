"""What a quarter is called. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def quarter_of(now: datetime, zone: ZoneInfo) -> str:
    """Return the quarter of a moment in the shop's zone: "2026-Q4" from 1 October to 31 December."""
    day = now.astimezone(zone).date()
    return f"{day.year}-Q{(day.month + 2) // 3}"
