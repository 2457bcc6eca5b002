"""Offers as a program reads and switches them, and every kind from its making to a customer's page."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from django_ppx.offers.models import Offer, OfferVariantText
from django_ppx.offers.pages import offers_for
from django_ppx.offers.snapshot import current_stamp
from django_ppx.social.models import SharePromptText
from django_ppx.testing import (
    FakeShop,
    make_audience,
    make_benefit,
    make_offer,
    make_order,
    make_variant,
)
from django_ppx.testing.ugc import make_licence, make_ugc_offer
from tests.api.offering import V1, WORDS, Program, faults, reason
from tests.reviews.test_kind import make_platform, make_request
from tests.social.test_invite_kind import make_channel, make_invite

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program("offers:read", "offers:write")


def test_an_offer_is_read_with_all_that_staff_write(program: Program) -> None:
    audience = make_audience([("is_guest", "yes", None)])
    offer = make_offer(
        name="Sale",
        slug="sale",
        url="/sale/",
        audience=audience,
        starts_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        cap_count=2,
        texts={"de": {"headline": "Hallo"}, "en": {"headline": "Hello", "button": "Go"}},
    )

    response = program.get("offers/sale/")

    assert response.status_code == 200
    body = response.json()
    assert len(body.pop("version")) == 32
    assert datetime.fromisoformat(body.pop("created_at")) == offer.created_at
    nothing = {"text": "", "button": "", "image": None, "image_alt": ""}
    assert body == {
        "id": offer.pk,
        "slug": "sale",
        "name": "Sale",
        "kind": "message",
        "status": "active",
        "starts_at": "2026-03-01T12:00:00+00:00",
        "ends_at": None,
        "priority": 100,
        "placements": ["thank_you"],
        "audience": audience.pk,
        "page_behaviour": "stack",
        "is_dismissible": True,
        "hide_when_done": False,
        "cap_count": 2,
        "cap_days": None,
        "variants": [
            {
                "label": "A",
                "design": "card",
                "weight": 1,
                "texts": [
                    {**nothing, "language": "de", "headline": "Hallo"},
                    {**nothing, "language": "en", "headline": "Hello", "button": "Go"},
                ],
            }
        ],
        "settings": {"url": "/sale/"},
        "counts": {"shown": 0, "clicked": 0, "redeemed": 0},
    }


def test_a_picture_is_read_with_its_address(program: Program) -> None:
    offer = make_offer(slug="sale")
    OfferVariantText.objects.filter(variant__offer=offer).update(
        image="ppx/offers/bowl.png", image_width=40, image_height=30, image_alt="A bowl"
    )

    body = program.get("offers/sale/").json()

    text = body["variants"][0]["texts"][0]
    assert text["image"] == {"url": "/media/ppx/offers/bowl.png", "width": 40, "height": 30}
    assert text["image_alt"] == "A bowl"


def test_the_settings_of_each_kind_are_read(program: Program) -> None:
    benefit, channel, platform = make_benefit(), make_channel(handle="kiln"), make_platform()
    make_offer("next_purchase_discount", slug="code", benefit=benefit, url="/sale/")
    make_request(platform, slug="review", max_platforms=2)
    make_invite(channel, slug="invite")
    prompt = make_offer("share_prompt", slug="share", tagged_channel=channel)
    SharePromptText.objects.create(prompt=prompt, language="en", text="With {handle}")
    ugc = make_ugc_offer(slug="ugc", benefit=benefit)

    found = {each["slug"]: each["settings"] for each in program.get("offers/").json()["results"]}

    assert found["code"] == {"benefit": benefit.pk, "url": "/sale/"}
    assert found["review"] == {"platforms": [platform.pk], "max_platforms": 2}
    assert found["invite"] == {"channels": [channel.pk]}
    assert found["share"]["texts"] == [{"language": "en", "text": "With {handle}", "hashtags": ""}]
    assert found["share"]["tagged_channel"] == channel.pk
    assert found["share"]["networks"] == prompt.networks
    assert found["ugc"]["licence"] == ugc.licence_id
    assert found["ugc"]["max_posts"] == 2
    assert found["ugc"]["reward_image"] is None
    assert found["ugc"]["texts"][0]["theme"] == "Your mornings"


def one_of_each() -> None:
    make_offer()
    make_offer("next_purchase_discount", benefit=make_benefit())
    make_request(make_platform(f"kiln-{Offer.objects.count()}"))
    make_invite(make_channel())
    make_offer("share_prompt")
    make_ugc_offer()


def test_a_list_asks_as_often_for_many_offers_as_for_few(
    program: Program, django_assert_num_queries: Any
) -> None:
    one_of_each()
    program.get("offers/")  # the first use of a key is noted
    with django_assert_num_queries(16):
        few = program.get("offers/")

    one_of_each()
    one_of_each()
    with django_assert_num_queries(16):
        many = program.get("offers/")

    assert len(few.json()["results"]) == 6
    assert len(many.json()["results"]) == 18


def test_a_list_comes_in_pages(program: Program) -> None:
    for number in range(3):
        make_offer(slug=f"offer-{number}-of-3")

    first = program.get("offers/", limit=2).json()
    cursor = first["next"].split("cursor=")[1].split("&")[0]
    second = Client().get(first["next"], headers={"Authorization": f"Bearer {program.key}"}).json()

    assert cursor
    assert [each["slug"] for each in first["results"]] == ["offer-2-of-3", "offer-1-of-3"]
    assert [each["slug"] for each in second["results"]] == ["offer-0-of-3"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "paused"}, ["b"]),
        ({"kind": "social_invite"}, ["c"]),
        ({"placement": "account"}, ["a", "b"]),
        ({"placement": "order_status"}, []),
        ({"q": "SUMM"}, ["a"]),
        ({"q": "%"}, []),
        ({"status": "active", "placement": "account"}, ["a"]),
    ],
)
def test_a_list_is_narrowed(program: Program, query: dict[str, str], expected: list[str]) -> None:
    make_offer(slug="a", name="Summer", placements=["account"])
    make_offer(slug="b", status="paused", placements=["thank_you", "account"])
    make_offer("social_invite", slug="c")

    found = program.get("offers/", **query).json()["results"]

    assert sorted(each["slug"] for each in found) == expected


def test_a_list_is_narrowed_to_an_audience(program: Program) -> None:
    audience = make_audience()
    make_offer(slug="a", audience=audience)
    make_offer(slug="b")

    found = program.get("offers/", audience=audience.pk).json()["results"]

    assert [each["slug"] for each in found] == ["a"]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "gone"},
        {"placement": "roof"},
        {"audience": "x"},
        {"audience": str(2**63)},
        {"q": "\x00"},
        {"q": "x" * 121},
        {"unknown": "1"},
        {"limit": "0"},
        {"cursor": "%00"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(program: Program, query: dict[str, str]) -> None:
    response = program.get("offers/", **query)

    assert response.status_code in {400, 404}, response.content


def test_an_offer_that_is_not_there_is_not_found(program: Program) -> None:
    for response in (
        program.get("offers/gone/"),
        program.patch("offers/gone/", {"priority": 1}),
        *(
            program.post(f"offers/gone/{each}/")
            for each in ("activate", "pause", "archive", "duplicate")
        ),
    ):
        assert reason(response) == (404, "not_found")


def test_reading_needs_its_scope_and_writing_another() -> None:
    make_offer(slug="sale")
    reader, stranger = Program("offers:read"), Program("codes:write")

    assert reader.get("offers/").status_code == 200
    assert reason(reader.post("offers/", {})) == (403, "scope_missing")
    assert reason(reader.patch("offers/sale/", {})) == (403, "scope_missing")
    assert reason(reader.post("offers/sale/pause/")) == (403, "scope_missing")
    assert reason(stranger.get("offers/")) == (403, "scope_missing")
    assert reason(stranger.get("offer_kinds/")) == (403, "scope_missing")
    assert Client().get(f"{V1}offers/").status_code == 401
    assert Offer.objects.get().status == "active"


def test_staff_may_read_with_the_permission_to_see_offers_and_audiences(client: Client) -> None:
    user = User.objects.create_user("ada", password="x", is_staff=True)
    client.force_login(user)
    before = client.get(f"{V1}offers/")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_offer", "view_audience"])
    )

    assert before.status_code == 403
    assert client.get(f"{V1}offers/").status_code == 200


def test_activating_says_all_that_is_missing(program: Program) -> None:
    make_offer("share_prompt", slug="share", status="draft", texts={"de": {"headline": "Hallo"}})

    response = program.post("offers/share/activate/")

    assert reason(response) == (409, "incomplete")
    assert [each["detail"] for each in response.json()["errors"]] == [
        "No variant has a headline in the shop's main language.",
        "Write the prepared text in at least one language.",
    ]
    assert faults(response) == [("", "activation_problem")] * 2
    assert Offer.objects.get().status == "draft"


def test_an_offer_is_switched_on_and_off_and_put_away(program: Program) -> None:
    make_offer(slug="sale", status="draft")
    before = current_stamp()

    statuses = [
        program.post(f"offers/sale/{each}/").json()["status"]
        for each in ("activate", "activate", "pause", "pause", "archive", "archive")
    ]

    assert statuses == ["active", "active", "paused", "paused", "archived", "archived"]
    assert current_stamp() != before
    assert Offer.objects.get().status == "archived"


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_only_what_is_active_is_paused(program: Program, status: str) -> None:
    make_offer(slug="sale", status=status)

    assert reason(program.post("offers/sale/pause/")) == (409, "not_running")
    assert Offer.objects.get().status == status


def test_an_offer_of_a_kind_that_is_switched_off_is_read_and_left_alone(
    program: Program, settings: Any
) -> None:
    make_offer(slug="sale", status="paused")
    settings.PPX_OFFER_KINDS = ["django_ppx.social.kind.SocialInviteKind"]

    assert program.get("offers/sale/").json()["settings"] == {}
    assert reason(program.patch("offers/sale/", {"priority": 1})) == (409, "kind_off")
    assert reason(program.post("offers/sale/activate/")) == (409, "kind_off")
    assert reason(program.post("offers/sale/duplicate/")) == (409, "kind_off")
    assert program.post("offers/sale/archive/").json()["status"] == "archived"


def test_a_duplicate_is_a_draft_with_the_same_words_and_settings(program: Program) -> None:
    channel = make_channel()
    offer = make_invite(channel, slug="invite")
    make_variant(offer, label="B")

    response = program.post("offers/invite/duplicate/")

    assert response.status_code == 201
    body = response.json()
    assert (body["slug"], body["status"]) == ("invite-2", "draft")
    assert [each["label"] for each in body["variants"]] == ["A", "B"]
    assert body["settings"] == {"channels": [channel.pk]}


def test_kinds_say_what_their_settings_are(program: Program) -> None:
    found = {each["name"]: each for each in program.get("offer_kinds/").json()["results"]}

    types = {
        name: {field["name"]: field["type"] for field in kind["settings"]}
        for name, kind in found.items()
    }
    assert types["message"] == {"url": "text"}
    assert types["next_purchase_discount"] == {"benefit": "reference", "url": "text"}
    assert types["review_request"] == {"max_platforms": "whole_number", "platforms": "references"}
    assert types["social_invite"] == {"channels": "references"}
    assert types["share_prompt"] == {
        "tagged_channel": "reference",
        "networks": "choices",
        "share_url": "text",
        "texts": "rows",
    }
    assert types["ugc_reward"]["reward_image"] == "file"
    assert types["ugc_reward"]["asks_people_agreed"] == "flag"
    assert types["ugc_reward"]["after_withdrawal"] == "choice"
    benefit = found["next_purchase_discount"]["settings"][0]
    assert (benefit["is_required"], benefit["refers_to"]) == (True, "django_ppx.Benefit")
    texts = found["share_prompt"]["settings"][-1]["fields_of_rows"]
    assert [(each["name"], each["type"]) for each in texts] == [
        ("language", "choice"),
        ("text", "text"),
        ("hashtags", "text"),
    ]


def settings_of(kind: str) -> dict[str, Any]:
    """Return settings with which an offer of the kind can be activated."""
    if kind == "next_purchase_discount":
        return {"benefit": make_benefit().pk, "url": "/sale/"}
    if kind == "review_request":
        return {"platforms": [make_platform().pk]}
    if kind == "social_invite":
        return {"channels": [make_channel().pk]}
    if kind == "share_prompt":
        return {"texts": [{"language": "en", "text": "I have just bought {product}"}]}
    if kind == "ugc_reward":
        return {
            "benefit": make_benefit().pk,
            "licence": make_licence().pk,
            "texts": [{"language": "en", "theme": "Mornings", "brief": "Show us your mug."}],
        }
    return {"url": "/sale/"}


@pytest.mark.parametrize(
    "kind",
    [
        "next_purchase_discount",
        "review_request",
        "social_invite",
        "share_prompt",
        "ugc_reward",
        "message",
    ],
)
def test_an_offer_made_by_a_program_comes_onto_a_page(
    program: Program, settings: Any, kind: str
) -> None:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    order = FakeShop.place(make_order(total=Decimal("50.00"), currency="EUR"))
    body = {"kind": kind, "name": "New", "settings": settings_of(kind), "variants": WORDS}

    made = program.post("offers/", body)
    now = timezone.now()
    before = offers_for(order, placement="thank_you", limit=None, request=None, now=now)
    activated = program.post("offers/new/activate/")
    cards = offers_for(order, placement="thank_you", limit=None, request=None, now=now)
    FakeShop.clear()

    assert made.status_code == 201, made.content
    assert made.json()["status"] == "draft"
    assert before == ()
    assert activated.status_code == 200, activated.content
    assert [(card.kind, card.headline) for card in cards] == [(kind, "Thank you")]
