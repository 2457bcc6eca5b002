"""Pages that may be cached, and the offers that are fetched for them afterwards."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.urls import path
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.core.order_tokens import make_order_token, make_page_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import DiscountCode
from django_ppx.shop.types import Customer
from django_ppx.testing import make_benefit, make_offer
from tests import hosts
from tests.hosts import PlainShop, host_order

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class SessionShop(PlainShop):
    """An order belongs to the session that placed it."""

    def can_view(self, request, order):
        return order.number in request.session.get("orders", ()) or super().can_view(request, order)

    def current_order(self, request):
        numbers = request.session.get("orders", ())
        return self.find_order(numbers[-1]) if numbers else None


class BrokenShop(SessionShop):
    def can_view(self, request, order):
        raise RuntimeError("the shop is down")


def deferred(request, number=""):
    order = host_order(number) if number else None
    page = render_to_string("host/deferred.html", {"order": order}, request)
    return HttpResponse(page, headers={"Cache-Control": "public, max-age=60"})


urlpatterns = [
    *hosts.urlpatterns,
    path("deferred/", deferred),
    path("deferred/<str:number>/", deferred),
]


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = f"{__name__}.SessionShop"
    PlainShop.known.clear()
    for number in ("1001", "1002"):
        PlainShop.known[number] = host_order(number)


@pytest.fixture
def buyer(client):
    place(client, "1001")
    return client


def place(client, number):
    session = client.session
    session["orders"] = [*session.get("orders", ()), number]
    session.save()


def make_discount():
    return make_offer("next_purchase_discount", benefit=make_benefit())


def fragment_of(page):
    found = re.search(r'data-ppx-url="([^"]+)"', page.content.decode())
    assert found is not None
    return unescape(found.group(1))


def link_of(page):
    found = re.search(r'<a class="ppx-button" href="([^"]+)"', page.content.decode())
    assert found is not None
    return unescape(found.group(1))


def token(number, *, days_ago=0):
    return make_page_token(number, now=timezone.now() - timedelta(days=days_ago))


def codes_in(response):
    return re.findall(r"data-ppx-code>([^<]+)<", response.content.decode())


# The page


def test_the_page_with_a_place_for_offers_stays_as_cacheable_as_it_was(buyer):
    make_discount()

    page = buyer.get("/deferred/1001/")

    assert page["Cache-Control"] == "public, max-age=60"
    assert "X-Robots-Tag" not in page
    assert "Cookie" not in page.get("Vary", "")
    assert "Set-Cookie" not in page
    assert codes_in(page) == []
    assert (Purchase.objects.count(), DiscountCode.objects.count()) == (0, 0)


@pytest.mark.parametrize("number", ["1001", ""])
@pytest.mark.django_db(transaction=True)
def test_the_place_costs_no_query_and_touches_no_session(rf, django_assert_num_queries, number):
    request = rf.get("/")  # has no session at all
    order = host_order(number) if number else None
    template = engines["django"].from_string("{% load ppx %}{% ppx_thank_you order defer=True %}")

    with django_assert_num_queries(0):
        html = template.render({"order": order}, request)

    assert "data-ppx-defer" in html


def test_the_place_names_the_order_and_gives_no_right_to_it(client):
    page = client.get("/deferred/1001/")

    url = urlsplit(fragment_of(page))
    assert client.get(fragment_of(page)).status_code == 204
    assert url.path.startswith("/ppx/fragment/MTAwMQ.")
    assert parse_qs(url.query) == {
        "placement": ["thank_you"],
        "language": ["en"],
        "heading": ["Your extras"],
    }
    refused = client.post(
        "/ppx/api/v1/fragments/", headers={"PPX-Order-Token": url.path.split("/")[3]}
    )
    assert refused.status_code in (401, 404)


def test_the_page_of_no_order_is_the_same_for_everybody(buyer, client):
    assert buyer.get("/deferred/").content == client.get("/deferred/").content


def test_a_fault_in_the_tag_leaves_the_page_whole(client, settings, caplog):
    settings.PPX_SHOP = "nowhere.Shop"

    page = client.get("/deferred/1001/").content.decode()

    assert "<!--slot--><!--/slot-->" in page
    assert len(caplog.records) == 1


# The fragment


def test_the_buyer_gets_the_offers_and_keeps_the_code(buyer):
    make_discount()
    page = buyer.get("/deferred/1001/")

    first, again = buyer.get(fragment_of(page)), buyer.get(fragment_of(page))

    assert first.status_code == 200
    assert "Your extras</h2>" in first.content.decode()
    assert codes_in(first) == codes_in(again)
    assert codes_in(first)[0].replace("-", "") == DiscountCode.objects.get().code


def test_what_is_fetched_is_kept_by_nobody(buyer):
    make_discount()
    page = buyer.get("/deferred/1001/")

    for response in (buyer.get(fragment_of(page)), buyer.get(link_of(page))):
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]
        assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert buyer.get(fragment_of(page))["Referrer-Policy"] == "no-referrer"


def test_a_page_without_an_order_gets_the_offers_of_the_newest(buyer):
    make_discount()
    place(buyer, "1002")

    response = buyer.get(fragment_of(buyer.get("/deferred/")))

    assert response.status_code == 200
    assert Purchase.objects.get().order_ref == "1002"


def strangers_tokens():
    now = timezone.now()
    return {
        "foreign": token("1002"),
        "unknown": token("4711"),
        "expired": token("1001", days_ago=1000),
        "changed": token("1001")[:-1] + "!",
        "of another purpose": make_order_token("1001", now=now),
        "not ASCII": "é",
    }


def test_what_is_not_the_visitors_is_one_answer(buyer):
    make_discount()

    answers = {
        (answer.status_code, answer.content, str(sorted(answer.headers.items())))
        for each in strangers_tokens().values()
        if (answer := buyer.get(f"/ppx/fragment/{each}/"))
    }

    assert {(status, body) for status, body, _headers in answers} == {(204, b"")}
    assert len(answers) == 1
    assert (Purchase.objects.count(), DiscountCode.objects.count()) == (0, 0)


def test_an_order_without_offers_is_nothing_to_show(buyer):
    assert buyer.get(f"/ppx/fragment/{token('1001')}/").status_code == 204


def test_without_a_session_there_is_no_newest_order(client):
    make_discount()

    assert client.get("/ppx/fragment/").status_code == 204
    assert client.get("/ppx/offers/").status_code == 404


def test_an_account_sees_its_own_orders_offers(client):
    make_discount()
    owner = User.objects.create_user("owner")
    other = User.objects.create_user("other")
    PlainShop.known["1003"] = host_order("1003", customer=Customer(account_id=str(owner.pk)))

    client.force_login(other)
    foreign = client.get(f"/ppx/fragment/{token('1003')}/")
    client.force_login(owner)
    own = client.get(f"/ppx/fragment/{token('1003')}/")

    assert (foreign.status_code, own.status_code) == (204, 200)


@pytest.mark.parametrize("address", ["fragment", "offers"])
def test_a_head_request_makes_nothing(buyer, address):
    make_discount()

    answer = buyer.head(f"/ppx/{address}/{token('1001')}/")

    assert answer.status_code == 200
    assert (Purchase.objects.count(), OfferPresentation.objects.count()) == (0, 0)


@pytest.mark.parametrize("address", ["fragment", "offers"])
def test_fetching_ahead_is_refused_and_makes_nothing(buyer, address):
    make_discount()

    answer = buyer.get(
        f"/ppx/{address}/{token('1001')}/", headers={"Sec-Purpose": "prefetch;prerender"}
    )

    assert answer.status_code == 503
    assert answer["Cache-Control"] == "private, no-store"
    assert (Purchase.objects.count(), OfferPresentation.objects.count()) == (0, 0)


@pytest.mark.parametrize(("address", "status"), [("fragment", 204), ("offers", 404)])
def test_an_adapter_that_raises_shows_nothing_and_is_logged(
    buyer, settings, caplog, address, status
):
    settings.PPX_SHOP = f"{__name__}.BrokenShop"

    with caplog.at_level(logging.ERROR, logger="django_ppx"):
        answer = buyer.get(f"/ppx/{address}/{token('1001')}/")

    assert answer.status_code == status
    assert [record.getMessage() for record in caplog.records] == [
        "Fetching offers failed; the page goes on without it."
    ]


def test_the_offers_speak_the_language_of_the_page(buyer):
    texts = {"en": {"headline": "See you"}, "de": {"headline": "Bis bald"}}
    make_offer("message", texts=texts)

    german = buyer.get(f"/ppx/fragment/{token('1001')}/?language=de")
    unknown = buyer.get(f"/ppx/fragment/{token('1001')}/?language=xx")

    assert "Bis bald" in german.content.decode()
    assert german["Content-Language"] == "de"
    assert unknown["Content-Language"] == "en"


def test_a_placement_that_does_not_exist_is_nothing_to_show(buyer):
    make_discount()

    assert buyer.get(f"/ppx/fragment/{token('1001')}/?placement=moon").status_code == 204


def test_a_heading_is_text_and_only_for_a_page_that_asks(buyer):
    make_discount()
    address = f"/ppx/fragment/{token('1001')}/?heading=<b>Call+0900</b>"

    asked = buyer.get(address, headers={"Sec-Fetch-Dest": "empty"}).content.decode()
    opened = buyer.get(address, headers={"Sec-Fetch-Dest": "document"}).content.decode()

    assert "&lt;b&gt;Call 0900&lt;/b&gt;" in asked
    assert "0900" not in opened


@pytest.mark.parametrize("address", ["fragment", "offers"])
def test_nothing_but_reading_is_answered(buyer, address):
    assert buyer.post(f"/ppx/{address}/{token('1001')}/").status_code == 405


# The page for whoever has no JavaScript


def test_the_link_leads_to_the_same_offers(buyer):
    make_discount()
    page = buyer.get("/deferred/1001/")

    fetched, opened = buyer.get(fragment_of(page)), buyer.get(link_of(page))

    assert opened.status_code == 200
    assert codes_in(opened) == codes_in(fetched) != []


def test_the_link_of_somebody_else_is_not_valid(buyer):
    make_discount()

    pages = {
        (page.status_code, page.content)
        for each in strangers_tokens().values()
        if (page := buyer.get(f"/ppx/offers/{each}/"))
    }

    assert [status for status, _body in pages] == [404]
    assert "This link is no longer valid" in pages.pop()[1].decode()


def test_an_order_without_offers_has_a_page_that_says_so(buyer):
    page = buyer.get(f"/ppx/offers/{token('1001')}/")

    assert page.status_code == 200
    assert "There is nothing for this order right now." in page.content.decode()


# What pages of other origins may read


@pytest.mark.parametrize("name", ["icons.svg", "ppx.js", "ppx-offers.js"])
def test_named_origins_may_read_our_icons_and_scripts(client, settings, name):
    settings.PPX_API_CORS_ORIGINS = ["https://www.example.com"]

    named = client.get(f"/ppx/{name}", headers={"Origin": "https://www.example.com"})
    other = client.get(f"/ppx/{name}", headers={"Origin": "https://evil.example.com"})

    assert named["Access-Control-Allow-Origin"] == "https://www.example.com"
    assert "Access-Control-Allow-Origin" not in other
    assert "Origin" in named["Vary"]
    assert "Origin" in other["Vary"]
    assert "public" in named["Cache-Control"]


def test_no_other_origin_may_read_what_is_personal(buyer, settings):
    settings.PPX_API_CORS_ORIGINS = ["https://www.example.com"]
    make_discount()

    answer = buyer.get(
        f"/ppx/fragment/{token('1001')}/", headers={"Origin": "https://www.example.com"}
    )

    assert "Access-Control-Allow-Origin" not in answer
