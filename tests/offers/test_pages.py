"""The thank-you page as the host serves it."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_ppx.core.models import Purchase
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import make_audience, make_benefit, make_offer
from tests import hosts
from tests.hosts import PlainShop

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.hosts")]


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "tests.hosts.PlainShop"
    PlainShop.known.clear()


def make_discount(**overrides):
    return make_offer(
        "next_purchase_discount", benefit=overrides.pop("benefit", make_benefit()), **overrides
    )


def statements(captured):
    """Return our statements: all but savepoints and the host's own writes."""
    return [
        query["sql"]
        for query in captured.captured_queries
        if not re.match(r"(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)", query["sql"])
        and "auth_" not in query["sql"]
    ]


def reloaded(client):
    Group.objects.all().delete()  # the host's page writes a row of a fixed name
    return client.get("/thanks/1001/")


def test_the_card_shows_the_variants_words(client):
    make_offer("message", texts={"en": {"headline": "See you soon", "text": "Line one\nLine two"}})

    page = client.get("/thanks/1001/").content.decode()

    assert "See you soon" in page
    assert "Line one\nLine two" in page


def test_what_staff_write_is_text_never_markup(client):
    make_offer(
        "message", texts={"en": {"headline": "<script>alert(1)</script>", "text": "<b>x</b>"}}
    )

    page = client.get("/thanks/1001/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_without_offers_the_slot_is_empty(client):
    page = client.get("/thanks/1001/").content.decode()

    assert "<!--slot--><!--/slot-->" in page


def test_a_reload_keeps_code_and_variant_and_writes_nothing(client):
    make_discount()

    first = client.get("/thanks/1001/").content.decode()
    again = reloaded(client).content.decode()

    code = DiscountCode.objects.get()
    assert OfferPresentation.objects.get().code == code
    shown = re.findall(r"data-ppx-code>([^<]+)<", first)
    assert shown == re.findall(r"data-ppx-code>([^<]+)<", again)
    assert shown[0].replace("-", "") == code.code


@pytest.mark.parametrize("offers", [1, 30])
def test_the_number_of_statements_does_not_depend_on_the_number_of_offers(client, offers):
    for _ in range(offers):
        make_discount(
            audience=make_audience([("order_total", "gte", {"amount": "50", "currency": "EUR"})])
        )
    client.get("/thanks/999/")  # compiles the snapshot

    with CaptureQueriesContext(connection) as first:
        client.get("/thanks/1001/")
    with CaptureQueriesContext(connection) as reload:
        reloaded(client)

    assert len(statements(first)) <= 11
    assert len(statements(reload)) == 3


def test_the_purchase_is_recorded_by_the_page_when_the_host_has_not(client):
    client.get("/thanks/1001/")

    assert Purchase.objects.get().order_ref == "1001"


def test_an_audience_that_does_not_match_sees_nothing(client):
    make_offer(
        "message",
        audience=make_audience([("order_total", "gte", {"amount": "55", "currency": "EUR"})]),
    )

    assert "<!--slot--><!--/slot-->" in client.get("/thanks/1001/").content.decode()


def test_a_change_in_admin_reaches_the_next_page(client):
    offer = make_offer("message", texts={"en": {"headline": "Before"}})
    assert "Before" in client.get("/thanks/1001/").content.decode()

    text = offer.variants.get().texts.get()
    text.headline = "After"
    text.save()

    assert "After" in client.get("/thanks/1002/").content.decode()


def test_a_personal_page_is_private_and_not_stored(client):
    make_offer("message")

    response = client.get("/thanks/1001/")

    assert response["Cache-Control"] == "private, no-store"
    assert "Cookie" in response["Vary"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"


def test_other_pages_keep_their_headers(client):
    response = client.get("/plain/")

    assert response["Cache-Control"] == "public, max-age=60"
    assert "X-Robots-Tag" not in response


def test_the_language_of_the_page_chooses_the_text(client):
    make_offer("message", texts={"en": {"headline": "Hello"}, "de": {"headline": "Hallo"}})

    page = client.get(
        "/thanks/1001/", headers={"accept-language": "de-AT,de;q=0.9"}
    ).content.decode()

    assert "Hallo" in page
    assert 'lang="de"' in page


def test_the_status_page_takes_its_own_offers_up_to_its_limit(client):
    for headline in ("First", "Second"):
        make_offer("message", placements=["order_status"], texts={"en": {"headline": headline}})

    page = client.get("/status/1001/").content.decode()

    assert "First" in page
    assert "Second" not in page


def test_a_cache_in_front_keeps_plain_pages_and_never_a_personal_one(client, settings, monkeypatch):
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    make_discount(placements=["order_status"])
    made = Counter()

    def counting(template, context=None, request=None):
        made[template] += 1
        return render_to_string(template, context, request)

    monkeypatch.setattr(hosts, "render_to_string", counting)
    monkeypatch.setattr(hosts, "plain_text", lambda: counting("host/plain.html"))

    for visitor in (Client(), Client()):
        visitor.get("/plain/")
        assert "data-ppx-code" in visitor.get("/status/1001/").content.decode()

    assert made == {"host/plain.html": 1, "host/order_status.html": 2}
