"""The gallery in Chromium: tiles, lightbox by keys and by touch, without JavaScript, and the form to report."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import ROOT, Demo, serve_demo

VIEWS = [(1280, 900, "light"), (1280, 900, "dark"), (375, 800, "light"), (375, 800, "dark")]
PUBLISH = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from django_ppx.core.models import Purchase
from django_ppx.testing import make_submission, make_ugc_offer
from django_ppx.ugc.deciding import approve
offer, now = make_ugc_offer(max_per_customer=None), timezone.now()
bought = Purchase.objects.filter(lines__sku="KT-304", status="placed").first()
for number, caption in enumerate(["The first", "The second", "The third"]):
    sent = make_submission(
        ugc_offer=offer, purchase=bought, caption=caption, product_sku="KT-304", now=now
    )
    approve(submission_id=sent.pk, by_id=None, now=now - timedelta(minutes=number))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    os.environ["PPX_DEMO_FILES"] = str(folder / "files")
    try:
        with serve_demo(folder) as served:
            environment = {
                **os.environ,
                "PPX_DEMO_DATABASE": str(served.database),
                "DJANGO_SETTINGS_MODULE": "example_project.settings",
                "PYTHONPATH": str(ROOT),
            }
            subprocess.run([sys.executable, "-c", PUBLISH], env=environment, check=True)
            yield served
    finally:
        del os.environ["PPX_DEMO_FILES"]


def open_product(page: Page, demo: Demo, query: str = "") -> None:
    page.goto(f"{demo.url}/product/ring-vase/{query}")


def current(page: Page) -> str:
    """Return the caption of the slide that can be reached."""
    return page.locator(".ppx-lightbox__slide:not([inert]) .ppx-slide__caption").inner_text()


def test_the_lightbox_is_led_by_keys_and_gives_the_focus_back(page, demo) -> None:
    open_product(page, demo)
    tiles = page.locator("[data-ppx-open]")
    expect(tiles).to_have_count(3)
    tiles.nth(0).focus()

    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    assert current(page) == "The first"
    expect(dialog.get_by_role("status")).to_have_text("1 of 3")

    page.keyboard.press("ArrowLeft")
    assert current(page) == "The first"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert current(page) == "The third"
    expect(dialog.get_by_role("status")).to_have_text("3 of 3")
    expect(dialog.get_by_role("button", name="Next")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowRight")
    assert current(page) == "The third"
    expect(dialog.get_by_role("img", name="The third")).to_be_in_viewport()

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(tiles.nth(2)).to_be_focused()


def test_the_focus_stays_in_the_lightbox_and_off_what_is_not_shown(page, demo) -> None:
    open_product(page, demo)
    page.locator("[data-ppx-open]").nth(1).click()

    reached = []
    for _press in range(6):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => document.activeElement.getAttribute('aria-label') "
                "|| document.activeElement.textContent.trim()"
            )
        )

    assert {"Report", "Previous", "Next"} <= set(reached)
    assert reached.count("Report") == 1


def test_the_buttons_and_a_swipe_go_on(open_page, demo) -> None:
    page = open_page(viewport={"width": 375, "height": 800}, has_touch=True)
    open_product(page, demo)
    page.locator("[data-ppx-open]").nth(0).tap()

    page.get_by_role("button", name="Next").tap()
    assert current(page) == "The second"
    page.locator("[data-ppx-track]").evaluate("track => track.scrollBy(track.clientWidth, 0)")
    expect(page.get_by_role("status").filter(has_text="of")).to_have_text("3 of 3")
    assert current(page) == "The third"
    page.get_by_role("button", name="Previous").tap()
    assert current(page) == "The second"
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_click_for_a_new_tab_is_left_alone(page, demo) -> None:
    open_product(page, demo)

    with page.context.expect_page() as opened:
        page.locator("[data-ppx-open]").nth(0).click(modifiers=["Control"])

    assert "/ppx/gallery/" in opened.value.url or opened.value.url == "about:blank"
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_from_right_to_left_the_left_key_goes_on(page, demo) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": demo.url}])
    open_product(page, demo)
    page.locator("[data-ppx-open]").nth(0).click()

    page.keyboard.press("ArrowLeft")

    assert current(page) == "The second"
    page.wait_for_timeout(300)
    assert current(page) == "The second"
    expect(page.get_by_role("img", name="The second").last).to_be_in_viewport()


def test_without_javascript_a_tile_leads_to_its_page_and_on_to_the_report(open_page, demo) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 375, "height": 800})
    open_product(page, demo)

    page.get_by_role("link", name="The first").click()
    expect(page.locator(".ppx-slide__caption")).to_have_text("The first")
    page.get_by_role("link", name="Report").click()
    page.get_by_label("It misleads about the product").check()
    page.get_by_label("In your words").fill("The blue is another one.")
    page.get_by_role("button", name="Send report").click()

    expect(page.get_by_role("heading")).to_have_text("Thank you for your report")
    receipt = page.locator(".ppx-receipt").inner_text()
    assert demo.rows("SELECT cause, text FROM django_ppx_ugcreport WHERE receipt = ?", receipt) == [
        ("misleading", "The blue is another one.")
    ]
    page.reload()
    expect(page.locator(".ppx-receipt")).to_have_text(receipt)


def test_the_shop_links_to_all_of_it(page, demo) -> None:
    page.goto(demo.url)

    page.get_by_role("link", name="From our customers").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("From our customers")
    published = demo.rows(
        "SELECT count(*) FROM django_ppx_ugcmedia m JOIN django_ppx_ugcsubmission s"
        " ON s.id = m.submission_id WHERE s.published_at IS NOT NULL"
    )[0][0]
    assert published > 3
    expect(page.locator("[data-ppx-open]")).to_have_count(published)
    for caption in ("The first", "The second", "The third"):
        expect(page.get_by_alt_text(caption)).to_be_visible()


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_is_wider_than_a_phone(open_page, demo, width) -> None:
    page = open_page(viewport={"width": width, "height": 700})
    open_product(page, demo)
    first = page.locator("[data-ppx-open]").first
    path = first.get_attribute("href")

    tiles = page.locator(".ppx-gallery__item")
    assert tiles.nth(0).bounding_box()["y"] == tiles.nth(1).bounding_box()["y"]
    first.click()
    for name in ("Close", "Previous", "Next"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert min(box["width"], box["height"]) >= 44
    for address in ("/product/ring-vase/", "/ppx/gallery/", path, f"{path}report/"):
        page.goto(f"{demo.url}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_moves_while_pictures_load(page, demo, problems) -> None:
    page.route("**/ugc/media/**", lambda route: route.abort())
    open_product(page, demo)

    box = page.locator("[data-ppx-open]").first.bounding_box()

    problems.clear()  # the pictures that were kept back
    assert box["width"] > 100
    assert box["width"] == pytest.approx(box["height"], abs=1)


@pytest.mark.parametrize(("width", "height", "scheme"), VIEWS)
def test_every_page_is_accessible(open_page, demo, axe, width, height, scheme) -> None:
    page = open_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )

    open_product(page, demo)
    axe(page, ".ppx-gallery")
    path = page.locator("[data-ppx-open]").first.get_attribute("href")
    page.locator("[data-ppx-open]").first.click()
    page.wait_for_timeout(300)
    axe(page, "dialog")
    for address in ("/ppx/gallery/", path, f"{path}report/"):
        page.goto(f"{demo.url}{address}")
        axe(page)
    page.get_by_role("button", name="Send report").click()
    expect(page.locator(".ppx-report__error").first).to_have_text("Please choose what is wrong.")
    axe(page)
