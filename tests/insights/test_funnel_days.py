"""Local days counted by the database, against the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from django_ppx.core.calendar import day_number
from django_ppx.insights.funnel_days import local_day_index, local_midnights
from django_ppx.offers.models import OfferPresentation
from django_ppx.testing import make_offer
from tests.insights.funnel_rows import show

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("zone_name", "first", "last"),
    [
        ("UTC", date(2026, 3, 1), date(2026, 3, 3)),
        ("Europe/Berlin", date(2026, 3, 27), date(2026, 3, 31)),  # 29 March has 23 hours
        ("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 24), date(2026, 10, 27)),  # 25 October has 25 hours
        ("Europe/Berlin", date(2026, 10, 26), date(2026, 10, 27)),
        ("Africa/Cairo", date(2026, 4, 23), date(2026, 4, 25)),  # 24 April has no midnight
        ("Asia/Kathmandu", date(2026, 3, 1), date(2026, 3, 3)),
    ],
)
def test_the_first_and_the_last_instant_of_each_day_belong_to_it(
    zone_name: str, first: date, last: date
) -> None:
    zone = ZoneInfo(zone_name)
    midnights = local_midnights(first, last, zone)
    offer = make_offer()
    instants = [
        instant
        for start, end in pairwise(midnights)
        for instant in (start, start + (end - start) / 2, end - INSTANT)
    ]
    for instant in instants:
        show(offer, instant)

    found = OfferPresentation.objects.annotate(
        day=local_day_index("presented_at", midnights)
    ).values_list("presented_at", "day")

    first_no = (first - date(1970, 1, 1)).days
    assert sorted(found) == [
        (instant, day_number(instant, zone) - first_no) for instant in instants
    ]


def test_the_midnights_of_a_day_of_23_hours_are_23_hours_apart() -> None:
    found = local_midnights(date(2026, 3, 28), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))

    assert found == [
        datetime(2026, 3, 27, 23, tzinfo=UTC),
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    ]
