"""Until when a code is valid: the first instant after its last local day, in every zone there is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from django_ppx.core.calendar import start_of_local_day
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import expires_at, starts_at
from django_ppx.testing import make_benefit, make_code, make_order

FIRST = date(2026, 1, 1)
DAYS = 730
INSTANT = timedelta(microseconds=1)
ZONES = sorted(available_timezones() - {"localtime", "build/etc/localtime"})
NO_MIDNIGHT = {
    "Africa/Cairo": (date(2026, 4, 24), "01:00"),
    "America/Havana": (date(2026, 3, 8), "01:00"),
    "America/Santiago": (date(2026, 9, 6), "01:00"),
    "Asia/Beirut": (date(2026, 3, 29), "01:00"),
}


@pytest.mark.slow
def test_every_day_of_every_zone_begins_with_its_first_instant() -> None:
    wrong = []
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    for name in ZONES:
        zone = ZoneInfo(name)
        for day in days:
            begins = start_of_local_day(day, zone)
            if begins.astimezone(zone).date() != day:
                wrong.append((name, day, "begins on another day"))
            if (begins - INSTANT).astimezone(zone).date() >= day:
                wrong.append((name, day, "has begun an instant before"))

    assert wrong == []
    assert len(ZONES) >= 590


@pytest.mark.parametrize("name", NO_MIDNIGHT)
@pytest.mark.parametrize("valid_days", [1, 30])
def test_a_code_ends_when_a_day_without_midnight_begins(settings, name, valid_days) -> None:
    settings.PPX_TIME_ZONE = name
    zone, (day, first_hour) = ZoneInfo(name), NO_MIDNIGHT[name]
    issued_on = day - timedelta(days=valid_days + 1)
    for hour in (0, 12, 23):
        now = datetime(issued_on.year, issued_on.month, issued_on.day, hour, 30, tzinfo=zone)

        ends = expires_at(FrozenTerms(type="percent", valid_days=valid_days), now=now)

        assert ends is not None
        assert ends.astimezone(zone).strftime("%Y-%m-%d %H:%M") == f"{day} {first_hour}"
        assert (ends - INSTANT).astimezone(zone).date() == day - timedelta(days=1)


@pytest.mark.parametrize("vesting_days", [0, 14])
def test_the_days_count_from_the_first_on_which_it_can_be_used(settings, vesting_days) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"
    terms = FrozenTerms(type="percent", valid_days=7, vesting_days=vesting_days)
    now = datetime(2026, 3, 20, 9, tzinfo=ZoneInfo("Europe/Berlin"))

    begins, ends = starts_at(terms, now=now), expires_at(terms, now=now)

    if vesting_days:
        assert begins == datetime(2026, 4, 4, tzinfo=ZoneInfo("Europe/Berlin"))
        assert ends == datetime(2026, 4, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    else:
        assert begins is None
        assert ends == datetime(2026, 3, 28, tzinfo=ZoneInfo("Europe/Berlin"))


def test_without_days_or_without_a_discount_it_never_ends() -> None:
    now = datetime(2026, 3, 20, 9, tzinfo=UTC)

    assert expires_at(FrozenTerms(type="percent", valid_days=None), now=now) is None
    assert expires_at(FrozenTerms(type="gift", gift="A mug", valid_days=7), now=now) is None


@pytest.mark.django_db
def test_the_last_instant_is_good_and_the_next_is_not(settings) -> None:
    settings.PPX_TIME_ZONE = "America/Santiago"
    benefit = make_benefit(valid_days=1, max_uses=2)
    code = make_code(benefit, now=datetime(2026, 9, 4, 15, tzinfo=UTC))
    ends = datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert code.expires_at == ends

    redeem_code(code=code.code, order=make_order(), now=ends - INSTANT)
    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=make_order(), now=ends)

    assert refused.value.reason == "expired"
    assert DiscountCode.objects.get().times_used == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Europe/Berlin", *NO_MIDNIGHT])
def test_saving_unchanged_never_moves_the_end(settings, name) -> None:
    settings.PPX_TIME_ZONE = name
    day, _hour = NO_MIDNIGHT.get(name, (date(2026, 10, 26), ""))
    issued = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=2)
    code = make_code(make_benefit(valid_days=1), now=issued)
    ends = code.expires_at

    for _time in range(3):
        stored = DiscountCode.objects.get()
        stored.save()

    assert DiscountCode.objects.get().expires_at == ends
