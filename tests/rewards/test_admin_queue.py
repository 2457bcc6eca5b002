"""“To hand over”: what waits, for whom, and that ticking it off twice counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from django_ppx.rewards.admin import handing_over
from django_ppx.rewards.models import Reward, RewardEntry
from django_ppx.testing import FakeShop, make_benefit, make_reward
from tests.admin_pages import count_queries
from tests.rewards.staff import (
    NOW,
    gift_to_hand_over,
    points_to_hand_over,
    reward_for_purchase,
    staff_with,
)

pytestmark = pytest.mark.django_db

QUEUE = "admin:django_ppx_reward_to_hand_over"


class PointShop(FakeShop):
    """A shop that credits points by itself."""

    def credit_points(self, *, customer, points, reference) -> None:
        raise AssertionError("Nobody asks for it here.")


def shown(client) -> list[int]:
    return [row.pk for row in client.get(reverse(QUEUE)).context.get("rows", [])]


def test_gifts_and_points_wait_the_longest_waiting_first(admin_client) -> None:
    late = gift_to_hand_over(now=NOW)
    early = points_to_hand_over(now=NOW - timedelta(days=2))
    reward_for_purchase()
    make_reward(make_benefit(type="gift", gift="A cup", vesting_days=5), now=NOW)

    assert shown(admin_client) == [early.pk, late.pk]


def test_an_empty_queue_says_so(admin_client) -> None:
    assert "Nothing waits to be handed over" in admin_client.get(reverse(QUEUE)).text


@pytest.mark.parametrize("may_see", [True, False])
def test_addresses_show_to_who_may_see_them(client, may_see) -> None:
    client.force_login(staff_with("view_reward", *["view_customer_addresses"] * may_see))
    customer = gift_to_hand_over().customer

    page = client.get(reverse(QUEUE)).text

    assert (customer.email in page) is may_see
    assert ("Ada Example" in page) is may_see
    assert ("A. E." in page) is not may_see
    assert Reward.objects.get().purchase.order_ref in page


def test_many_are_handed_over_at_once(admin_client, admin_user) -> None:
    rewards = [gift_to_hand_over(), points_to_hand_over(), gift_to_hand_over()]
    chosen = [reward.pk for reward in rewards[:2]]

    response = admin_client.post(
        reverse(QUEUE), {"rewards": chosen, "note": "Parcel 7"}, follow=True
    )

    assert "2 rewards were handed over." in response.text
    assert shown(admin_client) == [rewards[2].pk]
    entries = RewardEntry.objects.values_list("reward", "kind", "by", "why")
    assert set(entries) == {(pk, "redeemed", admin_user.pk, "Parcel 7") for pk in chosen}


def test_handing_over_twice_counts_once(admin_client) -> None:
    gift = gift_to_hand_over()
    for said in ("1 reward was handed over.", "That was ticked off or taken back meanwhile."):
        response = admin_client.post(reverse(QUEUE), {"rewards": [gift.pk]}, follow=True)
        assert said in response.text

    assert RewardEntry.objects.count() == 1


@pytest.mark.parametrize("ticked", [[], ["x"], ["-1"], ["9" * 30]])
def test_what_is_no_reward_is_not_handed_over(admin_client, ticked) -> None:
    gift_to_hand_over()

    response = admin_client.post(reverse(QUEUE), {"rewards": ticked}, follow=True)

    assert "Tick what was handed over." in response.text
    assert RewardEntry.objects.count() == 0


def test_a_discount_can_not_be_handed_over(admin_client) -> None:
    reward = reward_for_purchase()

    admin_client.post(reverse(QUEUE), {"rewards": [reward.pk]})

    reward.refresh_from_db()
    assert reward.status == "issued"


def test_a_note_that_is_too_long_hands_nothing_over(admin_client) -> None:
    gift = gift_to_hand_over()
    data = {"rewards": [gift.pk], "note": "x" * 201}

    assert "The note is too long." in admin_client.post(reverse(QUEUE), data, follow=True).text
    assert RewardEntry.objects.count() == 0


def test_handing_over_needs_its_own_permission(client) -> None:
    gift = gift_to_hand_over()
    client.force_login(staff_with("view_reward", "change_reward", "reverse_reward"))

    assert 'type="checkbox"' not in client.get(reverse(QUEUE)).text
    assert client.post(reverse(QUEUE), {"rewards": [gift.pk]}).status_code == 403
    client.force_login(staff_with("fulfil_reward"))
    assert client.get(reverse(QUEUE)).status_code == 403

    client.force_login(staff_with("view_reward", "fulfil_reward"))
    assert client.post(reverse(QUEUE), {"rewards": [gift.pk]}).status_code == 302
    gift.refresh_from_db()
    assert gift.status == "redeemed"


def test_points_that_the_shop_credits_are_left_to_it_unless_it_failed(
    admin_client, settings
) -> None:
    settings.PPX_SHOP = f"{__name__}.PointShop"
    trying, failed, gift = points_to_hand_over(), points_to_hand_over(), gift_to_hand_over()
    Reward.objects.filter(pk=failed.pk).update(flag="not_delivered")

    assert shown(admin_client) == [failed.pk, gift.pk]
    assert "The shop could not hand it over" in admin_client.get(reverse(QUEUE)).text
    admin_client.post(reverse(QUEUE), {"rewards": [trying.pk, failed.pk]})

    assert dict(Reward.objects.values_list("pk", "status")) == {
        trying.pk: "issued",
        failed.pk: "redeemed",
        gift.pk: "issued",
    }
    assert not Reward.objects.flagged().exists()


def test_an_adapter_that_can_not_be_loaded_leaves_points_to_staff(
    admin_client, settings, caplog
) -> None:
    points = points_to_hand_over()
    settings.PPX_SHOP = "nowhere.Shop"

    assert shown(admin_client) == [points.pk]
    assert "can't be loaded" in caplog.text


def test_the_queue_takes_as_many_queries_for_twenty_rows_as_for_one(admin_client) -> None:
    gift_to_hand_over()
    one = count_queries(lambda: admin_client.get(reverse(QUEUE)))
    for _row in range(10):
        gift_to_hand_over()
        points_to_hand_over()

    assert count_queries(lambda: admin_client.get(reverse(QUEUE))) == one


def test_a_long_queue_has_pages(admin_client, monkeypatch) -> None:
    monkeypatch.setattr(handing_over, "ROWS_PER_PAGE", 2)
    rewards = [gift_to_hand_over() for _row in range(3)]

    assert shown(admin_client) == [reward.pk for reward in rewards[:2]]
    response = admin_client.get(reverse(QUEUE), {"p": 2})
    assert [row.pk for row in response.context["rows"]] == [rewards[2].pk]
    assert 'aria-current="page">2</b>' in response.text


def test_points_that_were_looked_at_are_tried_once_more(admin_client, settings) -> None:
    settings.PPX_SHOP = f"{__name__}.PointShop"
    points = points_to_hand_over()
    Reward.objects.update(flag="not_delivered", due_at=None, delivery_attempts=8)

    admin_client.post(
        reverse("admin:django_ppx_reward_changelist"),
        {"action": "look_at", "_selected_action": [points.pk], "reason": "The account was closed"},
    )

    points.refresh_from_db()
    assert (points.status, points.flag) == ("issued", "")
    assert points.due_at is not None
    assert shown(admin_client) == []


def test_the_order_of_a_customer_is_no_sequence_in_german(admin_client) -> None:
    gift_to_hand_over()
    reward_for_purchase()

    for name in (QUEUE, "admin:django_ppx_reward_changelist"):
        assert (
            "Reihenfolge"
            not in admin_client.get(reverse(name), headers={"accept-language": "de"}).text
        )
