from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.storing import insert_codes, slices
from django_ppx.testing import make_benefit, make_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def like(now) -> DiscountCode:
    code = make_code(make_benefit(), reason="Spring", max_uses=3)
    return DiscountCode.objects.get(pk=code.pk)


def test_each_code_is_as_the_one_it_is_like(like) -> None:
    assert insert_codes(["AAAA", "BBBB"], like=like) == 2

    same = ("benefit", "terms", "status", "max_uses", "times_used", "reason", "issued_at")
    rows = DiscountCode.objects.filter(code__in=["AAAA", "BBBB"]).values(*same, "expires_at")
    [expected] = DiscountCode.objects.filter(pk=like.pk).values(*same, "expires_at")
    assert list(rows) == [expected, expected]
    assert DiscountCode.objects.filter(starts_at=None, customer=None, reward=None).count() == 3


def test_codes_that_exist_and_codes_listed_twice_are_skipped(like) -> None:
    before = DiscountCode.objects.get(code=like.code)

    assert (
        insert_codes(
            [like.code, "NEW2", "NEW3", "NEW2"],
            like=DiscountCode(benefit=like.benefit, terms={}, issued_at=like.issued_at),
        )
        == 2
    )

    assert DiscountCode.objects.count() == 3
    assert DiscountCode.objects.get(code=like.code).terms == before.terms


def test_no_codes_take_no_statement(like) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert insert_codes([], like=like) == 0

    assert len(captured) == 0


def test_many_codes_take_as_few_statements_as_the_database_allows(like) -> None:
    codes = [f"CODE{number}" for number in range(3_000)]

    with CaptureQueriesContext(connection) as captured:
        assert insert_codes(codes, like=like) == 3_000

    most = connection.features.max_query_params
    assert len(captured) == (1 if most is None else -(-3_000 // (most - 10)))


def test_slices_keep_the_order_and_the_rest() -> None:
    assert list(slices([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(slices([], 2)) == []
