"""`<ppx-offers>` in Chromium: a page on one origin, the shop's answers from another, both without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

import django_ppx
from django_ppx.offers.rendering import render_offers
from tests.browser.conftest import CheckAccessibility
from tests.look.cards import make_card

STATIC = Path(django_ppx.__file__).parent / "static" / "django_ppx"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FRONT, SHOP = "http://localhost", "http://127.0.0.1"
POLICY = (
    f"default-src 'none'; script-src {SHOP}; style-src {SHOP}; img-src {SHOP} data:; connect-src {SHOP}; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types ppx-offers"
)
ELEMENT = '<ppx-offers order-token="tok"><p>Your offers come by mail.</p></ppx-offers>'
LISTENING = (
    "window.heard = []; for (const name of ['shown', 'empty', 'failed'])"
    " addEventListener('ppx-offers:' + name, ({ detail }) =>"
    " heard.push([name, name === 'failed' ? detail.message : detail.count]));"
)


class TwoOrigins:
    """A front end's page under a strict policy, and what it asked the shop for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.body = ""
        self.cards = [make_card("social_invite", token="tok-1")]
        self.policy = POLICY
        self.status = 200
        self.questions: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.reports: list[dict[str, str]] = []
        self.paths: list[str] = []
        page.add_init_script(LISTENING)
        page.route("**/*", self._answer)

    def show(self, body: str = ELEMENT, *, api: str = ' data-ppx-api="http://127.0.0.1/api/v1/"'):
        self.body = (
            '<!doctype html><html lang="de"><head><title>Thank you</title><link rel="icon" href="data:,">'
            f'<script type="module" src="{SHOP}/ppx/ppx-offers.js"{api}></script></head>'
            f"<body><main><h1>Thank you</h1>{body}</main></body></html>"
        )
        self.page.goto(f"{FRONT}/thank-you/")

    def heard(self, count: int = 1) -> list[list[Any]]:
        # Not `wait_for_function`: it evaluates text in the page, which the policy forbids.
        for _ in range(100):
            heard: list[list[Any]] = self.page.evaluate("window.heard")
            if len(heard) >= count:
                return heard
            self.page.wait_for_timeout(50)
        raise AssertionError("The element said nothing.")

    def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.hostname == "localhost":
            headers = {"Content-Security-Policy": self.policy, "Content-Type": "text/html"}
            route.fulfill(body=self.body, headers=headers)
            return
        self.paths.append(url.path)
        cors = {"Access-Control-Allow-Origin": FRONT, "Access-Control-Allow-Headers": "*"}
        if route.request.method == "OPTIONS":
            route.fulfill(status=204, headers=cors)
        elif url.path == "/api/v1/fragments/":
            self._tell(route, cors)
        elif url.path == "/ppx/event/":
            self.reports.append(dict(parse_qsl(route.request.post_data or "")))
            route.fulfill(status=204)
        else:
            file = STATIC / Path(url.path).name
            # A stylesheet needs no leave to be read.
            readable = {} if file.suffix == ".css" else cors
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix], headers=readable)

    def _tell(self, route: Route, cors: dict[str, str]) -> None:
        self.questions.append((json.loads(route.request.post_data or ""), route.request.headers))
        answer = {
            "html": render_offers(self.cards),
            "stylesheets": ["/static/django_ppx/ppx.css"],
            "script": f"{SHOP}/ppx/ppx.js",
            "icons": f"{SHOP}/ppx/icons.svg",
        }
        body = json.dumps(answer) if self.status == 200 else "{}"
        route.fulfill(
            status=self.status, body=body, headers={**cors, "Content-Type": "application/json"}
        )


@pytest.fixture
def front(page: Page) -> TwoOrigins:
    return TwoOrigins(page)


def test_the_offers_take_the_place_of_what_stood_there(front: TwoOrigins) -> None:
    front.show()

    heard = front.heard()

    assert heard == [["shown", 1]]
    expect(front.page.locator("ppx-offers [data-ppx-card]")).to_be_visible()
    expect(front.page.get_by_text("Your offers come by mail.")).to_have_count(0)
    body, headers = front.questions[0]
    assert body == {"language": "de"}
    assert headers["ppx-order-token"] == "tok"
    assert "cookie" not in headers


def test_addresses_lead_to_the_shop_and_reports_reach_it(front: TwoOrigins) -> None:
    front.show()
    front.heard()

    href = front.page.locator("ppx-offers .ppx-button").first.get_attribute("href")
    with front.page.expect_request("**/ppx/event/"):
        pass
    front.page.get_by_role("button", name="Hide this offer").click()
    expect(front.page.locator("ppx-offers [data-ppx-card]")).to_have_count(0)
    front.page.wait_for_timeout(200)

    assert (href or "").startswith(f"{SHOP}/")
    assert [report["event"] for report in front.reports] == ["impression", "dismiss"]
    assert {report["token"] for report in front.reports} == {"tok-1"}


def test_icons_of_another_origin_are_drawn_and_fetched_once(front: TwoOrigins) -> None:
    front.show(ELEMENT + ELEMENT)
    front.heard(2)

    use = front.page.locator("ppx-offers .ppx-button use").first
    front.page.wait_for_load_state("networkidle")

    assert use.evaluate("use => use.getBBox().width") > 10
    assert (use.get_attribute("href") or "").startswith("#ppx-icon-")
    assert front.paths.count("/ppx/icons.svg") == 1
    assert front.paths.count("/ppx/ppx.js") == 1
    assert front.page.locator("link[rel=stylesheet]").count() == 1


def test_the_copy_button_says_so_in_the_words_of_the_answer(front: TwoOrigins) -> None:
    front.cards = [make_card("next_purchase_discount", token="tok-1")]
    front.show()
    front.heard()

    front.page.get_by_role("button", name="Copy code").click()

    expect(front.page.get_by_role("status")).to_have_text("Copied")
    front.page.wait_for_timeout(100)
    assert "copy" in [report["event"] for report in front.reports]


def test_another_attribute_asks_again_and_several_at_once_ask_once(front: TwoOrigins) -> None:
    front.show()
    front.heard()

    front.cards = [make_card(headline="Another", token="tok-2")]
    front.page.evaluate(
        "() => { const element = document.querySelector('ppx-offers');"
        " element.setAttribute('placement', 'account'); element.setAttribute('heading', 'Extras');"
        " element.setAttribute('language', 'en'); }"
    )
    front.heard(2)

    expect(front.page.get_by_role("heading", name="Another")).to_be_visible()
    asked = {"placement": "account", "heading": "Extras", "language": "en"}
    assert [body for body, _headers in front.questions[1:]] == [asked]


def test_where_there_is_nothing_the_element_is_empty(front: TwoOrigins) -> None:
    front.cards = []
    front.show()

    assert front.heard() == [["empty", 0]]
    assert front.page.locator("ppx-offers").inner_text() == ""
    assert "/ppx/ppx.js" not in front.paths


def test_what_stands_inside_stays_where_the_shop_refuses(
    front: TwoOrigins, problems: list[str]
) -> None:
    front.status = 401
    front.show()

    heard = front.heard()

    assert heard == [["failed", "the shop answered 401"]]
    expect(front.page.get_by_text("Your offers come by mail.")).to_be_visible()
    assert all("401" in problem for problem in problems)
    problems.clear()


def test_offers_of_another_order_go_when_the_next_question_fails(
    front: TwoOrigins, problems: list[str]
) -> None:
    front.show()
    front.heard()

    front.status = 401
    front.page.evaluate("document.querySelector('ppx-offers').setAttribute('order-token', 'x')")
    front.heard(2)

    expect(front.page.locator("[data-ppx-card]")).to_have_count(0)
    expect(front.page.get_by_text("Your offers come by mail.")).to_be_visible()
    problems.clear()


@pytest.mark.parametrize(
    ("body", "api"), [("<ppx-offers></ppx-offers>", ' data-ppx-api="/x/"'), (ELEMENT, "")]
)
def test_without_a_token_or_an_address_nothing_is_asked(
    front: TwoOrigins, body: str, api: str
) -> None:
    front.show(body, api=api)

    assert front.heard() == [["failed", "order-token and api are needed"]]
    assert front.questions == []


def test_the_element_breaks_no_rule_of_accessibility(
    front: TwoOrigins, axe: CheckAccessibility
) -> None:
    front.cards = [make_card("next_purchase_discount"), make_card("social_invite")]
    front.policy = POLICY.replace("style-src", "style-src 'unsafe-inline'")  # of axe
    front.show()
    front.heard()

    axe(front.page)
