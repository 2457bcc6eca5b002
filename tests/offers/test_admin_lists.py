"""The lists of one kind's offers, and what staff can do with the offers they ticked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_ppx.messages.models import Message
from django_ppx.offers.admin.columns import state_of, window_in_words
from django_ppx.offers.models import Offer
from django_ppx.testing import make_audience, make_offer
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

LIST = reverse("admin:django_ppx_message_changelist")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def names(response: Any) -> list[str]:
    return [offer.name for offer in response.context["cl"].result_list]


def run(client: Client, action: str, *offers: Offer) -> Any:
    data = {"action": action, "_selected_action": [offer.pk for offer in offers]}
    return client.post(LIST, data, follow=True)


def test_a_row_says_what_the_offer_does_when_for_whom_and_where(admin_client: Client) -> None:
    audience = make_audience(name="Regulars")
    make_offer(name="Care", audience=audience, placements=["thank_you", "order_status"])

    html = admin_client.get(LIST).content.decode()

    for words in ("Care", "Running", "Always", "Regulars", "Thank-you page", "Order status"):
        assert words in html
    assert 'aria-label="Shown on the last 14 days' in html


def test_the_list_takes_as_many_queries_with_one_offer_as_with_many(admin_client: Client) -> None:
    audience = make_audience([("orders_so_far", "gte", "2")])
    make_offer(audience=audience)
    one = count_queries(lambda: admin_client.get(LIST))
    for _number in range(20):
        make_offer(audience=audience)

    assert count_queries(lambda: admin_client.get(LIST)) == one


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "paused", "ends_at": NOW - timedelta(days=1)}, "paused"),
        ({}, "running"),
        ({"starts_at": NOW}, "running"),
        ({"starts_at": NOW + timedelta(microseconds=1)}, "scheduled"),
        ({"ends_at": NOW}, "ended"),
        ({"ends_at": NOW + timedelta(microseconds=1)}, "running"),
    ],
)
def test_the_badge_takes_the_window_into_account(values: dict[str, Any], state: str) -> None:
    offer = Message(**{"status": "active", **values})

    assert state_of(offer, now=NOW) == state


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        (None, None, "Always"),
        (NOW + timedelta(days=1), None, "From 03/11/2026 1 p.m."),
        (datetime(2026, 2, 28, 23, tzinfo=UTC), None, "Since 03/01/2026"),
        # The first instant of 1 April in Berlin is still 31 March in UTC.
        (None, datetime(2026, 3, 31, 22, tzinfo=UTC), "Until 03/31/2026"),
        (None, datetime(2026, 3, 19, 23, tzinfo=UTC), "Until 03/19/2026, 9 days left"),
        (None, datetime(2026, 3, 11, 23, tzinfo=UTC), "Until 03/11/2026, 1 day left"),
        (None, datetime(2026, 3, 10, 23, tzinfo=UTC), "Until 03/10/2026, last day"),
        (None, datetime(2026, 3, 9, 23, tzinfo=UTC), "Until 03/09/2026"),
        (
            datetime(2026, 3, 11, 23, tzinfo=UTC),
            datetime(2026, 3, 14, 23, tzinfo=UTC),
            "03/12/2026 to 03/14/2026",
        ),
    ],
)
def test_windows_are_said_as_people_say_them(
    starts: datetime | None, ends: datetime | None, words: str
) -> None:
    with timezone.override("Europe/Berlin"):
        assert window_in_words(Message(starts_at=starts, ends_at=ends), now=NOW) == words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=running", ["running"]),
        ("state=scheduled", ["later"]),
        ("state=draft", ["draft"]),
        ("placement=order_status", ["draft"]),
        ("audience=everybody", ["running", "later", "draft"]),
        ("q=runn", ["running"]),
        ("q=Headline of later", ["later"]),
        ("state=nonsense", ["running", "later", "draft"]),
    ],
)
def test_the_list_can_be_narrowed(admin_client: Client, query: str, found: list[str]) -> None:
    make_offer(name="running", slug="running", priority=1)
    make_offer(name="later", starts_at=timezone.now() + timedelta(days=1), priority=2)
    make_offer(name="draft", status="draft", placements=["order_status"], priority=3)

    assert names(admin_client.get(f"{LIST}?{query}")) == found


def test_offers_are_activated_and_those_that_are_incomplete_say_why(admin_client: Client) -> None:
    ready = make_offer(name="Ready", status="draft")
    unready = make_offer(name="Unready", status="draft", texts={"de": {"headline": "Hallo"}})

    response = run(admin_client, "activate", ready, unready)

    assert dict(Offer.objects.values_list("name", "status")) == {
        "Ready": "active",
        "Unready": "draft",
    }
    said = [str(message) for message in response.context["messages"]]
    assert said == [
        "1 offer is active.",
        "“Unready” was not activated. No variant has a headline in the shop's main language.",
    ]


def test_offers_are_paused(admin_client: Client) -> None:
    offer = make_offer()

    run(admin_client, "pause", offer)

    offer.refresh_from_db()
    assert offer.status == "paused"


def test_offers_are_duplicated_as_drafts(admin_client: Client) -> None:
    run(admin_client, "duplicate", make_offer(name="Care"))

    assert list(Message.objects.order_by("pk").values_list("name", "status")) == [
        ("Care", "active"),
        ("Care (copy)", "draft"),
    ]


def test_the_export_is_a_guarded_private_csv(admin_client: Client) -> None:
    offer = make_offer(name="=1+1", slug="sum")

    response = run(admin_client, "export_csv", offer)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert "sum,'=1+1,message,active" in response.content.decode()


@pytest.mark.parametrize(
    ("action", "lacking"),
    [
        ("activate", {"view_message", "change_message", "add_message"}),
        ("pause", {"view_message", "change_message", "add_message"}),
        ("duplicate", {"view_message", "change_message", "activate_offer"}),
    ],
)
def test_an_action_needs_its_permission(action: str, lacking: set[str]) -> None:
    client = staff_client(*lacking)
    draft, active = make_offer(status="draft"), make_offer()

    response = run(client, action, draft, active)

    assert "No action selected" in str(response.content) or response.status_code == 403
    assert sorted(Offer.objects.values_list("status", flat=True)) == ["active", "draft"]


def test_activation_needs_the_change_of_the_kind_too() -> None:
    offer = make_offer(status="draft")

    run(staff_client("view_message", "activate_offer"), "activate", offer)

    offer.refresh_from_db()
    assert offer.status == "draft"


def test_with_its_permission_an_action_works() -> None:
    offer = make_offer(status="draft")

    run(staff_client("view_message", "change_message", "activate_offer"), "activate", offer)

    offer.refresh_from_db()
    assert offer.status == "active"


def test_who_may_not_see_the_kind_gets_nothing() -> None:
    assert staff_client("view_theme").get(LIST).status_code == 403


def test_an_empty_list_says_what_the_kind_is_and_offers_to_begin(admin_client: Client) -> None:
    html = admin_client.get(LIST).content.decode()

    assert "Message: none yet" in html
    assert "Make the first one" in html
    assert reverse("admin:django_ppx_message_add") in html


def test_who_may_only_look_is_not_asked_to_begin() -> None:
    assert "Make the first one" not in staff_client("view_message").get(LIST).content.decode()


def test_a_kind_that_the_shop_switched_off_is_out_of_the_way(
    admin_client: Client, settings: Any
) -> None:
    settings.PPX_OFFER_KINDS = ["django_ppx.social.kind.SocialInviteKind"]

    index = admin_client.get(reverse("admin:index")).content.decode()

    assert LIST not in index
    assert admin_client.get(reverse("admin:django_ppx_message_add")).status_code == 403
