"""One card: taking its code, hiding it, its links. Another order's card is as unknown as none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ppx.events.models import OfferEvent
from django_ppx.offers import responding
from django_ppx.offers.links import card_token
from django_ppx.offers.models import Offer, OfferPresentation
from django_ppx.rewards.models import DiscountCode
from django_ppx.social.models import SharePromptText
from django_ppx.testing import FakeShop, make_benefit, make_offer, make_order, order_token
from tests.api.shopping import ask, look, shown, statements
from tests.racing import run_together

pytestmark = pytest.mark.django_db

WRITES = ["claim/", "dismiss/", "follow/"]


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    FakeShop.place(make_order(number="1001"))
    FakeShop.place(make_order(number="1002"))


@pytest.fixture
def discount():
    return make_offer(
        "next_purchase_discount",
        benefit=make_benefit(),
        texts={"en": {"headline": "Thank you"}, "de": {"headline": "Danke"}},
    )


@pytest.fixture
def message():
    return make_offer("message", url="https://shop.example.com/care/")


def body_of(action, key="link"):
    return {"key": key} if action == "follow/" else {}


def events():
    return list(OfferEvent.objects.order_by("pk").values_list("name", "channel", "source"))


def test_claiming_returns_the_card_with_its_code_and_counts_it_as_copied(discount):
    [card] = shown()

    answer = ask(f"cards/{card['card']}/claim/")

    claimed = answer.json()
    assert answer.status_code == 200
    assert claimed["code"] == card["code"]
    assert {**claimed, "card": "", "links": []} == {**card, "card": "", "links": []}
    assert events() == [("copy", "", "beacon")]


def test_claiming_twice_gives_the_same_and_counts_once(discount):
    [card] = shown()

    first, again = (ask(f"cards/{card['card']}/claim/").json() for _ in range(2))

    assert first["code"] == again["code"]
    assert len(events()) == 1
    assert DiscountCode.objects.count() == 1


def test_a_claimed_card_is_in_the_callers_language(discount):
    [card] = shown()

    answer = ask(f"cards/{card['card']}/claim/", **{"accept-language": "de"})

    assert answer.json()["headline"] == "Danke"
    assert answer.json()["code"]["summary"] == "10\xa0% Rabatt"


def test_a_card_without_a_code_has_nothing_to_claim(message):
    [card] = shown()

    answer = ask(f"cards/{card['card']}/claim/")

    assert answer.status_code == 409
    assert answer.json()["reason"] == "nothing_to_claim"
    assert answer.json()["detail"] == "There is no code to take here."
    assert events() == []


@pytest.mark.parametrize(
    "change",
    [
        {"status": "revoked", "revoked_at": timezone.now()},
        {"status": "expired"},
        {"times_used": 1},
        {"expires_at": timezone.now() - timedelta(minutes=1)},
    ],
)
def test_a_code_that_can_not_be_used_any_more_is_not_to_be_claimed(discount, change):
    [card] = shown()
    DiscountCode.objects.update(**change)

    answer = ask(f"cards/{card['card']}/claim/")

    assert answer.status_code == 409
    assert DiscountCode.objects.get().code not in answer.content.decode()
    assert events() == []


def test_a_code_that_was_given_can_be_claimed_after_the_offer_ended(discount):
    """As on a page that is still open: the code is valid, and the customer has it."""
    [card] = shown()
    discount.ends_at = timezone.now() - timedelta(seconds=1)
    discount.save()

    assert ask(f"cards/{card['card']}/claim/").json()["code"] == card["code"]


def test_a_card_of_an_offer_that_is_gone_is_not_found(discount):
    [card] = shown()
    discount.status = Offer.Status.ARCHIVED
    discount.save()

    assert ask(f"cards/{card['card']}/claim/").status_code == 404
    assert look(f"cards/{card['card']}/links/").status_code == 404


def test_dismissing_hides_the_offer_for_good(message):
    [card] = shown()

    answer = ask(f"cards/{card['card']}/dismiss/")

    assert answer.status_code == 204
    assert answer.content == b""
    assert shown() == []
    assert events() == [("dismiss", "", "beacon")]


def test_dismissing_twice_is_the_same(message):
    [card] = shown()
    ask(f"cards/{card['card']}/dismiss/")
    first = OfferPresentation.objects.get().dismissed_at

    answer = ask(f"cards/{card['card']}/dismiss/")

    assert answer.status_code == 204
    assert OfferPresentation.objects.get().dismissed_at == first
    assert len(events()) == 1


def test_the_answer_to_a_dismissal_is_kept_by_its_key(message):
    [card] = shown()

    answers = [ask(f"cards/{card['card']}/dismiss/", **{"Idempotency-Key": "a"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[1]["Idempotent-Replayed"] == "true"


def test_the_links_of_a_card_are_its_destinations_through_our_redirect(message):
    offer = make_offer("share_prompt", networks=["whatsapp", "email"])
    SharePromptText.objects.create(prompt_id=offer.pk, language="en", text="Look!")
    [card] = [card for card in shown() if card["kind"] == "share_prompt"]

    answer = look(f"cards/{card['card']}/links/")

    links = answer.json()["links"]
    assert answer.status_code == 200
    assert [(link["key"], link["event"], link["channel"]) for link in links] == [
        ("share-whatsapp", "share", "whatsapp"),
        ("share-email", "share", "email"),
    ]
    assert all(link["url"].startswith("http://testserver/ppx/go/") for link in links)
    assert events() == []


def test_looking_at_links_changes_nothing(message):
    [card] = shown()

    with CaptureQueriesContext(connection) as captured:
        look(f"cards/{card['card']}/links/")

    asked = statements(captured)
    assert len(asked) == 4  # revision, card, purchase, code
    assert all(sql.startswith("SELECT") for sql in asked)


def test_following_tells_where_a_link_leads_and_counts_the_click_once(message):
    [card] = shown()

    first = ask(f"cards/{card['card']}/follow/", {"key": "link"})
    ask(f"cards/{card['card']}/follow/", {"key": "link"})

    assert first.status_code == 200
    assert first.json() == {"url": "https://shop.example.com/care/"}
    assert events() == [("click", "link", "link")]
    assert OfferEvent.objects.get().bot_score == 0
    assert OfferPresentation.objects.get().done_at is not None


def test_a_click_by_script_and_one_by_redirect_are_one_fact(message):
    [card] = shown()

    ask(f"cards/{card['card']}/follow/", {"key": "link"})
    Client().get(card["links"][0]["url"])

    assert len(events()) == 1


def test_a_destination_in_the_shop_becomes_absolute():
    make_offer("message", url="/care/")
    [card] = shown()

    answer = ask(f"cards/{card['card']}/follow/", {"key": "link"})

    assert answer.json() == {"url": "http://testserver/care/"}


def test_a_mail_address_to_share_with_stays_one():
    offer = make_offer("share_prompt", networks=["email"])
    SharePromptText.objects.create(prompt_id=offer.pk, language="en", text="Look!")
    [card] = shown()

    answer = ask(f"cards/{card['card']}/follow/", {"key": "share-email"})

    assert answer.json()["url"].startswith("mailto:?subject=")
    assert events() == [("share", "email", "link")]


def test_a_link_that_the_card_does_not_have_is_not_found(message):
    [card] = shown()

    answer = ask(f"cards/{card['card']}/follow/", {"key": "other"})

    assert answer.status_code == 404
    assert events() == []


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": 1}, {"key": "x" * 101}, {"url": "x"}])
def test_a_link_is_named_by_its_key(message, body):
    [card] = shown()

    assert ask(f"cards/{card['card']}/follow/", body).status_code == 400


def test_a_click_that_can_not_be_recorded_leads_on(message, monkeypatch, caplog):
    def fail(records):
        raise OperationalError("disk full")

    [card] = shown()
    monkeypatch.setattr(responding, "_store", fail)

    answer = ask(f"cards/{card['card']}/follow/", {"key": "link"})

    assert answer.status_code == 200
    assert "Recording a click failed" in caplog.text


def test_another_orders_card_is_not_found_and_nothing_happens_to_it(discount, message):
    [_code, other] = shown(order="1002")

    answers = {
        action: ask(f"cards/{other['card']}/{action}", body_of(action), order="1001")
        for action in WRITES
    }
    unknown = {action: ask(f"cards/junk/{action}", body_of(action)) for action in WRITES}

    assert {answer.status_code for answer in answers.values()} == {404}
    for action in WRITES:
        assert answers[action].json() == unknown[action].json()
    assert look(f"cards/{other['card']}/links/").json() == look("cards/junk/links/").json()
    assert look(f"cards/{other['card']}/links/").status_code == 404
    assert events() == []
    assert not OfferPresentation.objects.filter(dismissed_at__isnull=False).exists()


@pytest.mark.parametrize("token", ["junk", "%C3%BC", "a%00b", "~~", "x" * 2000])
@pytest.mark.parametrize("action", [*WRITES, "links/"])
def test_a_token_that_is_none_is_not_found(token, action):
    path = f"cards/{token}/{action}"

    answer = look(path) if action == "links/" else ask(path, body_of(action))

    assert answer.status_code == 404
    assert answer.json()["reason"] == "not_found"


@pytest.mark.parametrize("action", WRITES)
def test_a_card_whose_presentation_is_gone_is_not_found(message, action):
    [card] = shown()
    OfferPresentation.objects.all().delete()

    assert ask(f"cards/{card['card']}/{action}", body_of(action)).status_code == 404


def test_a_card_that_is_too_old_is_not_found(discount, settings):
    settings.PPX_LINK_MAX_AGE_DAYS = 90
    shown()
    old = card_token(
        str(OfferPresentation.objects.get().pk), now=timezone.now() - timedelta(days=90)
    )

    assert ask(f"cards/{old}/claim/").status_code == 404


@pytest.mark.parametrize("action", WRITES)
def test_reading_does_none_of_it(discount, action):
    [card] = shown()

    assert look(f"cards/{card['card']}/{action}").status_code == 405
    assert events() == []


@pytest.mark.parametrize("action", ["claim/", "dismiss/"])
def test_a_body_is_not_needed_and_a_wrong_one_is_refused(discount, action):
    [card] = shown()
    path = f"/ppx/api/v1/cards/{card['card']}/{action}"

    wrong = ask(f"cards/{card['card']}/{action}", {"code": "X"})
    bare = Client().generic("POST", path, headers={"PPX-Order-Token": order_token("1001")})

    assert wrong.status_code == 400
    assert bare.status_code in (200, 204)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_claims_at_the_same_moment_count_once(discount):
    [card] = shown()

    answers = run_together(lambda _number: ask(f"cards/{card['card']}/claim/"), times=8)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["code"]["value"] for answer in answers}) == 1
    assert len(events()) == 1
