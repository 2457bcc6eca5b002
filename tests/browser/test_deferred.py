"""Offers that a cached page fetches afterwards, in Chromium."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from django_ppx.events.models import OfferEvent
from django_ppx.offers.rendering import render_offers
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import make_benefit, make_offer
from tests.browser.conftest import CheckAccessibility, OpenPage
from tests.browser.test_ppx_js import Shop
from tests.cache.shop import ORDER
from tests.hosts import PlainShop, host_order
from tests.look.cards import make_card

PLACE = {
    "fragment_url": "/ppx/fragment/?placement=thank_you",
    "page_url": "/ppx/offers/",
    "heading": "Your extras",
}


# The script, without a server


class CachedPage(Shop):
    """A page with a place for offers, and what the shop answers when they are fetched."""

    status, fetched = 200, ""

    def _answer(self, route: Route) -> None:
        if urlsplit(route.request.url).path == "/ppx/fragment/":
            route.fulfill(status=self.status, body=self.fetched, content_type="text/html")
        else:
            super()._answer(route)

    def show_place(self) -> None:
        self.show(render_to_string("django_ppx/deferred.html", PLACE))


@pytest.fixture
def cached(page: Page) -> CachedPage:
    return CachedPage(page)


def test_the_offers_take_the_place_of_the_link_and_come_to_life(cached: CachedPage) -> None:
    cached.fetched = render_offers([make_card("next_purchase_discount", token="tok-1")])
    cached.show_place()

    expect(cached.page.get_by_role("button", name="Copy code")).to_be_visible()
    cached.wait()

    expect(cached.page.get_by_role("link", name="Your offers")).to_have_count(0)
    assert cached.page.evaluate("document.activeElement === document.body")
    assert cached.events() == [("tok-1", "impression")]


def test_where_there_is_nothing_the_place_goes_too(cached: CachedPage) -> None:
    cached.status = 204
    cached.show_place()

    expect(cached.page.locator(".ppx-deferred")).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(503, ""), (404, "gone"), (200, "<h1>Log in</h1>"), (200, "")],
    ids=["not now", "not found", "a page to log in", "an empty answer"],
)
def test_where_anything_goes_wrong_the_link_stays(
    cached: CachedPage, problems: list[str], status: int, answer: str
) -> None:
    cached.status, cached.fetched = status, answer
    cached.show_place()

    expect(cached.page.get_by_role("link", name="Your offers")).to_be_visible()
    expect(cached.page.get_by_role("heading", name="Log in")).to_have_count(0)
    problems.clear()


def test_the_link_hides_while_the_offers_are_on_their_way(cached: CachedPage) -> None:
    cached.page.route("**/ppx/fragment/**", lambda route: None)
    cached.show_place()

    link = cached.page.get_by_text("Your offers")
    expect(link).to_be_hidden()
    expect(link).to_be_visible(timeout=4_000)


def test_whoever_is_on_the_link_is_left_there(cached: CachedPage) -> None:
    waiting: list[Route] = []
    cached.page.route("**/ppx/fragment/**", lambda route: waiting.append(route))
    cached.show_place()
    link = cached.page.get_by_role("link", name="Your offers")
    expect(link).to_be_visible(timeout=4_000)
    link.focus()

    waiting[0].fulfill(body=render_offers([make_card()]), content_type="text/html")

    expect(cached.page.locator("[data-ppx-card]")).to_be_visible()
    expect(link).to_be_focused()
    cached.page.keyboard.press("Tab")
    expect(link).to_have_count(0)


# A shop behind it


@pytest.fixture(scope="session")
def server_url(django_db_setup, live_server) -> str:
    """The test host as a server. After the test database is made: the server's threads must not share a connection."""
    return live_server.url


@pytest.fixture
def shop_url(settings, server_url: str, transactional_db) -> str:
    settings.ROOT_URLCONF = "tests.cache.shop"
    settings.PPX_SHOP = "tests.cache.shop.SessionShop"
    PlainShop.known.clear()
    PlainShop.known["1001"] = host_order("1001")
    make_offer("next_purchase_discount", benefit=make_benefit())
    Session.objects.create(
        session_key="key-1001",
        session_data=SessionStore().encode({ORDER: "1001"}),
        expire_date=timezone.now() + timedelta(days=1),
    )
    return server_url


def as_buyer(page: Page, shop_url: str) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": "key-1001", "url": shop_url}])
    return page


def impressions() -> int:
    return OfferEvent.objects.filter(name="impression").count()


@pytest.mark.parametrize("address", ["/deferred/", "/deferred/1001/"])
def test_the_buyers_page_fills_and_counts_once(
    page: Page, shop_url: str, axe: CheckAccessibility, address: str
) -> None:
    as_buyer(page, shop_url).goto(shop_url + address)
    code = page.locator("[data-ppx-code]")
    expect(code).to_be_visible()
    shown = code.inner_text()
    page.wait_for_timeout(1_500)

    page.reload()
    expect(code).to_have_text(shown)
    page.wait_for_timeout(1_500)

    assert shown.replace("-", "") == DiscountCode.objects.get().code
    assert impressions() == 1
    axe(page)


def test_without_javascript_the_link_leads_to_the_same_code(
    page: Page, open_page: OpenPage, shop_url: str, axe: CheckAccessibility
) -> None:
    as_buyer(page, shop_url).goto(f"{shop_url}/deferred/")
    shown = page.locator("[data-ppx-code]").inner_text()
    bare = as_buyer(open_page(java_script_enabled=False), shop_url)

    bare.goto(f"{shop_url}/deferred/")
    bare.get_by_role("link", name="Your offers").click()

    expect(bare.get_by_role("heading", name="Your offers", level=1)).to_be_visible()
    expect(bare.locator("[data-ppx-code]")).to_have_text(shown)
    page.goto(bare.url)
    axe(page)


def test_a_stranger_finds_a_page_without_offers(page: Page, shop_url: str) -> None:
    page.goto(f"{shop_url}/deferred/1001/")

    expect(page.locator(".ppx-deferred")).to_have_count(0)
    assert DiscountCode.objects.count() == 0
