"""What a front end reports of its cards, many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ppx.events.models import OfferEvent
from django_ppx.offers.links import card_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.social.models import SharePromptText
from django_ppx.testing import FakeShop, make_offer, make_order, order_token
from tests.api.shopping import ask, shown, statements
from tests.racing import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    FakeShop.place(make_order(number="1001"))
    FakeShop.place(make_order(number="1002"))


def make_share_prompt():
    offer = make_offer("share_prompt", networks=["whatsapp"])
    SharePromptText.objects.create(prompt_id=offer.pk, language="en", text="Look!")
    return offer


def event(card, name="impression", **fields):
    return {"id": "1", "card": card, "name": name, **fields}


def results(answer):
    assert answer.status_code == 200, answer.content
    return [(each["id"], each["result"]) for each in answer.json()["results"]]


def test_reports_are_recorded_in_order():
    make_offer("message")
    [card] = shown()

    answer = ask(
        "events/",
        {
            "events": [
                event(card["card"], id="b"),
                event(card["card"], "copy", id="a"),
                event(card["card"], "share", id="c", channel="device"),
            ]
        },
    )

    assert results(answer) == [("b", "recorded"), ("a", "recorded"), ("c", "recorded")]
    assert answer.json()["results"][0] == {"id": "b", "result": "recorded"}
    stored = OfferEvent.objects.order_by("name")
    assert list(stored.values_list("name", "channel", "source", "bot_score")) == [
        ("copy", "", "beacon", 0),
        ("impression", "", "beacon", 0),
        ("share", "device", "beacon", 0),
    ]
    [presentation] = OfferPresentation.objects.all()
    assert {row.presentation_id for row in stored} == {presentation.pk}
    assert {row.customer_id for row in stored} == {presentation.customer_id}


def test_the_same_report_again_is_known_and_counts_once():
    make_offer("message")
    [card] = shown()
    batch = {"events": [event(card["card"])]}

    first, again = ask("events/", batch), ask("events/", batch)

    assert results(first) == [("1", "recorded")]
    assert results(again) == [("1", "known")]
    assert OfferEvent.objects.count() == 1


def test_a_fact_reported_twice_in_one_batch_counts_once():
    make_offer("message")
    [card] = shown()

    answer = ask("events/", {"events": [event(card["card"], id=each) for each in "ab"]})

    assert results(answer) == [("a", "recorded"), ("b", "known")]
    assert OfferEvent.objects.count() == 1


def test_the_answer_names_an_id_as_it_was_sent():
    make_offer("message")
    [card] = shown()

    answer = ask(
        "events/",
        {"events": [event(card["card"], id=" a"), event(card["card"], "copy", id="a")]},
    )

    assert results(answer) == [(" a", "recorded"), ("a", "recorded")]


def test_a_new_token_of_the_same_card_is_the_same_fact():
    make_offer("message")
    [card] = shown()
    ask("events/", {"events": [event(card["card"])]})
    later = card_token(
        str(OfferPresentation.objects.get().pk), now=timezone.now() + timedelta(seconds=5)
    )

    assert results(ask("events/", {"events": [event(later)]})) == [("1", "known")]


def test_a_card_of_another_order_is_refused_like_one_that_does_not_exist():
    make_offer("message")
    [mine], [other] = shown(order="1001"), shown(order="1002")

    answer = ask(
        "events/",
        {
            "events": [
                event(mine["card"], id="mine"),
                event(other["card"], id="other"),
                event("junk", id="junk"),
                event(mine["card"] + "x", id="changed"),
            ]
        },
    )

    refused = [
        {"id": each, "result": "refused", "reason": "unknown_card"}
        for each in ("other", "junk", "changed")
    ]
    assert answer.json()["results"] == [{"id": "mine", "result": "recorded"}, *refused]
    assert OfferEvent.objects.get().presentation.purchase.order_ref == "1001"


def test_a_batch_of_nothing_but_refusals_writes_nothing():
    make_offer("message")
    [other] = shown(order="1002")

    answer = ask("events/", {"events": [event(other["card"])]})

    assert results(answer) == [("1", "refused")]
    assert not OfferEvent.objects.exists()


def test_a_card_that_is_too_old_is_refused(settings):
    settings.PPX_LINK_MAX_AGE_DAYS = 90
    make_offer("message")
    shown()
    old = card_token(
        str(OfferPresentation.objects.get().pk), now=timezone.now() - timedelta(days=90)
    )

    assert results(ask("events/", {"events": [event(old)]})) == [("1", "refused")]


def test_what_the_offer_asks_for_is_noted_as_done():
    make_share_prompt()
    make_offer("message")
    cards = {card["kind"]: card["card"] for card in shown()}

    ask("events/", {"events": [event(card, "share", id=kind) for kind, card in cards.items()]})

    done = OfferPresentation.objects.filter(done_at__isnull=False)
    assert [row.offer.kind for row in done] == ["share_prompt"]


def test_a_machine_is_recorded_and_fulfils_nothing():
    make_share_prompt()
    [card] = shown()

    answer = ask(
        "events/",
        {"events": [event(card["card"], "share")]},
        **{"user-agent": "python-requests/2.32"},
    )

    assert results(answer) == [("1", "recorded")]
    assert OfferEvent.objects.get().bot_score == 90
    assert OfferPresentation.objects.get().done_at is None


def test_the_first_time_it_was_done_stays():
    make_share_prompt()
    [card] = shown()
    ask("events/", {"events": [event(card["card"], "share")]})
    first = OfferPresentation.objects.get().done_at

    ask("events/", {"events": [event(card["card"], "share", channel="device")]})

    assert OfferPresentation.objects.get().done_at == first


@pytest.mark.parametrize("again", [False, True])
def test_a_hundred_events_cost_as_many_statements_as_one(again):
    for _ in range(33):
        make_share_prompt()
    cards = [card["card"] for card in shown(limit=50)]
    many = [
        event(card, name, id=f"{name}{number}")
        for number, card in enumerate(cards)
        for name in ("share", "impression", "copy")
    ]
    [one] = [card["card"] for card in shown(order="1002", limit=1)]
    few = [event(one, "share")]
    if again:
        ask("events/", {"events": many})
        ask("events/", {"events": few}, order="1002")

    with CaptureQueriesContext(connection) as for_many:
        ask("events/", {"events": many})
    with CaptureQueriesContext(connection) as for_one:
        ask("events/", {"events": few}, order="1002")

    assert len(many) == 99
    assert len(statements(for_many)) == len(statements(for_one))
    # cards, INSERT, and where that is refused what is known, else what is done (and keys on MySQL)
    assert len(statements(for_one)) <= 4


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/events"),
        ({"events": []}, "/events"),
        ({"events": None}, "/events"),
        ({"events": {}}, "/events"),
        ({"events": [1]}, "/events/0"),
        ({"events": [{}]}, "/events/0/id"),
        ({"events": [event("junk", id="")]}, "/events/0/id"),
        ({"events": [event("junk", id="x" * 65)]}, "/events/0/id"),
        ({"events": [event("junk", id=1)]}, "/events/0/id"),
        ({"events": [event("junk", name="click")]}, "/events/0/name"),
        ({"events": [event("junk", name="dismiss")]}, "/events/0/name"),
        ({"events": [event("")]}, "/events/0/card"),
        ({"events": [event("x" * 501)]}, "/events/0/card"),
        ({"events": [event("junk", channel="moon")]}, "/events/0/channel"),
        ({"events": [event("junk", extra=1)]}, "/events/0/extra"),
        ({"events": [event("a"), event("b")]}, "/events"),
        ({"events": [event("a", id=str(number)) for number in range(101)]}, "/events"),
    ],
)
def test_what_is_not_as_it_must_be_is_refused_as_a_whole(body, pointer):
    answer = ask("events/", body)

    assert answer.status_code == 400
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not OfferEvent.objects.exists()


def test_one_wrong_event_keeps_the_whole_batch_out():
    make_offer("message")
    [card] = shown()

    answer = ask(
        "events/",
        {"events": [event(card["card"], id="a"), event(card["card"], "redeem", id="b")]},
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/events/1/name"
    assert not OfferEvent.objects.exists()


def test_reports_are_posted_never_fetched():
    answer = Client().get("/ppx/api/v1/events/", headers={"PPX-Order-Token": order_token("1001")})

    assert answer.status_code == 405


def test_an_idempotency_key_gets_the_first_answer_again():
    make_offer("message")
    [card] = shown()
    batch = {"events": [event(card["card"])]}

    first = ask("events/", batch, **{"Idempotency-Key": "a"})
    again = ask("events/", batch, **{"Idempotency-Key": "a"})

    assert results(first) == results(again) == [("1", "recorded")]
    assert again["Idempotent-Replayed"] == "true"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_overlapping_batches_at_the_same_moment_count_each_fact_once():
    for _ in range(10):
        make_share_prompt()
    cards = [card["card"] for card in shown(limit=50)]

    def send(number):
        mine = cards[number:] + cards[:number]
        batch = [event(card, "share", id=str(at)) for at, card in enumerate(mine)]
        return [result for _id, result in results(ask("events/", {"events": batch}))]

    sent = run_together(send, times=8)

    assert sum(batch.count("recorded") for batch in sent) == 10
    assert sum(batch.count("known") for batch in sent) == 70
    assert OfferEvent.objects.count() == 10
    assert OfferPresentation.objects.filter(done_at__isnull=False).count() == 10
