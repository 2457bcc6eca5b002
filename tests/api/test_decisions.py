"""Which offers a front end is told to show, and that it is the same page that the shop itself would show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext_lazy

from django_ppx.api.shopper.cards import details_json
from django_ppx.core.models import Purchase
from django_ppx.experiments.models import ExperimentExposure
from django_ppx.offers.models import OfferPresentation, OfferVariantText
from django_ppx.rewards.models import DiscountCode
from django_ppx.shop.types import Customer
from django_ppx.social.models import SharePromptText
from django_ppx.testing import (
    FakeShop,
    make_audience,
    make_benefit,
    make_offer,
    make_order,
    make_purchase,
    order_token,
)
from tests.api.shopping import BROWSER, ask, shown, statements
from tests.racing import run_together

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    FakeShop.place(make_order(number="1001"))
    FakeShop.place(make_order(number="1002"))


def make_discount(**overrides):
    return make_offer(
        "next_purchase_discount", benefit=overrides.pop("benefit", make_benefit()), **overrides
    )


def test_a_card_says_all_that_a_page_shows():
    make_offer(
        "message",
        slug="care",
        url="https://shop.example.com/care/",
        texts={"en": {"headline": "Care for it", "text": "One\nTwo", "button": "Read how"}},
    )

    answer = ask("decisions/")

    [card] = answer.json()["offers"]
    token = card["card"]
    assert answer.status_code == 200
    assert answer.json() == {
        "placement": "thank_you",
        "language": "en",
        "offers": [
            {
                "card": token,
                "offer": "care",
                "kind": "message",
                "design": "card",
                "icon": "message",
                "headline": "Care for it",
                "text": "One\nTwo",
                "button": "Read how",
                "language": "en",
                "direction": "ltr",
                "is_dismissible": True,
                "image": None,
                "code": None,
                "links": [
                    {
                        "key": "link",
                        "label": "Read how",
                        "url": f"http://testserver/ppx/go/{token}/link/",
                        "event": "click",
                        "channel": "",
                        "icon": "",
                        "is_external": True,
                    }
                ],
                "details": {},
            }
        ],
    }


def test_the_link_of_a_card_leads_on_and_counts():
    make_offer("message", url="https://shop.example.com/care/")
    [card] = shown()

    answer = Client().get(card["links"][0]["url"], headers=BROWSER)

    assert answer.status_code == 302
    assert answer["Location"] == "https://shop.example.com/care/"


def test_a_code_comes_with_its_stored_end_and_its_terms_in_words():
    make_discount(benefit=make_benefit(percent=Decimal(15), valid_days=30))

    [card] = shown()

    stored = DiscountCode.objects.get()
    code = card["code"]
    assert code["value"] == stored.code
    assert code["text"].replace("-", "") == stored.code
    assert code["summary"] == "15% off"
    assert datetime.fromisoformat(code["expires_at"]) == stored.expires_at
    assert code["expires_at"].endswith("+00:00")
    assert str(stored.expires_at.year) in code["last_day"]
    assert code["first_day"] == ""
    assert isinstance(code["conditions"], list)


def test_a_code_without_end_has_no_instant_to_count_down_to():
    make_discount(benefit=make_benefit(valid_days=None))

    [card] = shown()

    assert card["code"]["expires_at"] is None
    assert card["code"]["last_day"] == ""


def test_asking_again_gives_the_same_code_and_writes_nothing():
    make_discount()

    first, again = shown(), shown()

    assert first[0]["code"] == again[0]["code"]
    assert first[0]["headline"] == again[0]["headline"]
    assert DiscountCode.objects.count() == 1
    assert OfferPresentation.objects.count() == 1


def test_the_shops_own_page_shows_the_same_code():
    make_discount()
    [card] = shown()

    page = Template("{% load ppx %}{% ppx_thank_you order %}").render(
        Context({"order": FakeShop.placed["1001"]})
    )

    assert f">{card['code']['text']}<" in page
    assert OfferPresentation.objects.count() == 1
    assert DiscountCode.objects.count() == 1


@pytest.mark.parametrize("offers", [1, 30])
def test_the_number_of_statements_does_not_depend_on_the_number_of_offers(offers):
    for _ in range(offers):
        make_discount(
            audience=make_audience([("order_total", "gte", {"amount": "50", "currency": "EUR"})])
        )
    shown(order="1002")  # compiles the snapshot

    with CaptureQueriesContext(connection) as first:
        shown(limit=50)
    with CaptureQueriesContext(connection) as again:
        shown(limit=50)

    assert len(statements(first)) <= 11
    assert len(statements(again)) == 3
    assert DiscountCode.objects.filter(presentations__purchase__order_ref="1001").count() == offers


def test_an_order_that_we_have_not_seen_is_asked_of_the_shop_and_recorded():
    assert ask("decisions/").status_code == 200
    assert Purchase.objects.get().order_ref == "1001"


def test_an_order_that_nobody_knows_is_not_found():
    answer = ask("decisions/", order="9999")

    assert answer.status_code == 404
    assert answer.json()["reason"] == "not_found"
    assert not Purchase.objects.exists()


def test_a_lenient_shop_does_not_lead_to_another_order(monkeypatch):
    monkeypatch.setattr(FakeShop, "find_order", lambda self, ref: FakeShop.placed["1002"])

    assert ask("decisions/").status_code == 404
    assert not Purchase.objects.exists()


def test_an_order_that_the_shop_has_forgotten_is_answered_from_our_record():
    make_purchase(make_order(number="2001"))
    make_offer("message")

    assert len(shown(order="2001")) == 1


def test_an_order_that_can_not_be_recorded_is_said_to_be_so():
    FakeShop.place(make_order(number="1001", currency="XXX1"))

    answer = ask("decisions/")

    assert answer.status_code == 422
    assert answer.json()["reason"] == "invalid_order"


def test_only_offers_of_the_asked_placement_are_shown():
    make_offer("message", slug="thanks")
    make_offer("message", slug="status", placements=["order_status"])

    assert [card["offer"] for card in shown()] == ["thanks"]
    assert [card["offer"] for card in shown(placement="order_status")] == ["status"]


def test_the_limit_is_the_settings_unless_one_is_asked_for(settings):
    settings.PPX_PAGE_LIMIT = 2
    for _ in range(4):
        make_offer("message")

    assert len(shown()) == 2
    assert len(shown(limit=3)) == 3


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"placement": "moon"}, "/placement"),
        ({"placement": None}, "/placement"),
        ({"placement": 1}, "/placement"),
        ({"limit": 0}, "/limit"),
        ({"limit": 51}, "/limit"),
        ({"limit": "3"}, "/limit"),
        ({"limit": True}, "/limit"),
        ({"language": ""}, "/language"),
        ({"language": "x" * 36}, "/language"),
        ({"language": None}, "/language"),
        ({"order": "1002"}, "/order"),
        ([], ""),
    ],
)
def test_what_is_not_as_it_must_be_is_refused_with_its_place(body, pointer):
    answer = ask("decisions/", body)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Purchase.objects.exists()


def test_texts_labels_and_dates_are_in_the_asked_language():
    make_offer(
        "message",
        url="https://shop.example.com/",
        texts={"en": {"headline": "Hello"}, "de": {"headline": "Hallo"}},
    )
    make_discount(benefit=make_benefit(percent=Decimal(10)), texts={"de": {"headline": "Danke"}})

    answer = ask("decisions/", {"language": "de-AT"})

    message, discount = answer.json()["offers"]
    assert answer.json()["language"] == "de"
    assert message["headline"] == "Hallo"
    assert message["links"][0]["label"] == "Mehr erfahren"
    assert discount["code"]["summary"] == "10\xa0% Rabatt"


def test_without_a_language_the_callers_is_taken():
    make_offer("message", texts={"en": {"headline": "Hello"}, "de": {"headline": "Hallo"}})

    answer = ask("decisions/", **{"accept-language": "de-DE,de;q=0.9"})

    assert answer.json()["language"] == "de"
    assert answer.json()["offers"][0]["headline"] == "Hallo"


@pytest.mark.parametrize(
    "language", ["xx", "tlh-Latn-x-unknown", "de_DE", "ünknown", "../../etc", "-", "en-"]
)
def test_a_language_that_the_shop_does_not_have_falls_back(language):
    make_offer("message", texts={"en": {"headline": "Hello"}})

    answer = ask("decisions/", {"language": language})

    assert answer.status_code == 200
    assert answer.json()["language"] in ("en", "de")
    assert answer.json()["offers"][0]["headline"] == "Hello"


def test_a_language_written_from_right_to_left_says_so():
    make_offer("message", texts={"ar": {"headline": "شكرا"}})

    [card] = shown(language="ar")

    assert (card["language"], card["direction"]) == ("ar", "rtl")


def test_a_picture_has_an_absolute_address():
    offer = make_offer("message")
    name = default_storage.save("cards/bowl.jpg", ContentFile(b"x"))
    OfferVariantText.objects.filter(variant__offer=offer).update(
        image=name, image_width=10, image_height=20, image_alt="A bowl"
    )

    [card] = shown()

    assert card["image"] == {
        "url": f"http://testserver/media/{name}",
        "width": 10,
        "height": 20,
        "alt": "A bowl",
    }


def test_a_share_prompt_brings_its_prepared_text():
    offer = make_offer(
        "share_prompt", share_url="https://shop.example.com/bowl/", networks=["whatsapp"]
    )
    SharePromptText.objects.create(prompt_id=offer.pk, language="en", text="Look at my {product}!")

    [card] = shown()

    assert card["details"] == {
        "share_text": "Look at my Bowl!",
        "share_url": "https://shop.example.com/bowl/",
        "share_title": "Bowl",
        "copy_text": "Look at my Bowl!\nhttps://shop.example.com/bowl/",
    }
    assert [(link["event"], link["channel"]) for link in card["links"]] == [("share", "whatsapp")]


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"status": "revoked", "revoked_at": datetime(2026, 3, 10, tzinfo=UTC)}, "revoked"),
        ({"times_used": 1}, "used_up"),
        ({"status": "expired"}, "expired"),
    ],
)
def test_a_code_that_can_not_be_used_any_more_is_not_shown(change, state):
    make_discount(hide_when_done=False)
    shown()
    DiscountCode.objects.update(**change)

    [card] = shown()

    assert card["code"] is None
    assert card["details"] == {"code_state": state}


def test_an_offer_that_ended_is_shown_no_more():
    offer = make_discount()
    shown()
    offer.ends_at = timezone.now() - timedelta(seconds=1)
    offer.save()

    assert shown() == []


def test_an_order_that_was_cancelled_before_gets_no_code():
    make_discount()
    make_purchase(FakeShop.placed["1001"])
    Purchase.objects.update(status="cancelled")

    assert shown() == []
    assert not DiscountCode.objects.exists()


def test_the_token_of_one_order_shows_nothing_of_another():
    make_discount()

    [mine], [other] = shown(order="1001"), shown(order="1002")

    assert mine["code"]["value"] != other["code"]["value"]
    assert OfferPresentation.objects.filter(purchase__order_ref="1001").count() == 1


@pytest.mark.parametrize("token", ["", "junk", "a~b", "ü"])
def test_without_a_valid_token_nothing_is_told(token):
    answer = ask("decisions/", **{"PPX-Order-Token": token.encode().decode("latin-1")})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "PPX-Order-Token"


def test_reading_decides_nothing():
    for method in ("get", "head"):
        answer = getattr(Client(), method)(
            "/ppx/api/v1/decisions/", headers={"PPX-Order-Token": order_token("1001")}
        )

        assert answer.status_code == 405
    assert not Purchase.objects.exists()


def test_the_answer_is_private():
    answer = ask("decisions/")

    assert answer["Cache-Control"] == "private, no-store"


def test_the_same_idempotency_key_gets_the_stored_answer():
    make_discount()

    first = ask("decisions/", **{"Idempotency-Key": "a"})
    again = ask("decisions/", **{"Idempotency-Key": "a"})

    assert again["Idempotent-Replayed"] == "true"
    assert again.content == first.content


class TestExperiments:
    """Who takes part is judged as on the shop's own page."""

    @pytest.fixture(autouse=True)
    def _experiment(self, settings):
        settings.PPX_HOLDOUT_PERCENT = 10
        make_offer("message")

    def test_a_customer_takes_part_once(self):
        shown()
        shown()

        assert ExperimentExposure.objects.count() == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {"user-agent": "python-requests/2.32"},
            {"user-agent": ""},
            {"sec-purpose": "prefetch"},
        ],
    )
    def test_a_machine_takes_no_part(self, headers):
        ask("decisions/", **headers)

        assert not ExperimentExposure.objects.exists()

    def test_staff_who_are_logged_in_take_no_part_with_a_token_either(self, admin_client):
        ask("decisions/", client=admin_client)

        assert not ExperimentExposure.objects.exists()

    def test_an_order_that_is_a_test_takes_no_part(self):
        FakeShop.place(make_order(number="1001", is_test=True))

        shown()

        assert not ExperimentExposure.objects.exists()


class TestSessions:
    """The customer's own session instead of a token."""

    @pytest.fixture
    def customer(self):
        user = get_user_model().objects.create_user("ada")
        FakeShop.place(
            make_order(
                number="1001",
                customer=Customer(account_id=str(user.pk), email="ada@example.com", language="en"),
            )
        )
        return user

    def post(self, client, order="1001", **headers):
        return client.post(
            "/ppx/api/v1/decisions/",
            "{}",
            content_type="application/json",
            headers={**BROWSER, "PPX-Order": order, **headers},
        )

    def test_the_customer_who_is_logged_in_sees_the_orders_offers(self, customer):
        make_discount()
        client = Client()
        client.force_login(customer)

        answer = self.post(client)

        assert answer.status_code == 200
        assert answer.json()["offers"][0]["code"]["value"] == DiscountCode.objects.get().code

    @pytest.mark.parametrize("order", ["1002", "9999"])
    def test_another_customers_order_is_as_unknown_as_none(self, customer, order):
        client = Client()
        client.force_login(customer)

        answer = self.post(client, order=order)

        assert answer.status_code == 404
        assert answer.json()["reason"] == "not_found"
        assert not Purchase.objects.exists()

    def test_a_session_needs_the_csrf_token(self, customer):
        client = Client(enforce_csrf_checks=True)
        client.force_login(customer)

        refused = self.post(client)
        client.cookies["csrftoken"] = "a" * 32
        taken = self.post(client, **{"X-CSRFToken": "a" * 32})

        assert refused.status_code == 403
        assert taken.status_code == 200

    def test_an_order_token_needs_none(self):
        assert ask("decisions/", client=Client(enforce_csrf_checks=True)).status_code == 200


def test_details_hold_only_what_json_can_say():
    found = details_json(
        {
            "text": gettext_lazy("Thank you"),
            "amount": Decimal("2.50"),
            "share": 0.5,
            "count": 3,
            "is_new": True,
            "nothing": None,
            "at": datetime(2026, 3, 10, 12, tzinfo=UTC),
            "list": ("a", object(), {"b": b"bytes"}),
            "object": object(),
            "nan": float("nan"),
        }
    )

    assert found == {
        "text": "Thank you",
        "amount": "2.50",
        "share": "0.5",
        "count": 3,
        "is_new": True,
        "nothing": None,
        "at": "2026-03-10T12:00:00+00:00",
        "list": ["a", {}],
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_key", [False, True])
def test_fifty_equal_questions_at_once_get_one_code_and_equal_answers(has_key):
    make_discount()

    def send(number):
        return ask("decisions/", **({"Idempotency-Key": str(number)} if has_key else {}))

    answers = run_together(send, times=50)

    seen = {
        (answer.status_code, card["headline"], str(card["code"]))
        for answer in answers
        for card in answer.json()["offers"]
    }
    assert {answer.status_code for answer in answers} == {200}
    assert len(seen) == 1
    assert DiscountCode.objects.count() == 1
    assert Purchase.objects.count() == 1
    assert OfferPresentation.objects.count() == 1
