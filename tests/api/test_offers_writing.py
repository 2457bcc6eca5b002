"""Offers as a program writes them: what is taken, what is refused and where, and two at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from django_ppx.offers.models import (
    Offer,
    OfferPresentation,
    OfferVariant,
    OfferVariantText,
)
from django_ppx.offers.snapshot import current_stamp
from django_ppx.social.models import SharePromptText
from django_ppx.testing import (
    make_audience,
    make_benefit,
    make_experiment,
    make_offer,
    make_purchase,
    make_variant,
)
from tests.api.offering import WORDS, Program, faults, reason
from tests.racing import run_together
from tests.reviews.test_kind import make_platform
from tests.social.test_invite_kind import make_channel, make_invite

pytestmark = pytest.mark.django_db

MESSAGE = {"kind": "message", "name": "Sale"}


@pytest.fixture
def program() -> Program:
    return Program("offers:read", "offers:write")


def test_a_draft_is_made_of_its_kind_and_its_name(program: Program) -> None:
    response = program.post("offers/", MESSAGE)

    assert response.status_code == 201
    body = response.json()
    assert (body["slug"], body["status"], body["variants"]) == ("sale", "draft", [])
    assert body["settings"] == {"url": ""}
    offer = Offer.objects.get()
    assert (offer.kind, offer.priority, offer.placements) == ("message", 100, ["thank_you"])
    assert offer.salt


def test_everything_that_can_be_sent_is_stored(program: Program) -> None:
    audience = make_audience()
    sent = {
        "slug": "big-sale",
        "starts_at": "2026-03-29T01:30:00.123456+01:00",
        "ends_at": "2026-04-01T00:00:00+02:00",
        "priority": 7,
        "placements": ["account", "email"],
        "audience": audience.pk,
        "page_behaviour": "filler",
        "is_dismissible": False,
        "hide_when_done": True,
        "cap_count": 3,
        "cap_days": 30,
    }

    body = program.post("offers/", {**MESSAGE, **sent}).json()

    assert {name: body[name] for name in sent} == {
        **sent,
        "starts_at": "2026-03-29T00:30:00.123456+00:00",
        "ends_at": "2026-03-31T22:00:00+00:00",
    }
    offer = Offer.objects.get()
    assert offer.starts_at == datetime(2026, 3, 29, 0, 30, 0, 123456, tzinfo=UTC)
    assert (offer.is_dismissible, offer.audience_id) == (False, audience.pk)


def test_what_is_read_can_be_sent_back_and_changes_nothing(program: Program) -> None:
    make_offer(slug="sale", url="/sale/", ends_at=datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=UTC))
    read = program.get("offers/sale/").json()
    for name in ("id", "kind", "status", "created_at", "counts"):
        del read[name]
    for text in read["variants"][0]["texts"]:
        del text["image"]
    before = OfferVariant.objects.get().pk

    response = program.patch("offers/sale/", read)

    assert response.status_code == 200, response.content
    assert response.json()["version"] == read["version"]
    assert OfferVariant.objects.get().pk == before


def test_a_change_names_what_changes_and_leaves_the_rest(program: Program) -> None:
    make_offer(slug="sale", name="Sale", url="/sale/", cap_count=2, is_dismissible=False)
    before = current_stamp()

    response = program.patch("offers/sale/", {"priority": 1, "cap_count": None})

    assert response.status_code == 200
    offer = Offer.objects.get()
    assert (offer.priority, offer.cap_count, offer.is_dismissible) == (1, None, False)
    assert (offer.status, offer.name, offer.message.url) == ("active", "Sale", "/sale/")
    assert current_stamp() != before


def test_variants_are_found_by_their_label(program: Program) -> None:
    offer = make_offer(slug="sale", texts={"en": {"headline": "Old"}, "de": {"headline": "Alt"}})
    kept = offer.variants.get()
    make_variant(offer, label="B")
    sent = [
        {"label": "C", "design": "banner", "texts": [{"language": "en", "headline": "Third"}]},
        {"label": "A", "weight": 5, "texts": [{"language": "EN", "button": "Go"}]},
    ]

    body = program.patch("offers/sale/", {"variants": sent}).json()

    assert [(each["label"], each["design"], each["weight"]) for each in body["variants"]] == [
        ("A", "card", 5),
        ("C", "banner", 1),
    ]
    assert OfferVariant.objects.get(label="A").pk == kept.pk
    assert list(kept.texts.values_list("language", "headline", "button")) == [("en", "Old", "Go")]


def test_a_variant_without_texts_in_the_request_keeps_them(program: Program) -> None:
    make_offer(slug="sale", texts={"en": {"headline": "Old"}, "de": {"headline": "Alt"}})

    program.patch("offers/sale/", {"variants": [{"label": "A", "weight": 2}]})

    assert OfferVariant.objects.get().weight == 2
    assert sorted(OfferVariantText.objects.values_list("headline", flat=True)) == ["Alt", "Old"]


def test_a_picture_stays_with_its_text_and_goes_with_it(program: Program) -> None:
    make_offer(slug="sale", texts={"en": {"headline": "Old"}, "de": {"headline": "Alt"}})
    OfferVariantText.objects.update(
        image="ppx/offers/bowl.png", image_width=40, image_height=30, image_alt="A bowl"
    )
    english = {"language": "en", "headline": "New", "image_alt": "A bowl of clay"}

    response = program.patch("offers/sale/", {"variants": [{"label": "A", "texts": [english]}]})

    assert response.status_code == 200, response.content
    text = OfferVariantText.objects.get()
    assert (text.language, text.headline, text.image.name, text.image_alt) == (
        "en",
        "New",
        "ppx/offers/bowl.png",
        "A bowl of clay",
    )


def test_a_text_in_a_language_that_the_shop_gave_up_stays(program: Program) -> None:
    make_offer(slug="sale", texts={"en": {"headline": "Old"}, "fr": {"headline": "Vieux"}})

    program.patch("offers/sale/", {"variants": WORDS})

    assert sorted(OfferVariantText.objects.values_list("language", "headline")) == [
        ("en", "Thank you"),
        ("fr", "Vieux"),
    ]


def test_a_variant_that_was_shown_is_not_removed(program: Program) -> None:
    offer = make_offer(slug="sale")
    make_variant(offer, label="B")
    purchase = make_purchase()
    OfferPresentation.objects.create(
        offer=offer,
        variant=offer.variants.get(label="A"),
        purchase=purchase,
        customer=purchase.customer,
        placement="thank_you",
        presented_at=purchase.placed_at,
    )

    response = program.patch("offers/sale/", {"priority": 1, "variants": [{"label": "B"}]})

    assert reason(response) == (409, "variant_shown")
    assert sorted(offer.variants.values_list("label", flat=True)) == ["A", "B"]
    assert Offer.objects.get().priority == 100


def test_variants_under_test_stay_as_they_are(program: Program) -> None:
    offer = make_offer(slug="sale")
    make_experiment(offer=offer)
    weight = [{"label": "A", "weight": 9}]

    changed = program.patch("offers/sale/", {"variants": weight})
    worded = program.patch("offers/sale/", {"variants": WORDS})
    same = program.patch("offers/sale/", {"priority": 3, "variants": [{"label": "A"}]})

    assert reason(changed) == reason(worded) == (409, "experiment_running")
    assert same.status_code == 200
    assert offer.variants.get(label="A").weight == 1
    assert OfferVariantText.objects.get(variant__label="A").headline.startswith("Headline of")


def test_an_old_version_changes_nothing(program: Program) -> None:
    make_offer(slug="sale")
    version = program.get("offers/sale/").json()["version"]
    first = program.patch("offers/sale/", {"priority": 1, "version": version})

    second = program.patch("offers/sale/", {"priority": 2, "version": version})

    assert first.status_code == 200
    assert reason(second) == (409, "changed_meanwhile")
    assert Offer.objects.get().priority == 1


def test_a_short_name_is_given_once(program: Program) -> None:
    make_offer(slug="sale")
    make_offer(slug="other")

    assert reason(program.post("offers/", {**MESSAGE, "slug": "sale"})) == (409, "slug_taken")
    assert reason(program.patch("offers/other/", {"slug": "sale"})) == (409, "slug_taken")
    assert program.post("offers/", MESSAGE).json()["slug"] == "sale-2"


NOBODY = 2**40


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"kind": "gone"}, [("/kind", "invalid_choice")]),
        ({"kind": 5}, [("/kind", "invalid")]),
        ({"name": ""}, [("/name", "blank")]),
        ({"name": "x" * 121}, [("/name", "max_length")]),
        ({"name": ["x"]}, [("/name", "invalid")]),
        ({"slug": "no slug"}, [("/slug", "invalid")]),
        ({"slug": "x" * 61}, [("/slug", "max_length")]),
        ({"status": "active"}, [("/status", "unknown_field")]),
        ({"priority": -1}, [("/priority", "min_value")]),
        ({"priority": 2**31}, [("/priority", "max_value")]),
        ({"priority": "5"}, [("/priority", "invalid")]),
        ({"priority": None}, [("/priority", "null")]),
        ({"placements": []}, [("/placements", "min_length")]),
        ({"placements": ["roof"]}, [("/placements/0", "invalid_choice")]),
        ({"placements": ["email", "email"]}, [("/placements", "placements_unknown")]),
        ({"audience": NOBODY}, [("/audience", "invalid_choice")]),
        ({"audience": 2**63}, [("/audience", "max_value")]),
        ({"cap_days": 5}, [("", "invalid")]),
        ({"cap_count": 0}, [("/cap_count", "min_value")]),
        ({"starts_at": "2026-03-01T12:00:00"}, [("/starts_at", "invalid")]),
        (
            {"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z"},
            [("", "invalid")],
        ),
        ({"variants": [{"label": ""}]}, [("/variants/0/label", "blank")]),
        ({"variants": [{"label": "A"}, {"label": "a"}]}, [("/variants/1/label", "unique")]),
        (
            {"variants": [{"label": "A", "weight": 2**31}]},
            [("/variants/0/weight", "max_value")],
        ),
        (
            {"variants": [{"label": "A", "design": "poster"}]},
            [("/variants/0/design", "invalid_choice")],
        ),
        ({"variants": [{"label": str(n)} for n in range(7)]}, [("/variants", "max_length")]),
        (
            {"variants": [{"label": "A", "texts": [{"language": "xx", "headline": "Hi"}]}]},
            [("/variants/0/texts/0/language", "language_unknown")],
        ),
        (
            {"variants": [{"label": "A", "texts": [{"language": "en", "text": "Hi"}]}]},
            [("/variants/0/texts/0/headline", "invalid")],
        ),
        (
            {"variants": [{"label": "A", "texts": [{"language": "en"}, {"language": "EN"}]}]},
            [("/variants/0/texts/1/language", "unique")],
        ),
        (
            {"variants": [{"label": "A", "texts": [{"language": "en", "headline": "x" * 161}]}]},
            [("/variants/0/texts/0/headline", "max_length")],
        ),
        ({"settings": []}, [("/settings", "not_a_dict")]),
        ({"settings": {"url": 5}}, [("/settings/url", "invalid")]),
        ({"settings": {"url": None}}, [("/settings/url", "null")]),
        ({"settings": {"url": "/" + "x" * 1000}}, [("/settings/url", "max_length")]),
        ({"settings": {"url": "//evil.example.com"}}, [("/settings/url", "path_format")]),
        ({"settings": {"a/b": 1}}, [("/settings/a~1b", "unknown_field")]),
        ({"settings": {"salt": "x"}}, [("/settings/salt", "unknown_field")]),
        ({"settings": {"offer": 1}}, [("/settings/offer", "unknown_field")]),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    program: Program, sent: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    response = program.post("offers/", {**MESSAGE, **sent})

    assert response.status_code == 400, response.content
    assert faults(response) == expected
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [("/settings/benefit", "required")]),
        ({"benefit": "x"}, [("/settings/benefit", "invalid_choice")]),
        ({"benefit": NOBODY}, [("/settings/benefit", "invalid_choice")]),
        ({"benefit": 2**63}, [("/settings/benefit", "max_value")]),
        ({"benefit": True}, [("/settings/benefit", "invalid")]),
        ({"benefit": [1]}, [("/settings/benefit", "invalid")]),
        ({"benefit": None}, [("/settings/benefit", "null")]),
    ],
)
def test_a_reference_leads_to_something(
    program: Program, settings: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    body = {"kind": "next_purchase_discount", "name": "Code", "settings": settings}

    assert faults(program.post("offers/", body)) == expected


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([], [("/settings/channels", "required")]),
        ([NOBODY], [("/settings/channels", "invalid_choice")]),
        (["x"], [("/settings/channels", "invalid_pk_value")]),
        ([None], [("/settings/channels", "invalid")]),
        ({"1": 1}, [("/settings/channels", "invalid")]),
        ([2**63], [("/settings/channels", "max_value")]),
        (list(range(101)), [("/settings/channels", "max_length")]),
    ],
)
def test_references_lead_to_something(
    program: Program, channels: Any, expected: list[tuple[str, str]]
) -> None:
    body = {"kind": "social_invite", "name": "Us", "settings": {"channels": channels}}

    assert faults(program.post("offers/", body)) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("Hello", [("/settings/texts", "invalid")]),
        (["Hello"], [("/settings/texts/0", "invalid")]),
        ([{"text": "Hi"}], [("/settings/texts/0/language", "required")]),
        ([{"language": "en"}], [("/settings/texts/0/text", "required")]),
        ([{"language": 5, "text": "Hi"}], [("/settings/texts/0/language", "invalid")]),
        ([{"language": "xx", "text": "Hi"}], [("/settings/texts/0/language", "invalid_choice")]),
        ([{"language": "en", "text": 5}], [("/settings/texts/0/text", "invalid")]),
        ([{"language": "en", "text": "x" * 1001}], [("/settings/texts/0/text", "max_length")]),
        ([{"language": "en", "text": "{rating}"}], [("/settings/texts/0/text", "placeholder")]),
        ([{"language": "en", "text": "{handle}"}], [("/settings/texts/0/text", "invalid")]),
        ([{"language": "en", "id": 1}], [("/settings/texts/0/id", "unknown_field")]),
    ],
)
def test_the_rows_of_a_kind_are_checked_as_its_form_does(
    program: Program, texts: Any, expected: list[tuple[str, str]]
) -> None:
    body = {"kind": "share_prompt", "name": "Share", "settings": {"texts": texts}}

    response = program.post("offers/", body)

    assert response.status_code == 400
    assert [pointer for pointer, _reason in faults(response)] == [at for at, _reason in expected]
    assert not Offer.objects.exists()


def test_the_rows_of_a_kind_are_found_by_their_language(program: Program) -> None:
    prompt = make_offer("share_prompt", slug="share")
    for language in ("en", "de"):
        SharePromptText.objects.create(prompt=prompt, language=language, text="Old")
    kept = SharePromptText.objects.get(language="en").pk
    texts = [{"language": "ar", "text": "New"}, {"language": "en", "hashtags": "#clay"}]

    body = program.patch("offers/share/", {"settings": {"texts": texts}}).json()

    assert body["settings"]["texts"] == [
        {"language": "ar", "text": "New", "hashtags": ""},
        {"language": "en", "text": "Old", "hashtags": "#clay"},
    ]
    assert SharePromptText.objects.get(language="en").pk == kept


def test_what_a_text_asks_for_is_not_taken_away(program: Program) -> None:
    channel = make_channel(handle="kiln")
    prompt = make_offer("share_prompt", slug="share", tagged_channel=channel)
    SharePromptText.objects.create(prompt=prompt, language="en", text="With {handle}")

    response = program.patch("offers/share/", {"settings": {"tagged_channel": None}})

    assert response.status_code == 400
    assert [at for at, _reason in faults(response)] == ["/settings/texts/0/text"]
    prompt.refresh_from_db()
    assert prompt.tagged_channel_id == channel.pk


def test_a_benefit_that_no_code_can_carry_is_refused(program: Program) -> None:
    gift = make_benefit(type="gift", gift="Mug")
    body = {"kind": "next_purchase_discount", "name": "Code", "settings": {"benefit": gift.pk}}

    response = program.post("offers/", body)

    assert faults(response) == [("/settings/benefit", "benefit_unfit")]
    assert not Offer.objects.exists()


def test_a_review_request_does_not_choose_the_happy(program: Program) -> None:
    audience = make_audience([("order_total", "gte", {"amount": "50", "currency": "EUR"})])
    body = {
        "kind": "review_request",
        "name": "Review",
        "audience": audience.pk,
        "settings": {"platforms": [make_platform().pk]},
    }

    assert faults(program.post("offers/", body)) == [("/audience", "audience_selects")]
    assert not Offer.objects.exists()


def test_an_active_offer_keeps_words_in_the_main_language(program: Program) -> None:
    make_offer(slug="sale")
    german = [{"label": "A", "texts": [{"language": "de", "headline": "Hallo"}]}]

    response = program.patch("offers/sale/", {"variants": german})

    assert faults(response) == [("/variants/0/texts", "invalid")]
    assert OfferVariantText.objects.get().language == "en"
    assert faults(program.patch("offers/sale/", {"variants": []})) == [("/variants", "no_variant")]


def test_an_active_invite_keeps_a_channel_that_is_switched_on(program: Program) -> None:
    make_invite(make_channel(), slug="invite")
    off = make_channel("tiktok", is_active=False)

    response = program.patch("offers/invite/", {"settings": {"channels": [off.pk]}})

    assert [at for at, _reason in faults(response)] == ["/settings/channels"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        5,
        None,
        {"kind": "message", "name": "\x00"},
        {"name": "x", "kind": "message\x00"},
    ],
)
def test_what_is_no_offer_at_all_is_refused(program: Program, body: Any) -> None:
    response = program.post("offers/", body)

    assert response.status_code == 400
    assert not Offer.objects.exists()


def test_the_same_request_makes_one_offer(program: Program) -> None:
    first = program.post("offers/", MESSAGE, Idempotency_Key="k")
    second = program.post("offers/", MESSAGE, Idempotency_Key="k")

    assert first.status_code == second.status_code == 201
    assert second["Idempotent-Replayed"] == "true"
    assert first.json() == second.json()
    assert Offer.objects.count() == 1


def test_a_refused_change_can_be_asked_again_with_its_key(program: Program) -> None:
    make_offer(slug="sale", status="draft", texts={"de": {"headline": "Hallo"}})
    refused = program.post("offers/sale/activate/", Idempotency_Key="k")
    program.patch("offers/sale/", {"variants": WORDS})

    again = program.post("offers/sale/activate/", Idempotency_Key="k")

    assert reason(refused) == (409, "incomplete")
    assert again.json()["status"] == "active"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_one_short_name_one_is_made() -> None:
    program = Program("offers:write")

    def make(number: int) -> tuple[int, str]:
        response = program.post(
            "offers/", {"kind": "message", "name": f"Sale {number}", "slug": "sale"}
        )
        return response.status_code, response.json().get("reason", "")

    answers = run_together(make, times=8)

    assert sorted(answers) == [(201, ""), *[(409, "slug_taken")] * 7]
    assert Offer.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_short_names_that_are_made_up_at_once_differ() -> None:
    program = Program("offers:write")

    answers = run_together(lambda _number: program.post("offers/", MESSAGE), times=8)

    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["slug"] for answer in answers}) == 8


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_changes_at_once_from_one_version_one_is_written() -> None:
    make_offer(slug="sale")
    program = Program("offers:read", "offers:write")
    version = program.get("offers/sale/").json()["version"]

    answers = run_together(
        lambda number: program.patch("offers/sale/", {"priority": number, "version": version}),
        times=8,
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_fifty_equal_requests_make_one_offer() -> None:
    program = Program("offers:write")
    body = {**MESSAGE, "variants": WORDS}

    def make(_number: int) -> bytes:
        for _try in range(100):
            response = program.post("offers/", body, Idempotency_Key="once")
            if response.status_code != 409:
                return bytes(response.content)
            connection.close()
        return b"never"

    answers = run_together(make, times=50)

    assert len(set(answers)) == 1
    assert b'"slug":"sale"' in answers[0]
    assert Offer.objects.count() == 1
