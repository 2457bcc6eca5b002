"""The script in Chromium, on a page without a server: what it reports, and what it does to the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

import django_ppx
from django_ppx.offers.rendering import render_card, render_offers
from tests.browser.conftest import CheckAccessibility, OpenPage
from tests.look.cards import DESIGNS, KINDS, make_card, make_code, make_image

STATIC = Path(django_ppx.__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "form-action 'self'"
)
HEAD = (
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
    '<link rel="stylesheet" href="/static/django_ppx/ppx.css">'
    '<script type="module" src="/static/django_ppx/ppx.js" data-ppx-words data-copied="Copied"'
    ' data-not-copied="Copy by hand" data-hidden="Offer hidden"></script>'
)
SPACER = '<svg width="1" height="3000" aria-hidden="true"></svg>'
A_SECOND_AND_A_BIT = 1_400


class Shop:
    """A page of a shop under a strict policy, and what was posted from it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.body = ""
        self.posts: list[tuple[str, dict[str, str]]] = []
        page.route("**/*", self._answer)

    def show(self, body: str, *, host: str = "localhost", direction: str = "ltr") -> None:
        self.body = (
            f'<!doctype html><html lang="en" dir="{direction}"><head><title>Thank you</title>{HEAD}'
            f"</head><body><main><h1>Thank you</h1>{body}</main></body></html>"
        )
        self.page.goto(f"http://{host}/thank-you/")

    def wait(self) -> None:
        self.page.wait_for_timeout(A_SECOND_AND_A_BIT)

    def events(self) -> list[tuple[str, str]]:
        return [(sent["token"], sent["event"]) for path, sent in self.posts if "event" in path]

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            fields = parse_qsl(route.request.post_data or "", keep_blank_values=True)
            self.posts.append((path, dict(fields)))
            route.fulfill(status=204)
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif path.startswith("/media/"):
            picture = '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="8"/>'
            route.fulfill(body=picture, content_type="image/svg+xml")
        else:
            headers = {
                "Content-Security-Policy": POLICY,
                "Content-Type": "text/html; charset=utf-8",
            }
            route.fulfill(body=self.body, headers=headers)


@pytest.fixture
def shop(page: Page) -> Shop:
    return Shop(page)


def test_a_card_in_view_for_a_second_is_reported_once(shop: Shop) -> None:
    shop.show(render_offers([make_card(token="tok-1")]))

    shop.wait()
    shop.page.mouse.wheel(0, 50)
    shop.wait()

    assert shop.posts == [("/ppx/event/", {"token": "tok-1", "event": "impression", "channel": ""})]


def test_a_glance_is_not_an_impression(shop: Shop) -> None:
    shop.show(render_offers([make_card()]) + SPACER)

    shop.page.wait_for_timeout(300)
    shop.page.evaluate("scrollTo(0, 2500)")
    shop.wait()

    assert shop.events() == []


def test_a_card_below_the_fold_is_reported_when_it_is_scrolled_to(shop: Shop) -> None:
    shop.show(SPACER + render_offers([make_card(token="tok-1")]))

    shop.wait()
    before = shop.events()
    shop.page.evaluate("scrollTo(0, 5000)")
    shop.wait()

    assert before == []
    assert shop.events() == [("tok-1", "impression")]


def test_a_page_in_the_background_reports_nothing(shop: Shop) -> None:
    shop.page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', {get: () => window.state || 'hidden'})"
    )
    shop.show(render_offers([make_card(token="tok-1")]))

    shop.wait()
    before = shop.events()
    shop.page.evaluate(
        "window.state = 'visible'; document.dispatchEvent(new Event('visibilitychange'))"
    )
    shop.wait()

    assert before == []
    assert shop.events() == [("tok-1", "impression")]


def test_the_same_offer_twice_on_a_page_is_one_impression(shop: Shop) -> None:
    shop.show(render_offers([make_card(token="tok-1"), make_card(token="tok-1", headline="B")]))

    shop.wait()

    assert shop.events() == [("tok-1", "impression")]


def test_a_preview_reports_nothing(shop: Shop) -> None:
    shop.show(render_offers([make_card(token="", event_url="", is_dismissible=False)]))

    shop.wait()

    assert shop.posts == []


def test_cards_that_arrive_later_are_taken_up(shop: Shop) -> None:
    shop.show('<div id="later"></div>')
    html = render_card(make_card("next_purchase_discount", token="tok-9"))

    shop.page.evaluate(
        "html => { document.querySelector('#later').innerHTML = html;"
        " document.dispatchEvent(new Event('ppx:refresh')); }",
        html,
    )
    shop.wait()

    expect(shop.page.get_by_role("button", name="Copy code")).to_be_visible()
    assert shop.events() == [("tok-9", "impression")]


def test_without_a_beacon_the_report_goes_by_fetch(shop: Shop) -> None:
    shop.page.add_init_script("navigator.sendBeacon = () => false")
    shop.show(render_offers([make_card(token="tok-1")]))

    shop.wait()

    assert shop.events() == [("tok-1", "impression")]


def test_a_code_is_copied_announced_and_reported(shop: Shop) -> None:
    shop.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shop.show(render_offers([make_card("next_purchase_discount", token="tok-1")]))

    shop.page.get_by_role("button", name="Copy code").click()

    expect(shop.page.get_by_role("button", name="Copied")).to_be_visible()
    expect(shop.page.get_by_role("status")).to_have_text("Copied")
    assert shop.page.evaluate("navigator.clipboard.readText()") == "K7PMWX3D9RTQ"
    assert ("tok-1", "copy") in shop.events()
    expect(shop.page.get_by_role("button", name="Copy code")).to_be_visible()


def test_where_copying_is_refused_the_code_is_marked_and_the_customer_is_told(shop: Shop) -> None:
    shop.page.add_init_script("document.execCommand = () => false")
    shop.show(render_offers([make_card("next_purchase_discount")]), host="testserver")

    shop.page.get_by_role("button", name="Copy code").click()

    expect(shop.page.get_by_role("status")).to_have_text("Copy by hand")
    assert shop.page.evaluate("getSelection().toString()") == "K7PM-WX3D-9RTQ"
    assert "copy" not in [name for _, name in shop.events()]


def test_an_insecure_page_copies_the_old_way(shop: Shop) -> None:
    shop.show(render_offers([make_card("next_purchase_discount")]), host="testserver")

    assert shop.page.evaluate("!navigator.clipboard")
    shop.page.get_by_role("button", name="Copy code").click()

    expect(shop.page.get_by_role("button", name="Copied")).to_be_visible()


def test_hiding_an_offer_removes_it_and_moves_the_focus_to_the_next(shop: Shop) -> None:
    cards = [make_card(headline="First", token="tok-1"), make_card(headline="Second")]
    shop.show(render_offers(cards))

    shop.page.get_by_role("button", name="Hide this offer: First").press("Enter")

    expect(shop.page.get_by_role("heading", name="First")).to_have_count(0)
    expect(shop.page.get_by_role("heading", name="Second")).to_be_focused()
    expect(shop.page.get_by_role("status")).to_have_text("Offer hidden")
    assert shop.page.url.endswith("/thank-you/")
    assert ("tok-1", "dismiss") in shop.events()


def test_hiding_the_only_offer_hides_the_heading_too(shop: Shop) -> None:
    shop.show(render_offers([make_card()], heading="Your extras"))

    shop.page.get_by_role("button", name="Hide this offer").click()

    expect(shop.page.get_by_role("heading", name="Your extras")).to_be_hidden()
    expect(shop.page.get_by_role("heading", name="Thank you")).to_be_focused()


def test_the_share_sheet_gets_the_text_and_the_share_is_reported(shop: Shop) -> None:
    shop.page.add_init_script(
        "navigator.share = data => { window.shared = data; return Promise.resolve(); }"
    )
    shop.show(render_offers([make_card("share_prompt", token="tok-1")]))

    shop.page.get_by_role("button", name="Share").click()

    assert shop.page.evaluate("window.shared") == {
        "title": "Linen",
        "text": "Found at Example Shop",
        "url": "https://shop.example.com/p/1",
    }
    sent = {"token": "tok-1", "event": "share", "channel": "device"}
    assert ("/ppx/event/", sent) in shop.posts


def test_a_share_sheet_that_is_closed_is_no_share(shop: Shop) -> None:
    shop.page.add_init_script(
        "navigator.share = () => Promise.reject(new DOMException('', 'AbortError'))"
    )
    shop.show(render_offers([make_card("share_prompt")]))

    shop.page.get_by_role("button", name="Share").click()
    shop.page.wait_for_timeout(100)

    assert "share" not in [name for _, name in shop.events()]


def test_without_a_share_sheet_the_plain_links_remain(shop: Shop) -> None:
    shop.page.add_init_script("navigator.share = undefined")
    shop.show(render_offers([make_card("share_prompt")]))

    expect(shop.page.get_by_role("button", name="Share")).to_be_hidden()
    expect(shop.page.get_by_role("button", name="Copy text")).to_be_visible()
    expect(shop.page.get_by_role("link", name="Instagram")).to_be_visible()


def test_the_time_left_is_written_beside_a_stored_expiry(shop: Shop) -> None:
    code = make_code(expires_at=datetime.now(UTC) + timedelta(days=3, hours=1))
    shop.show(render_offers([make_card("next_purchase_discount", code=code)]))

    note = shop.page.locator(".ppx-card__note")

    expect(note).to_have_text("Valid until the end of 31 December 2026 (in 3 days)")


def test_a_code_that_has_expired_meanwhile_counts_nothing_down(shop: Shop) -> None:
    code = make_code(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    shop.show(render_offers([make_card("next_purchase_discount", code=code)]))

    note = shop.page.locator(".ppx-card__note")

    expect(note).to_have_text("Valid until the end of 31 December 2026")


def test_a_browser_without_the_newer_interfaces_still_shows_the_cards(shop: Shop) -> None:
    shop.page.add_init_script(
        "delete window.IntersectionObserver; delete Intl.RelativeTimeFormat;"
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "navigator.share = undefined; navigator.sendBeacon = undefined;"
    )
    shop.show(render_offers([make_card(kind) for kind in KINDS]))

    shop.page.get_by_role("button", name="Copy code").click()

    expect(shop.page.get_by_role("button", name="Copied")).to_be_visible()


def test_without_javascript_hiding_posts_the_form(open_page: OpenPage) -> None:
    shop = Shop(open_page(java_script_enabled=False))
    shop.show(render_offers([make_card("next_purchase_discount", token="tok-1")]))

    expect(shop.page.get_by_text("K7PM-WX3D-9RTQ")).to_be_visible()
    expect(shop.page.get_by_role("button", name="Copy code")).to_be_hidden()
    shop.page.get_by_role("button", name="Hide this offer").click()

    assert shop.posts == [("/ppx/dismiss/", {"token": "tok-1"})]


def test_icons_are_drawn_under_a_strict_policy(shop: Shop) -> None:
    shop.show(render_offers([make_card("social_invite")]))

    drawn = shop.page.locator(".ppx-button use").first.evaluate("use => use.getBBox().width")

    assert drawn > 10


def every_card() -> str:
    cards = [make_card(kind, design) for design in DESIGNS for kind in KINDS]
    pictured = [make_card(design=design, image=make_image()) for design in DESIGNS]
    return render_offers([*cards, *pictured], heading="Your extras")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_card(
    open_page: OpenPage, axe: CheckAccessibility, scheme: str
) -> None:
    shop = Shop(open_page(color_scheme=scheme, viewport={"width": 1280, "height": 900}))
    shop.show(every_card())

    axe(shop.page)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_no_card_is_wider_than_the_page(open_page: OpenPage, width: int, direction: str) -> None:
    shop = Shop(open_page(viewport={"width": width, "height": 800}))
    long = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    cards = [
        make_card(kind, design, headline=long, text=long, direction=direction)
        for design in DESIGNS
        for kind in KINDS
    ]
    shop.show(render_offers(cards, heading=long), direction=direction)

    excess = shop.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert excess == 0


def test_what_can_be_pressed_is_large_enough(open_page: OpenPage) -> None:
    shop = Shop(open_page(viewport={"width": 320, "height": 800}))
    shop.show(every_card())

    boxes = [box.bounding_box() for box in shop.page.locator("main a, main button:visible").all()]
    sizes = [(box["width"], box["height"]) for box in boxes if box]

    assert len(sizes) > 20
    assert [size for size in sizes if min(size) < 36] == []


def test_a_dark_page_gets_dark_cards_and_a_page_that_says_nothing_light_ones(
    open_page: OpenPage,
) -> None:
    shop = Shop(open_page(color_scheme="dark"))
    ground = "getComputedStyle(document.querySelector('.ppx-card__frame')).backgroundColor"
    shop.show(render_offers([make_card()]))

    dark = shop.page.evaluate(ground)
    shop.page.evaluate("document.querySelector('meta[name=color-scheme]').remove()")
    silent = shop.page.evaluate(ground)
    shop.page.evaluate("document.body.dataset.ppxScheme = 'dark'")
    told = shop.page.evaluate(ground)

    assert (dark, silent, told) == ("rgb(27, 35, 33)", "rgb(255, 255, 255)", "rgb(27, 35, 33)")


def test_the_shop_sets_a_property_anywhere_and_a_class_with_one_rule(open_page: OpenPage) -> None:
    shop = Shop(open_page(reduced_motion="reduce"))
    shop.show(render_offers([make_card()]))

    shop.page.evaluate(
        "const sheet = new CSSStyleSheet();"
        "sheet.replaceSync(':root { --ppx-accent: rgb(1, 2, 3) }"
        " .ppx .ppx-card__title { color: rgb(4, 5, 6) }');"
        "document.adoptedStyleSheets = [sheet];"
    )

    color = "element => getComputedStyle(element).{}"
    button = shop.page.locator(".ppx-button").first.evaluate(color.format("backgroundColor"))
    title = shop.page.locator(".ppx-card__title").first.evaluate(color.format("color"))
    assert (button, title) == ("rgb(1, 2, 3)", "rgb(4, 5, 6)")
