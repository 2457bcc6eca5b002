"""A front end without Django, on an origin of its own: its own markup from the API, and `<ppx-offers>`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CheckAccessibility, OpenPage
from tests.browser.demo import Demo, serve_demo, serve_plain

PAGES = ["index.html", "element.html"]
CARD = {"index.html": ".offer", "element.html": "ppx-offers [data-ppx-card]"}
IMPRESSIONS = (
    "SELECT offer.slug, count(*) FROM django_ppx_offerevent event"
    " JOIN django_ppx_offer offer ON offer.id = event.offer_id"
    " JOIN django_ppx_offerpresentation shown ON shown.id = event.presentation_id"
    " JOIN django_ppx_purchase purchase ON purchase.id = shown.purchase_id"
    " WHERE event.name = ? AND purchase.order_ref = ? GROUP BY offer.slug ORDER BY 1"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Demo]:
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture(scope="module")
def plain(demo: Demo, tmp_path_factory) -> Iterator[str]:
    with serve_plain(demo, tmp_path_factory.mktemp("plain")) as url:
        yield url


@pytest.fixture
def token(demo: Demo) -> str:
    return demo.address("A plain page").partition("#token=")[2]


def order_number(demo: Demo) -> str:
    return demo.address("Thank-you page").split("/thank-you/")[1].partition(":")[0]


def recorded(demo: Demo, name: str) -> dict[str, int]:
    """Return how often an event of this name is recorded for the fresh order, by offer."""
    return dict(demo.rows(IMPRESSIONS, name, order_number(demo)))


def see_everything(page: Page, name: str) -> int:
    """Look at all offers for long enough to count, and return how many there are."""
    page.locator(CARD[name]).first.wait_for()
    page.wait_for_timeout(1_800)
    return page.locator(CARD[name]).count()


def shown_code(page: Page) -> str:
    return page.locator("[data-value], [data-ppx-code]").first.inner_text().strip()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_another_origin_shows_the_orders_offers_and_reports_each_once(
    open_page: OpenPage, demo: Demo, plain: str, token: str, name: str
) -> None:
    page = open_page(viewport={"width": 1280, "height": 2400})
    page.goto(f"{plain}/{name}#token={token}")
    count = see_everything(page, name)
    first = recorded(demo, "impression")

    page.reload()
    again = see_everything(page, name)

    assert (count, again) == (4, 4)
    assert sorted(first.values()) == [1, 1, 1, 1]
    assert recorded(demo, "impression") == first
    assert token not in page.url


def test_both_pages_show_the_code_that_the_shops_own_page_shows(
    open_page: OpenPage, demo: Demo, plain: str, token: str
) -> None:
    own = open_page()
    own.goto(demo.address("Thank-you page"))
    codes = {shown_code(own)}

    for name in PAGES:
        front = open_page()
        front.goto(f"{plain}/{name}#token={token}")
        front.locator(CARD[name]).first.wait_for()
        codes.add(shown_code(front))

    assert len(codes) == 1
    assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]{4}){3}", codes.pop())


@pytest.mark.parametrize("name", PAGES)
def test_the_code_is_copied_and_the_copy_is_recorded(
    page: Page, demo: Demo, plain: str, token: str, name: str
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{plain}/{name}#token={token}")

    page.get_by_role("button", name="Copy code").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("navigator.clipboard.readText()") == shown_code(page).replace("-", "")
    assert list(recorded(demo, "copy").values()) == [1]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_another_origin_breaks_no_rule_of_accessibility(
    open_page: OpenPage,
    axe: CheckAccessibility,
    plain: str,
    token: str,
    problems: list[str],
    name: str,
) -> None:
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark"}):
        page = open_page(viewport={"width": 375, "height": 800}, bypass_csp=True, **options)
        page.goto(f"{plain}/{name}#token={token}")
        page.locator(CARD[name]).first.wait_for()

        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 375
    # axe itself tries to read the stylesheet, which the shop's static files do not allow.
    assert all(re.search(r"\.css|net::ERR_FAILED", problem) for problem in problems)
    problems.clear()


@pytest.mark.parametrize("name", PAGES)
def test_without_a_token_the_page_asks_for_one(
    page: Page, plain: str, token: str, name: str
) -> None:
    page.goto(f"{plain}/{name}")

    page.get_by_label("The order’s token").fill(token)
    page.get_by_role("button", name="Show the offers").click()

    expect(page.locator(CARD[name])).to_have_count(4)


@pytest.mark.parametrize("name", PAGES)
def test_a_wrong_token_shows_nothing_and_says_so(
    page: Page, plain: str, problems: list[str], name: str
) -> None:
    page.goto(f"{plain}/{name}#token=wrong")

    expect(page.get_by_role("status").first).to_have_text("The shop shows nothing for this token.")
    expect(page.locator(CARD[name])).to_have_count(0)
    assert all("401" in problem for problem in problems)
    problems.clear()


@pytest.mark.parametrize("name", PAGES)
def test_hiding_an_offer_reaches_the_shop(
    page: Page, demo: Demo, plain: str, token: str, name: str
) -> None:
    before = len(recorded(demo, "dismiss"))
    page.goto(f"{plain}/{name}#token={token}")
    page.locator(CARD[name]).first.wait_for()
    count = page.locator(CARD[name]).count()

    page.get_by_role("button", name="Hide this offer").first.click()

    expect(page.locator(CARD[name])).to_have_count(count - 1)
    page.wait_for_timeout(300)
    assert len(recorded(demo, "dismiss")) == before + 1
