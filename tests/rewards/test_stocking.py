from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from django_ppx.rewards.batching import BatchRequest
from django_ppx.rewards.importing import import_codes
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.stocking import note_low_stock, note_low_stocks, stock_levels
from django_ppx.testing import make_benefit, make_code, make_reward
from tests.racing import run_together

pytestmark = pytest.mark.django_db


def pool_of(count: int, **overrides):
    benefit = make_benefit(code_source="pool", **overrides)
    for _code in range(count):
        make_code(benefit, status="pooled", expires_at=None)
    return benefit


def noted(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if "imported codes left" in record.msg]


def test_what_is_left_of_every_pool_takes_one_query(now, django_assert_num_queries) -> None:
    make_benefit(name="drawn")
    first = pool_of(3, name="A", low_stock_at=3)
    second = pool_of(2, name="B", low_stock_at=3)
    pool_of(0, name="C")
    make_code(first, status="pooled", expires_at=now)
    make_code(second, status="issued")

    with django_assert_num_queries(1):
        levels = stock_levels(now=now)

    assert [(level.name, level.left, level.is_low) for level in levels] == [
        ("A", 3, False),
        ("B", 2, True),
        ("C", 0, True),
    ]


def test_it_is_logged_once_when_the_stock_runs_low(
    now, caplog, django_capture_on_commit_callbacks
) -> None:
    benefit = pool_of(4, low_stock_at=3)

    for _reward in range(4):
        with django_capture_on_commit_callbacks(execute=True):
            make_reward(benefit, now=now)

    assert noted(caplog) == [
        f"Benefit {benefit.pk} has 2 imported codes left; you asked to be told below 3."
    ]


def test_without_a_limit_nothing_is_logged(now, caplog) -> None:
    assert note_low_stock(benefit_id=pool_of(0).pk, now=now) is False
    assert noted(caplog) == []


def test_filled_up_it_is_logged_again_the_next_time(now, caplog) -> None:
    benefit = pool_of(1, low_stock_at=2)
    assert note_low_stock(benefit_id=benefit.pk, now=now) is True

    request = BatchRequest(benefit_id=benefit.pk, name="More")
    import_codes(request=request, lines=[(1, "AAAA")], now=now)
    assert note_low_stock(benefit_id=benefit.pk, now=now) is False
    DiscountCode.objects.filter(code="AAAA").delete()

    assert note_low_stock(benefit_id=benefit.pk, now=now) is True
    assert len(noted(caplog)) == 2


def test_an_import_that_is_too_small_does_not_repeat_the_warning(now, caplog) -> None:
    benefit = pool_of(0, low_stock_at=3)
    note_low_stock(benefit_id=benefit.pk, now=now)

    request = BatchRequest(benefit_id=benefit.pk, name="More")
    import_codes(request=request, lines=[(1, "AAAA")], now=now)

    assert note_low_stock(benefit_id=benefit.pk, now=now) is False
    assert len(noted(caplog)) == 1


def test_codes_that_expire_are_noted_by_cron(now) -> None:
    benefit = pool_of(0, low_stock_at=1)
    make_code(benefit, status="pooled", expires_at=now + timedelta(days=1))

    assert note_low_stocks(now=now) == 0
    assert note_low_stocks(now=now + timedelta(days=1)) == 1
    assert note_low_stocks(now=now + timedelta(days=1)) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_of_four_workers_one_logs_it(now, caplog) -> None:
    caplog.set_level(logging.WARNING, logger="django_ppx")
    benefit = pool_of(1, low_stock_at=2)

    told = run_together(lambda number: note_low_stock(benefit_id=benefit.pk, now=now), times=4)

    assert sorted(told) == [False, False, False, True]
