"""All offers: one list over all kinds, in order; the choice of a kind; the first steps."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.offers.models import Offer, OfferPresentation, Theme
from django_ppx.testing import make_benefit, make_offer, make_purchase
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

LIST = reverse("admin:django_ppx_offer_changelist")
ADD = reverse("admin:django_ppx_offer_add")
REORDER = reverse("admin:django_ppx_offer_reorder")

pytestmark = pytest.mark.django_db


def slugs() -> list[str]:
    return list(Offer.objects.order_by("priority", "pk").values_list("slug", flat=True))


def test_offers_of_all_kinds_stand_in_one_order(admin_client: Client) -> None:
    make_offer(name="Third", priority=30)
    make_offer("next_purchase_discount", name="First", priority=10, benefit=make_benefit())
    make_offer("social_invite", name="Second", priority=20)

    response = admin_client.get(LIST)

    found = [offer.name for offer in response.context["cl"].result_list]
    html = response.content.decode()
    assert found == ["First", "Second", "Third"]
    for kind in ("Next-purchase discount", "Social invite", "Message"):
        assert kind in html


def test_each_name_leads_to_the_form_of_its_kind(admin_client: Client) -> None:
    offer = make_offer("social_invite")

    html = admin_client.get(LIST).content.decode()
    response = admin_client.get(reverse("admin:django_ppx_offer_change", args=[offer.pk]))

    url = reverse("admin:django_ppx_socialinvite_change", args=[offer.pk])
    assert url in html
    assert response["Location"] == url


def test_the_list_takes_as_many_queries_with_one_offer_as_with_many(admin_client: Client) -> None:
    make_offer()
    one = count_queries(lambda: admin_client.get(LIST))
    for _number in range(10):
        make_offer()
        make_offer("social_invite")

    assert count_queries(lambda: admin_client.get(LIST)) == one


def test_offers_of_a_kind_that_is_switched_off_are_left_out(
    admin_client: Client, settings: Any
) -> None:
    make_offer("social_invite", name="Join us")
    make_offer(name="Care")
    settings.PPX_OFFER_KINDS = ["django_ppx.messages.kind.MessageKind"]

    found = admin_client.get(LIST).context["cl"].result_list

    assert [offer.name for offer in found] == ["Care"]


def test_arrows_move_an_offer_without_a_script(admin_client: Client) -> None:
    make_offer(slug="a", priority=10)
    b = make_offer(slug="b", priority=20)

    response = admin_client.post(REORDER, {"move": f"{b.pk}:up"})

    assert slugs() == ["b", "a"]
    assert response["Location"] == f"{LIST}#offer-{b.pk}"
    assert f'value="{b.pk}:down"' in admin_client.get(LIST).content.decode()


def test_dragging_sends_the_whole_order(admin_client: Client) -> None:
    a, b, c = (make_offer(slug=slug) for slug in "abc")

    response = admin_client.post(REORDER, {"order": f"{c.pk},{a.pk},{b.pk}"})

    assert response.status_code == 204
    assert slugs() == ["c", "a", "b"]


@pytest.mark.parametrize(
    "data", [{"move": "x:up"}, {"move": "1:sideways"}, {"order": "x,²,-1,"}, {"move": ""}, {}]
)
def test_nonsense_moves_nothing(admin_client: Client, data: dict[str, str]) -> None:
    make_offer(slug="a", priority=10)
    make_offer(slug="b", priority=20)

    assert admin_client.post(REORDER, data).status_code in {204, 302}

    assert slugs() == ["a", "b"]


def test_order_is_changed_by_post_alone(admin_client: Client) -> None:
    assert admin_client.get(REORDER).status_code == 405


def test_order_is_for_who_may_change_offers() -> None:
    make_offer(slug="a", priority=10)
    b = make_offer(slug="b", priority=20)
    looker = staff_client("view_offer")

    response = looker.post(REORDER, {"move": f"{b.pk}:up"})

    assert response.status_code == 403
    assert slugs() == ["a", "b"]
    assert REORDER not in looker.get(LIST).content.decode()


def test_arrows_are_absent_where_only_a_part_of_the_list_is_shown(admin_client: Client) -> None:
    make_offer()

    assert 'name="move"' in admin_client.get(LIST).content.decode()
    assert 'name="move"' not in admin_client.get(f"{LIST}?state=running").content.decode()


def test_who_may_not_see_offers_gets_nothing() -> None:
    client = staff_client("view_theme")

    assert client.get(LIST).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_new_offer_begins_with_the_choice_of_a_kind(admin_client: Client) -> None:
    html = admin_client.get(ADD).content.decode()

    assert reverse("admin:django_ppx_message_add") in html
    assert "Gives every order a personal code" in html


def test_only_kinds_that_the_person_may_add_are_offered() -> None:
    html = staff_client("view_offer", "add_message").get(ADD).content.decode()

    assert reverse("admin:django_ppx_message_add") in html
    assert reverse("admin:django_ppx_socialinvite_add") not in html


def test_an_offer_is_not_deleted_from_here(admin_client: Client) -> None:
    offer = make_offer()

    response = admin_client.post(
        reverse("admin:django_ppx_offer_delete", args=[offer.pk]), {"post": "yes"}
    )

    assert response.status_code == 403
    assert Offer.objects.count() == 1


def test_an_empty_shop_is_told_what_to_do(admin_client: Client) -> None:
    html = admin_client.get(LIST).content.decode()

    assert "What would you like to offer first?" in html
    assert "First steps" in html
    assert reverse("admin:django_ppx_message_add") in html


def test_steps_are_ticked_off_and_go_when_all_are_done(admin_client: Client) -> None:
    offer = make_offer()
    Theme.objects.create(name="Forest", is_active=True)

    steps = admin_client.get(LIST).context["steps"]

    assert [step.is_done for step in steps] == [True, True, True, False, False]

    purchase = make_purchase()
    OfferPresentation.objects.create(
        offer_id=offer.pk,
        variant=offer.variants.get(),
        purchase=purchase,
        customer=purchase.customer,
        placement="thank_you",
        presented_at=purchase.placed_at,
    )
    assert admin_client.get(LIST).context["steps"] == ()
