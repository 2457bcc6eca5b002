from __future__ import annotations

import pytest

from django_ppx.rewards import crowding
from django_ppx.rewards.crowding import crowded_shapes
from django_ppx.rewards.models import CodeBatch
from django_ppx.testing import make_benefit, make_code

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def room_for_two(monkeypatch) -> None:
    monkeypatch.setattr(crowding, "is_crowded", lambda shape, *, live: live > 2)


def crowds(now) -> list[tuple[str, int]]:
    return [(crowd.shape, crowd.live) for crowd in crowded_shapes(now=now)]


def test_benefits_whose_codes_look_alike_are_counted_together(now) -> None:
    first, second = make_benefit(code_prefix="a"), make_benefit(code_pattern="A-############")
    other = make_benefit(code_prefix="B")
    for number in range(2):
        make_code(first, now=now)
        make_code(second, code=f"A23456789ABC{number + 2}", now=now)
        make_code(other, now=now)

    assert crowds(now) == [("A############", 4)]


def test_codes_are_counted_by_their_own_length(now) -> None:
    benefit = make_benefit()
    for number in range(3):
        make_code(benefit, code=f"2345678{number + 2}", now=now)
        make_code(benefit, now=now)

    assert crowds(now) == [("########", 3), ("############", 3)]


def test_codes_that_nobody_can_use_any_more_and_imported_ones_are_not_counted(now) -> None:
    benefit = make_benefit()
    batch = CodeBatch.objects.create(
        name="In", kind="imported", benefit=benefit, terms={}, created_at=now
    )
    make_code(benefit, now=now)
    make_code(benefit, now=now, status="pooled")
    for overrides in (
        {"status": "revoked", "revoked_at": now},
        {"times_used": 1},
        {"expires_at": now},
        {"batch": batch},
        {"batch": batch, "status": "pooled"},
    ):
        make_code(benefit, now=now, **overrides)

    assert crowds(now) == []


def test_it_takes_two_queries(now, django_assert_num_queries) -> None:
    for _code in range(5):
        make_code(now=now)

    with django_assert_num_queries(2):
        crowded_shapes(now=now)
