"""The list and the page of rewards: what staff see, find, take back and tick off, and who may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from django_ppx.core.retrying import TransactionConflict
from django_ppx.rewards.admin import reward_actions
from django_ppx.rewards.alphabet import grouped
from django_ppx.rewards.delivering import hand_over
from django_ppx.rewards.models import Reward, RewardEntry
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.testing import make_benefit, make_order, make_purchase, make_reward
from tests.admin_pages import count_queries
from tests.rewards.staff import (
    NOW,
    flagged_reward,
    gift_to_hand_over,
    reward_for_purchase,
    staff_with,
)

pytestmark = pytest.mark.django_db

REWARDS = "admin:django_ppx_reward_changelist"


def page_of(reward: Reward) -> str:
    return reverse("admin:django_ppx_reward_change", args=[reward.pk])


def listed(client, **query) -> set[int]:
    response = client.get(reverse(REWARDS), query)
    return {row.pk for row in response.context["cl"].result_list}


def act(client, action: str, *rewards: Reward, **typed):
    chosen = [reward.pk for reward in rewards]
    return client.post(
        reverse(REWARDS), {"action": action, "_selected_action": chosen, **typed}, follow=True
    )


def test_the_list_says_what_whom_why_and_where_it_stands(admin_client) -> None:
    reward = reward_for_purchase(reason="Thank-you discount")

    page = admin_client.get(reverse(REWARDS)).text

    for text in ("10% off", "A. E.", "Offer after an order", "Thank-you discount", ">Given</span>"):
        assert text in page
    assert Reward.objects.get(pk=reward.pk).purchase.order_ref in page
    assert "until 04/09/2026" in page


def test_a_promise_says_when_it_can_be_used(admin_client) -> None:
    make_reward(make_benefit(vesting_days=14), now=NOW)

    assert "usable from 03/25/2026" in admin_client.get(reverse(REWARDS)).text


def test_the_list_says_how_many_need_a_look_and_wait(admin_client) -> None:
    assert "ppx-todo" not in admin_client.get(reverse(REWARDS)).text
    flagged = flagged_reward()
    gift_to_hand_over()

    page = admin_client.get(reverse(REWARDS)).text

    assert "1 reward needs a look" in page
    assert "1 reward waits to be handed over" in page
    assert ">Needs a look</span>" in page
    assert listed(admin_client, look="any") == {flagged.pk}
    assert listed(admin_client, look="undone_after_use") == {flagged.pk}
    assert listed(admin_client, look="not_delivered") == set()


def test_rewards_are_filtered_by_status_reason_and_benefit(admin_client) -> None:
    given = reward_for_purchase()
    promise = make_reward(make_benefit(vesting_days=3), reason_type="apology", now=NOW)

    assert listed(admin_client, status__exact="promised") == {promise.pk}
    assert listed(admin_client, reason_type__exact="offer") == {given.pk}
    assert listed(admin_client, benefit__id__exact=promise.benefit_id) == {promise.pk}


def test_rewards_are_found_by_order_and_code(admin_client) -> None:
    reward, order = reward_for_purchase(), make_order()
    reward_for_purchase()
    redeem_code(code=reward.code.code, order=order, now=NOW)
    earned_by = Reward.objects.get(pk=reward.pk).purchase.order_ref

    for typed in (earned_by, f" {order.number} ", grouped(reward.code.code).lower()):
        assert listed(admin_client, q=typed) == {reward.pk}


@pytest.mark.parametrize(("may_see", "found"), [(True, 1), (False, 0)])
def test_only_who_may_see_addresses_finds_rewards_by_them(client, may_see, found) -> None:
    client.force_login(staff_with("view_reward", *["view_customer_addresses"] * may_see))
    reward = reward_for_purchase()

    assert len(listed(client, q=reward.customer.email.upper())) == found


def test_the_list_takes_as_many_queries_for_twenty_rows_as_for_one(admin_client) -> None:
    reward_for_purchase()
    one = count_queries(lambda: admin_client.get(reverse(REWARDS)))
    for _row in range(10):
        reward_for_purchase()
        flagged_reward()

    assert count_queries(lambda: admin_client.get(reverse(REWARDS))) == one


def test_a_page_takes_as_many_queries_for_ten_entries_as_for_one(admin_client, admin_user) -> None:
    reward = reward_for_purchase()
    RewardEntry.objects.create(reward=reward, number=1, kind="extended", at=NOW, order_ref="A")
    one = count_queries(lambda: admin_client.get(page_of(reward)))
    for number in range(2, 11):
        make_purchase(number=f"A-{number}")
        RewardEntry.objects.create(
            reward=reward,
            number=number,
            kind="extended",
            at=NOW,
            by=admin_user,
            order_ref=f"A-{number}",
        )

    assert count_queries(lambda: admin_client.get(page_of(reward))) == one


def test_a_page_tells_the_whole_history(admin_client, admin_user) -> None:
    gift = gift_to_hand_over(reason="A chipped cup", granted_by_id=admin_user.pk)
    hand_over(reward_ids=[gift.pk], by_id=admin_user.pk, note="Parcel 7", now=NOW)

    response = admin_client.get(page_of(gift))

    first, second = response.context["timeline"]
    assert (first.what, first.at, first.who, first.why) == ("Given", NOW, "admin", "A chipped cup")
    assert (second.what, second.at, second.who, second.why) == (
        "Handed over",
        NOW,
        "admin",
        "Parcel 7",
    )
    assert Reward.objects.get().purchase.order_ref in str(first.order)
    assert ">Handed over</span>" in response.text


def test_a_flagged_page_says_that_it_was_too_late(admin_client) -> None:
    reward = flagged_reward()

    response = admin_client.get(page_of(reward))

    assert [item.what for item in response.context["timeline"]] == [
        "Given",
        "Used",
        "Too late to take back: it was used",
    ]
    assert (
        "Used, although it was taken back or the order that earned it was undone." in response.text
    )
    assert 'value="look_at"' in response.text
    assert 'value="take_back"' not in response.text


def test_a_reduction_says_whether_it_came_in_time(admin_client) -> None:
    reward = reward_for_purchase()
    for number, (kind, kept) in enumerate(
        [("reduced", 400_000), ("redeemed", None), ("reduced", 200_000)], 1
    ):
        RewardEntry.objects.create(
            reward=reward, number=number, kind=kind, kept_ppm=kept, at=NOW, why="partly refunded"
        )
    Reward.objects.update(status="redeemed", flag="reduced_after_use", kept_ppm=200_000)

    response = admin_client.get(page_of(reward))

    assert [item.what for item in response.context["timeline"]] == [
        "Given",
        "Reduced to 40 %",
        "Used",
        "Too late to reduce: it was used",
    ]
    assert "20 % of it is left" in response.text


def test_a_page_leads_to_its_code(admin_client) -> None:
    reward = reward_for_purchase()

    page = admin_client.get(page_of(reward)).text

    assert grouped(reward.code.code) in page
    assert reverse("admin:django_ppx_discountcode_change", args=[reward.code.pk]) in page
    assert "The customer can use the code until 04/09/2026." in page


def test_nobody_adds_changes_or_deletes_rewards(admin_client) -> None:
    reward = reward_for_purchase()

    assert admin_client.get("/admin/django_ppx/reward/add/").status_code == 403
    delete = reverse("admin:django_ppx_reward_delete", args=[reward.pk])
    assert admin_client.get(delete).status_code == 403
    assert admin_client.post(page_of(reward), {"status": "redeemed"}).status_code == 403


def test_taking_back_asks_why_first(admin_client) -> None:
    reward = reward_for_purchase()

    response = act(admin_client, "take_back", reward)

    reward.refresh_from_db()
    assert reward.status == "issued"
    assert 'name="reason"' in response.text
    assert "10% off" in response.text


def test_taking_back_says_who_when_and_why(admin_client, admin_user) -> None:
    rewards = [reward_for_purchase(), gift_to_hand_over()]

    response = act(admin_client, "take_back", *rewards, reason="Wrong person")

    assert "2 rewards were taken back." in response.text
    for entry in RewardEntry.objects.all():
        assert (entry.kind, entry.by, entry.why) == ("reversed", admin_user, "Wrong person")
    assert set(Reward.objects.values_list("status", flat=True)) == {"reversed"}


def test_what_was_used_is_not_asked_about(admin_client) -> None:
    reward = flagged_reward()

    response = act(admin_client, "take_back", reward, reason="Wrong person")

    assert "None of these can be taken back" in response.text
    assert RewardEntry.objects.filter(reward=reward).count() == 2


def test_who_looked_at_a_flag_leaves_a_note(admin_client, admin_user) -> None:
    flagged, other = flagged_reward(), reward_for_purchase()

    assert 'name="reason"' in act(admin_client, "look_at", flagged, other).text
    response = act(admin_client, "look_at", flagged, other, reason="Agreed by phone")

    assert "1 mark was taken off." in response.text
    flagged.refresh_from_db()
    entry = flagged.entries.latest("number")
    assert (flagged.status, flagged.flag) == ("redeemed", "")
    assert (entry.kind, entry.by, entry.why) == ("resolved", admin_user, "Agreed by phone")
    assert other.entries.count() == 0


@pytest.mark.parametrize("action", ["take_back", "look_at"])
def test_an_action_needs_its_own_permission(client, action) -> None:
    rewards = [reward_for_purchase(), flagged_reward()]
    client.force_login(staff_with("view_reward", "change_reward", "fulfil_reward", "grant_reward"))

    act(client, action, *rewards, reason="Because")

    assert set(Reward.objects.values_list("status", "flag")) == {
        ("issued", ""),
        ("redeemed", "undone_after_use"),
    }
    for page in (reverse(REWARDS), *map(page_of, rewards)):
        assert f'value="{action}"' not in client.get(page).text

    client.force_login(staff_with("view_reward", "reverse_reward"))
    act(client, action, *rewards, reason="Because")
    assert set(Reward.objects.values_list("status", "flag")) != {
        ("issued", ""),
        ("redeemed", "undone_after_use"),
    }


def test_terms_changed_by_hand_do_not_break_the_pages(admin_client) -> None:
    reward = reward_for_purchase()
    Reward.objects.update(terms={"code_prefix": ""})

    assert "Unreadable" in admin_client.get(reverse(REWARDS)).text
    assert "The stored terms can&#x27;t be read." in admin_client.get(page_of(reward)).text


def test_customers_and_orders_show_their_rewards_and_codes(admin_client) -> None:
    reward = reward_for_purchase(reason="Thank-you discount")
    purchase = Reward.objects.get().purchase
    order = make_order(customer=make_order(number="x").customer)
    redeem_code(code=reward.code.code, order=order, now=NOW)
    reward.code.redemptions.update(customer=reward.customer)

    customer = admin_client.get(
        reverse("admin:django_ppx_customer_change", args=[reward.customer.pk])
    ).text
    earned = admin_client.get(reverse("admin:django_ppx_purchase_change", args=[purchase.pk])).text

    for page in (customer, earned):
        assert page_of(reward) in page
        assert "Thank-you discount" in page
    assert grouped(reward.code.code) in customer
    assert order.number in customer


def test_a_customers_page_takes_as_many_queries_for_ten_rewards_as_for_one(admin_client) -> None:
    def add() -> None:
        reward = make_reward(customer=customer, now=NOW)
        redeem_code(code=reward.code.code, order=make_order(), now=NOW)
        reward.code.redemptions.update(customer=customer)

    customer = reward_for_purchase().customer
    url = reverse("admin:django_ppx_customer_change", args=[customer.pk])
    add()
    one = count_queries(lambda: admin_client.get(url))
    for _row in range(9):
        add()

    assert count_queries(lambda: admin_client.get(url)) == one


def test_only_who_may_see_codes_reads_the_code_of_a_reward(client, django_user_model) -> None:
    reward = make_reward()
    code = grouped(reward.code.code)
    url = reverse("admin:django_ppx_reward_change", args=[reward.pk])
    pages = []
    for name, permissions in (
        ("few", ["view_reward"]),
        ("more", ["view_reward", "view_discountcode"]),
    ):
        user = django_user_model.objects.create_user(name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        pages.append(client.get(url).text)

    assert [code in page for page in pages] == [False, True]


def test_a_busy_database_is_said_and_not_a_server_error(admin_client, monkeypatch) -> None:
    def busy(**kwargs) -> None:
        raise TransactionConflict("deadlock")

    monkeypatch.setattr(reward_actions, "take_rewards_back", busy)
    reward = make_reward()
    data = {
        "action": "take_back",
        "_selected_action": str(reward.pk),
        "reason": "A mistake",
    }

    response = admin_client.post(reverse("admin:django_ppx_reward_changelist"), data, follow=True)

    assert response.status_code == 200
    assert "The database was busy, and nothing was changed." in response.text
