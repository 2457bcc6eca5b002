"""The numbers of an offer in Chromium, under the example's strict Content-Security-Policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo, serve_demo

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


def log_in(page: Page, demo: Demo) -> Page:
    page.goto(f"{demo.url}/admin/login/?next=/admin/django_ppx/offer/")
    page.fill("#id_username", "staff")
    page.fill("#id_password", "staff")
    page.click("[type=submit]")
    return page


def test_the_list_leads_to_the_numbers_and_they_to_other_days(open_page, demo: Demo) -> None:
    page = log_in(open_page(viewport=DESKTOP), demo)

    page.get_by_role("link", name="Numbers of “First order: 10 % off the second”").click()
    expect(page.get_by_role("heading", name="A funnel is not a lift")).to_be_visible()
    page.get_by_role("link", name="365 days").click()

    expect(page.get_by_role("link", name="365 days")).to_have_attribute("aria-current", "true")
    expect(page.locator(".ppx-steplist__item")).to_have_count(4)
    page.locator(".ppx-daytable > summary").click()
    expect(page.locator(".ppx-daytable tbody tr")).to_have_count(365)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}]
)
def test_the_page_is_accessible_and_fits_in_every_look(
    open_page, demo: Demo, axe, viewport: dict[str, int], look: dict[str, str]
) -> None:
    page = log_in(open_page(viewport=viewport, **look), demo)
    page.goto(f"{demo.url}/admin/django_ppx/offer/1/numbers/?days=28")
    for summary in page.locator(".ppx-numbers summary").all():
        summary.click()

    axe(page, ".ppx-numbers")

    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    for link in page.locator(".ppx-numbers :is(a, summary, input)").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 24, link.inner_text()
