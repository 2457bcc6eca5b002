"""A link that applies a code, in Chromium: too small a basket says why, a larger one takes it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from django_ppx import codes
from django_ppx.testing import make_benefit, make_code
from tests.browser.demo import Demo, serve_demo

WAITING = "€12.00 off is waiting for your basket."
TOO_SMALL = "This code is for orders of €60.00 or more."
VIEWS = [(1280, 900, "light"), (1280, 900, "dark"), (375, 800, "light"), (375, 800, "dark")]
PICTURES = os.environ.get("PPX_TEST_PICTURES", "")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("links")) as served:
        yield served


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def add_product(page: Page, demo: Demo, *, path: str = "/product/tide-mug/", times: int = 1):
    page.goto(f"{demo.url}{path}")
    page.fill("[name=quantity]", str(times))
    page.get_by_role("button", name="Add to basket").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_a_code_is_read_whole_in_its_field(open_page, demo, width) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    add_product(page, demo)

    page.fill("#ppx-code-field", "AGAIN-CFT5-4K3N-V6RC")

    assert page.evaluate(
        "() => { const f = document.getElementById('ppx-code-field'); return f.scrollWidth <= f.clientWidth }"
    )


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_link_waits_for_the_basket_and_is_taken_off(open_page, demo, has_script) -> None:
    page = open_page(viewport={"width": 375, "height": 800}, java_script_enabled=has_script)
    failed_before = demo.rows("SELECT count(*) FROM django_ppx_failedattempt")

    page.goto(demo.address("A code by link"))
    assert page.url == f"{demo.url}/basket/"
    expect(page.locator(".ppx-notice")).to_contain_text(WAITING)
    expect(page.locator(".ppx-notice")).to_contain_text("For orders of €60.00 or more")

    add_product(page, demo)
    message = page.locator("#ppx-code-message")
    expect(message).to_have_text(TOO_SMALL)
    page.goto(f"{demo.url}/product/tide-mug/")
    expect(page.locator(".ppx-notice")).to_contain_text(TOO_SMALL)

    add_product(page, demo, times=2)
    expect(message).to_have_text("€12.00 off")
    expect(page.locator(".sums__row--discount")).to_contain_text("12.00")
    page.reload()
    expect(message).to_have_text("€12.00 off")
    page.go_back()
    page.goto(f"{demo.url}/")
    expect(page.locator(".ppx-notice")).to_contain_text("€12.00 off is in your basket.")
    page.go_back()
    page.go_forward()
    expect(page.locator(".ppx-notice")).to_contain_text("€12.00 off is in your basket.")
    page.goto(demo.address("A code by link"))
    expect(message).to_have_text("€12.00 off")
    assert demo.rows("SELECT count(*) FROM django_ppx_failedattempt") == failed_before


def test_a_link_that_was_changed_says_so(open_page, demo, problems) -> None:
    page = open_page(viewport={"width": 375, "height": 800})

    page.goto(demo.address("A code by link")[:-2] + "/")

    expect(page.get_by_role("heading")).to_have_text("This link is no longer valid")
    page.goto(f"{demo.url}/basket/")
    expect(page.locator(".ppx-notice")).to_have_count(0)
    assert len(problems) == 2
    assert all("404" in problem for problem in problems)
    problems.clear()


@pytest.mark.parametrize(("width", "height", "scheme"), VIEWS)
def test_what_is_said_of_a_code_is_accessible(open_page, demo, axe, width, height, scheme) -> None:
    page = open_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    name = f"{width}-{scheme}"

    page.goto(demo.address("A code by link"))
    axe(page, ".ppx-notice")
    picture(page, f"empty-basket-{name}")
    page.goto(f"{demo.url}/product/tide-mug/")
    axe(page, ".ppx-notice")
    add_product(page, demo)
    axe(page, ".ppx-code-form")
    picture(page, f"too-small-{name}")
    page.goto(f"{demo.url}/product/tide-mug/")
    picture(page, f"notice-too-small-{name}")
    add_product(page, demo, times=3)
    page.goto(f"{demo.url}/")
    axe(page, ".ppx-notice")
    picture(page, f"notice-applied-{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "height", "scheme"), VIEWS)
def test_staff_see_what_was_tried(open_page, demo, axe, width, height, scheme) -> None:
    guest = open_page(viewport={"width": 375, "height": 800})
    add_product(guest, demo)
    for typed in ("SUMMER2026", "thanks 2345 6789"):
        guest.fill("#ppx-code-field", typed)
        guest.locator(".ppx-code-form button[type=submit]").click()
        expect(guest.locator("#ppx-code-message")).to_have_text("This code is not valid.")
    staff = open_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    staff.goto(f"{demo.url}/admin/login/?next=/admin/django_ppx/failedattempt/")
    staff.fill("#id_username", "staff")
    staff.fill("#id_password", "staff")
    staff.click("[type=submit]")

    rows = staff.locator("#result_list tbody tr")
    expect(rows.first).to_contain_text("THAN…")
    expect(rows.nth(1)).to_contain_text("SUMM…")
    assert "SUMMER" not in staff.content()
    axe(staff, "#content")
    picture(staff, f"failed-attempts-{width}-{scheme}")


def answer_with(response: HttpResponse) -> Callable[[Route], None]:
    """Return a host that has one page, and the static files it links."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=finders.find(path.removeprefix("/static/")))
        else:
            headers = dict(response.headers.items())
            route.fulfill(status=response.status_code, headers=headers, body=response.content)

    return answer


@pytest.mark.parametrize(("width", "height", "scheme"), VIEWS)
@pytest.mark.django_db
def test_our_own_page_is_accessible(open_page, client, axe, width, height, scheme) -> None:
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 30}}, scopes=[("category", "Cups")])
    code = make_code(benefit, now=timezone.now())
    page = open_page(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    page.route("**/*", answer_with(client.get(codes.apply_path(code, now=timezone.now()))))

    page.goto("http://localhost/ppx/")

    expect(page.get_by_role("heading")).to_have_text("10% off")
    expect(page.locator("li").first).to_have_text("For orders of €30.00 or more")
    axe(page)
    picture(page, f"own-page-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
