"""What is outstanding: exact where the terms name an amount, open where they do not, and nothing that is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.rewards.delivering import hand_over
from django_ppx.rewards.liability import NEVER, CurrencyTotal, PoolStock, read_liability
from django_ppx.rewards.liability_csv import HEADER, liability_rows
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.taking_back import take_rewards_back
from django_ppx.testing import make_benefit, make_code, make_order, make_reward

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def zone(settings) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"


def make_five(**overrides):
    amounts = {"EUR": {"amount": 5}}
    return make_benefit(
        **{"name": "Five", "type": "amount", "amounts": amounts, "valid_days": 30, **overrides}
    )


def test_amounts_are_summed_exactly(now) -> None:
    five = make_five()
    for _reward in range(3):
        make_reward(five, now=now)

    liability = read_liability(now=now)

    [row] = liability.held
    assert (row.benefit, row.type, row.currency) == ("Five", "amount", "EUR")
    assert (row.count, row.uses, row.waiting) == (3, 3, 0)
    assert (row.amount_minor, row.at_most_minor) == (1500, None)
    assert liability.totals == [CurrencyTotal(currency="EUR", amount_minor=1500, uses=3)]
    assert liability.open_uses == 0


def test_what_is_used_taken_back_or_expired_is_not_outstanding(now) -> None:
    used, taken, expired = (make_reward(make_five(), now=now) for _ in range(3))
    redeem_code(code=used.code.code, order=make_order(), now=now)
    take_rewards_back(reward_ids=[taken.pk], by_id=None, why="", now=now)

    later = expired.expires_at
    assert len(read_liability(now=later - timedelta(seconds=1)).held) == 1
    assert read_liability(now=later).held == []


def test_the_uses_that_are_left_of_a_code_count(now) -> None:
    reward = make_reward(make_five(max_uses=3), now=now)
    redeem_code(code=reward.code.code, order=make_order(), now=now)

    [row] = read_liability(now=now).held

    assert (row.count, row.uses, row.amount_minor) == (1, 2, 1000)


def test_a_promise_counts_and_is_told_apart(now) -> None:
    five = make_five(vesting_days=14)
    make_reward(five, now=now - timedelta(days=20))
    make_reward(five, now=now)

    rows = read_liability(now=now).held

    assert sum(row.count for row in rows) == 2
    assert sum(row.waiting for row in rows) == 1
    assert sum(row.amount_minor or 0 for row in rows) == 1000


def test_each_currency_has_its_own_sum_and_none_is_converted(now) -> None:
    amounts = {"EUR": {"amount": 5}, "JPY": {"amount": 800}}
    make_reward(make_five(amounts=amounts), now=now)

    assert read_liability(now=now).totals == [
        CurrencyTotal(currency="EUR", amount_minor=500, uses=1),
        CurrencyTotal(currency="JPY", amount_minor=800, uses=1),
    ]


def test_a_percentage_has_no_invented_amount(now) -> None:
    make_reward(make_benefit(name="Ten", valid_days=None), now=now)
    make_reward(make_benefit(type="free_shipping", valid_days=None), now=now)

    liability = read_liability(now=now)

    assert {(row.currency, row.amount_minor, row.at_most_minor) for row in liability.held} == {
        ("", None, None)
    }
    assert liability.open_uses == 2
    assert liability.totals == []


def test_a_maximum_says_what_a_percentage_comes_to_at_most(now) -> None:
    make_reward(make_benefit(amounts={"EUR": {"maximum_discount": 30}}, max_uses=2), now=now)

    liability = read_liability(now=now)

    [row] = liability.held
    assert (row.currency, row.amount_minor, row.at_most_minor) == ("EUR", None, 6000)
    assert liability.totals == [CurrencyTotal(currency="EUR", at_most_minor=6000, at_most_uses=2)]
    assert liability.open_uses == 0


def test_gifts_and_points_are_owed_until_they_are_handed_over(now) -> None:
    gift = make_benefit(name="Bowl", type="gift", gift="A bowl")
    points = make_benefit(name="Points", type="points", points=200)
    rewards = [make_reward(benefit, now=now) for benefit in (gift, gift, points, points)]

    liability = read_liability(now=now)
    assert (liability.gifts, liability.points) == (2, 400)
    assert [(row.benefit, row.count, row.points, row.month) for row in liability.held] == [
        ("Bowl", 2, 0, NEVER),
        ("Points", 2, 400, NEVER),
    ]

    hand_over(reward_ids=[rewards[0].pk, rewards[2].pk], by_id=None, note="", now=now)
    liability = read_liability(now=now)
    assert (liability.gifts, liability.points) == (1, 200)


def test_points_are_as_many_as_a_partial_refund_left(now) -> None:
    points = make_benefit(type="points", points=200, reward_after_partial_refund="proportional")
    reward = make_reward(points, now=now)
    Reward.objects.filter(pk=reward.pk).update(kept_ppm=333_333)

    assert read_liability(now=now).points == 67


def test_an_amount_is_what_the_code_was_given_with(now) -> None:
    five = make_five()
    make_reward(five, now=now)
    five.amounts.update(amount=Decimal(9))
    make_reward(type(five).objects.get(), now=now)

    [row] = read_liability(now=now).held

    assert (row.count, row.amount_minor) == (2, 1400)


@pytest.mark.parametrize(
    ("expires_at", "month"),
    [
        (datetime(2026, 3, 31, 22, tzinfo=UTC), date(2026, 3, 1)),  # local midnight of 1 April
        (datetime(2026, 3, 31, 22, 0, 1, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), date(2026, 3, 1)),
    ],
)
def test_the_month_is_that_of_the_last_valid_day(now, expires_at, month) -> None:
    reward = make_reward(make_five(), now=now)
    DiscountCode.objects.filter(reward=reward).update(expires_at=expires_at)

    [row] = read_liability(now=now).held

    assert row.month == month


def test_codes_that_nobody_has_are_told_apart(now) -> None:
    five = make_five()
    make_code(five, now=now)
    make_code(five, now=now, status="pooled")
    make_code(five, now=now, status="pooled", expires_at=now)

    liability = read_liability(now=now)

    assert liability.held == []
    assert [(row.count, row.amount_minor) for row in liability.unassigned] == [(1, 500)]
    assert liability.pool == [PoolStock(benefit="Five", count=1)]
    assert liability.totals == []


def test_terms_that_can_not_be_read_are_counted_apart(now) -> None:
    reward = make_reward(make_five(), now=now)
    DiscountCode.objects.filter(reward=reward).update(terms={"version": 99})

    liability = read_liability(now=now)

    assert (liability.held, liability.unreadable) == ([], 1)


def test_it_takes_four_queries_for_many_rewards_as_for_one(now) -> None:
    make_reward(make_five(), now=now)
    for count in (0, 12):
        for _reward in range(count):
            make_reward(make_benefit(type="gift", gift="A bowl"), now=now)
            make_reward(make_five(), now=now)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read_liability(now=now)

        assert len(captured) == 4


def test_the_csv_has_a_row_for_each_and_guards_its_cells(now) -> None:
    make_reward(make_five(name="=1+1"), now=now)
    make_reward(make_benefit(name="Ten", valid_days=None), now=now)
    make_code(make_benefit(name="Pool"), now=now, status="pooled")

    header, five, ten, pool = liability_rows(read_liability(now=now))

    as_of = "2026-03-10T12:00:00+00:00"
    assert header == HEADER
    assert five == [as_of, "held", "EUR", "'=1+1", "amount", "2026-04", "1", "0", "1", "5.00", "", ""]  # fmt: skip
    assert ten == [as_of, "held", "", "Ten", "percent", "", "1", "0", "1", "", "", ""]
    assert pool == [as_of, "pool", "", "Pool", "", "", "1", "", "", "", "", ""]
