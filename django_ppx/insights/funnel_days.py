"""The local day of an instant, as the database counts it: for grouping by day in the shop's zone.

MariaDB has no time zones until its tables are loaded, and SQLite would call Python for every row. So the midnights are
ours: as long as they lie 24 hours apart, days are counted in hours from the first; a day of 23 or 25 stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, DateTimeField, F, Func, IntegerField, Value, When
from django.db.models.expressions import Combinable

from django_ppx.core.calendar import start_of_local_day

_DAY = timedelta(days=1)


class WholeDaysBetween(Func):
    """How many times 24 hours lie between an instant and a later one. Its arguments: `(later, earlier)`."""

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Without the fraction, which SQLite would round up to the next second.
        seconds = "strftime('%%s', substr({}, 1, 19))"
        return self._filled(compiler, f"(({seconds} - {seconds}) / 86400)")

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._filled(compiler, "(-TIMESTAMPDIFF(DAY, {}, {}))")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._filled(compiler, "EXTRACT(DAY FROM ({} - {}))::integer")

    def _filled(self, compiler: Any, template: str) -> Any:
        (later, later_params), (earlier, earlier_params) = map(
            compiler.compile, self.get_source_expressions()
        )
        return template.format(later, earlier), (*later_params, *earlier_params)


def local_midnights(first: date, last: date, zone: ZoneInfo) -> list[datetime]:
    """Return the first instant of each day from `first` to the day after `last`, in UTC."""
    days = (last - first).days + 2
    return [start_of_local_day(first + _DAY * number, zone) for number in range(days)]


def local_day_index(field: str, midnights: Sequence[datetime]) -> Combinable:
    """Return the expression that numbers the local day of `field` from 0, the day of the first midnight.

    Instants outside of the midnights are the caller's to leave out.
    """
    *early, (_end, last) = [
        (end, _day(field, start, number, is_odd=is_odd))
        for number, start, end, is_odd in _stretches(midnights)
    ]
    return Case(
        *(When(**{f"{field}__lt": end}, then=day) for end, day in early),
        default=last,
        output_field=IntegerField(),
    )


def _stretches(midnights: Sequence[datetime]) -> Iterator[tuple[int, datetime, datetime, bool]]:
    """Yield number, start and end of each run of days of 24 hours, and of each day that is not (True)."""
    number, start = 0, midnights[0]
    for index, (midnight, following) in enumerate(pairwise(midnights)):
        if following - midnight == _DAY:
            continue
        if index > number:
            yield number, start, midnight, False
        yield index, midnight, following, True
        number, start = index + 1, following
    if start < midnights[-1]:
        yield number, start, midnights[-1], False


def _day(field: str, start: datetime, number: int, *, is_odd: bool) -> Combinable:
    if is_odd:
        return Value(number)
    return Value(number) + WholeDaysBetween(F(field), Value(start, output_field=DateTimeField()))
