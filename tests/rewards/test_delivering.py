"""Gifts and points: handed over by staff, or credited by a shop with its own points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import transaction

from django_ppx.rewards.advancing import NewEntry, advance
from django_ppx.rewards.delivering import MOST_ATTEMPTS, hand_over, resolve_flags
from django_ppx.rewards.due import run_due
from django_ppx.rewards.models import Benefit, Reward
from django_ppx.shop.types import Customer
from django_ppx.testing import FakeShop, make_benefit, make_customer, make_reward

pytestmark = pytest.mark.django_db


class ShopWithPoints(FakeShop):
    """Credits points, each reference once; `refusal` is raised as long as it is set."""

    credited: ClassVar[dict[str, tuple[str, int]]] = {}
    calls: ClassVar[list[str]] = []
    refusal: ClassVar[Exception | None] = None

    def credit_points(self, *, customer: Customer, points: int, reference: str) -> None:
        self.calls.append(reference)
        if ShopWithPoints.refusal is not None:
            raise ShopWithPoints.refusal
        self.credited.setdefault(reference, (customer.email, points))


@pytest.fixture
def shop(settings) -> Iterator[type[ShopWithPoints]]:
    settings.PPX_SHOP = "tests.rewards.test_delivering.ShopWithPoints"
    ShopWithPoints.credited.clear()
    ShopWithPoints.calls.clear()
    ShopWithPoints.refusal = None
    yield ShopWithPoints
    ShopWithPoints.refusal = None


def points(now, **overrides) -> Reward:
    return make_reward(make_benefit(type="points", points=100, **overrides), now=now)


def test_points_are_credited_once_through_the_adapter(now, shop) -> None:
    reward = points(now)

    assert run_due(now=now).credited == 1
    assert run_due(now=now).credited == 0

    reward.refresh_from_db()
    assert shop.credited == {f"ppx-reward-{reward.pk}": ("ada@example.com", 100)}
    assert (reward.status, reward.due_at) == ("redeemed", None)
    assert shop.calls == [f"ppx-reward-{reward.pk}"]


def test_points_that_wait_are_credited_when_their_days_have_passed(now, shop) -> None:
    reward = points(now, vesting_days=14)

    run_due(now=now)
    assert shop.calls == []
    run_due(now=reward.vests_at)
    run_due(now=reward.vests_at)

    assert list(shop.credited.values()) == [("ada@example.com", 100)]


def test_what_fails_is_tried_again_later_and_later(now, shop, caplog) -> None:
    reward = points(now)
    shop.refusal = RuntimeError("no connection")

    run_due(now=now)
    run_due(now=now + timedelta(minutes=9))
    run_due(now=now + timedelta(minutes=10))
    run_due(now=now + timedelta(minutes=29))

    assert len(shop.calls) == 2
    reward.refresh_from_db()
    assert (reward.status, reward.delivery_attempts) == ("issued", 2)
    assert len(caplog.records) == 2
    shop.refusal = None
    run_due(now=now + timedelta(minutes=30))
    reward.refresh_from_db()
    assert reward.status == "redeemed"


def test_after_the_last_attempt_staff_are_asked_to_look(now, shop) -> None:
    reward, moment = points(now), now
    shop.refusal = RuntimeError("no such customer")
    for _attempt in range(MOST_ATTEMPTS + 3):
        run_due(now=moment)
        moment += timedelta(days=2)

    reward.refresh_from_db()
    assert len(shop.calls) == MOST_ATTEMPTS
    assert (reward.status, reward.flag, reward.due_at) == ("issued", "not_delivered", None)
    assert hand_over(reward_ids=[reward.pk], by_id=None, note="By hand", now=now) == 1
    reward.refresh_from_db()
    assert (reward.status, reward.flag) == ("redeemed", "")


def test_a_shop_without_points_leaves_them_to_its_staff(now) -> None:
    reward = points(now)

    assert run_due(now=now).credited == 0

    reward.refresh_from_db()
    assert (reward.status, reward.due_at) == ("issued", None)
    assert list(Reward.objects.to_hand_over()) == [reward]


def test_reduced_points_are_credited_as_what_is_left(now, shop) -> None:
    reward = points(now, reward_after_partial_refund="proportional")
    Reward.objects.update(kept_ppm=250_000)

    run_due(now=now)

    assert shop.credited[f"ppx-reward-{reward.pk}"] == ("ada@example.com", 25)


def test_handing_over_is_noted_with_who_and_why(now, admin_user) -> None:
    gift = make_reward(make_benefit(type="gift", gift="A mug"), now=now)

    assert hand_over(reward_ids=[gift.pk], by_id=admin_user.pk, note="In the parcel", now=now) == 1
    assert hand_over(reward_ids=[gift.pk], by_id=admin_user.pk, note="Again", now=now) == 0

    gift.refresh_from_db()
    entry = gift.entries.get()
    assert gift.status == "redeemed"
    assert (entry.kind, entry.by, entry.why, entry.at) == (
        "redeemed",
        admin_user,
        "In the parcel",
        now,
    )


def test_a_discount_is_nothing_to_hand_over(now) -> None:
    reward = make_reward(now=now)

    assert hand_over(reward_ids=[reward.pk], by_id=None, note="", now=now) == 0

    reward.refresh_from_db()
    assert reward.status == "issued"


def test_a_flag_is_resolved_with_a_note(now, admin_user) -> None:
    reward, other = make_reward(now=now), make_reward(now=now)
    Reward.objects.filter(pk=reward.pk).update(flag="undone_after_use", status="redeemed")

    assert (
        resolve_flags(reward_ids=[reward.pk, other.pk], by_id=admin_user.pk, note="Fine", now=now)
        == 1
    )

    reward.refresh_from_db()
    assert (reward.flag, reward.entries.get().why) == ("", "Fine")
    assert make_customer().pk


def test_points_stay_points_when_their_benefit_becomes_a_discount(now, shop) -> None:
    reward = points(now)
    Benefit.objects.filter(pk=reward.benefit_id).update(type="percent", percent=10, points=None)

    assert [row.pk for row in Reward.objects.to_hand_over()] == [reward.pk]
    assert run_due(now=now).credited == 1

    assert [credited for _email, credited in shop.credited.values()] == [100]


def test_a_code_stays_a_code_when_its_benefit_becomes_points(now, shop) -> None:
    reward = make_reward(now=now)
    Benefit.objects.filter(pk=reward.benefit_id).update(type="points", points=100, percent=None)
    Reward.objects.filter(pk=reward.pk).update(due_at=now)

    assert list(Reward.objects.to_hand_over()) == []
    assert hand_over(reward_ids=[reward.pk], by_id=None, note="", now=now) == 0
    run_due(now=now)

    reward.refresh_from_db()
    assert (reward.status, shop.calls) == ("issued", [])


def test_points_that_staff_credit_by_hand_are_not_tried_again_after_a_refund(now, shop) -> None:
    reward, moment = points(now, reward_after_partial_refund="proportional"), now
    shop.refusal = RuntimeError("no such customer")
    for _attempt in range(MOST_ATTEMPTS):
        run_due(now=moment)
        moment += timedelta(days=2)
    with transaction.atomic():
        entry = NewEntry(kind="reduced", kept_ppm=500_000)
        advance(reward_id=reward.pk, entries=[entry], now=moment)

    run_due(now=moment)

    assert len(shop.calls) == MOST_ATTEMPTS
    reward.refresh_from_db()
    assert (reward.flag, reward.due_at) == ("not_delivered", None)


def test_points_whose_terms_can_not_be_read_come_to_staff(now, shop) -> None:
    reward, moment = points(now), now
    Reward.objects.update(terms={"type": "points"})
    for _attempt in range(MOST_ATTEMPTS):
        run_due(now=moment)
        moment += timedelta(days=2)

    reward.refresh_from_db()
    assert (reward.flag, shop.calls) == ("not_delivered", [])
