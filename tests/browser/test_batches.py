"""The progress page of a batch in Chromium: it makes the codes by itself, and a button does so without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.demo import Demo, serve_demo

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
BATCHES = "/admin/django_ppx/codebatch"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


def log_in(page: Page, demo: Demo) -> Page:
    page.goto(f"{demo.url}/admin/login/?next=/admin/")
    page.fill("#id_username", "staff")
    page.fill("#id_password", "staff")
    page.click("[type=submit]")
    return page


def order(page: Page, demo: Demo, *, name: str, count: int) -> None:
    page.goto(f"{demo.url}{BATCHES}/make/")
    page.locator("#id_benefit").select_option(index=1)
    page.fill("#id_name", name)
    page.fill("#id_count", str(count))
    page.click(".ppx-orderform [type=submit]")


def counted(demo: Demo, name: str) -> tuple[int, int, str]:
    """Return (made, codes stored, status) of the batch."""
    [(pk, made, status)] = demo.rows(
        "SELECT id, made, status FROM django_ppx_codebatch WHERE name = ?", name
    )
    [(stored,)] = demo.rows("SELECT COUNT(*) FROM django_ppx_discountcode WHERE batch_id = ?", pk)
    return made, stored, status


def test_the_page_of_a_batch_makes_its_codes(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=DESKTOP), demo)

    order(staff, demo, name="By itself", count=45_000)

    expect(staff.locator(".ppx-batch .ppx-badge")).to_have_text("done", timeout=60_000)
    expect(staff.locator("[data-ppx-batch-text]")).to_have_text("45,000 of 45,000")
    assert counted(demo, "By itself") == (45_000, 45_000, "done")


def test_staff_leave_the_page_and_come_back(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=DESKTOP), demo)
    steps: list[Route] = []

    def let_the_first_through(step: Route) -> None:
        steps.append(step)
        if len(steps) == 1:
            step.continue_()

    staff.route("**/step/", let_the_first_through)
    order(staff, demo, name="Left", count=60_000)
    expect(staff.locator("[data-ppx-batch-text]")).to_have_text("20,000 of 60,000", timeout=30_000)
    address = staff.url

    staff.goto(f"{demo.url}{BATCHES}/")
    assert counted(demo, "Left") == (20_000, 20_000, "running")
    staff.unroute("**/step/")
    staff.goto(address)

    expect(staff.locator(".ppx-batch .ppx-badge")).to_have_text("done", timeout=60_000)
    assert counted(demo, "Left") == (60_000, 60_000, "done")


def test_without_javascript_a_button_makes_the_next_codes(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=DESKTOP, java_script_enabled=False), demo)
    order(staff, demo, name="By hand", count=25_000)
    expect(staff.locator("[data-ppx-batch-text]")).to_have_text("0 of 25,000")

    staff.get_by_role("button", name="Continue").click(timeout=30_000)
    expect(staff.locator("[data-ppx-batch-text]")).to_have_text("20,000 of 25,000")
    staff.get_by_role("button", name="Continue").click(timeout=30_000)

    expect(staff.locator(".ppx-batch .ppx-badge")).to_have_text("done")
    assert counted(demo, "By hand") == (25_000, 25_000, "done")


def test_a_step_that_fails_leaves_the_button(open_page, demo: Demo, problems: list[str]) -> None:
    staff = log_in(open_page(viewport=DESKTOP), demo)
    staff.route("**/step/", lambda route: route.fulfill(status=503, json={"text": "Busy"}))

    order(staff, demo, name="Failing", count=5)

    expect(staff.get_by_role("alert")).to_have_text(
        "That did not work. Continue goes on from where it stopped."
    )
    assert any("503" in problem for problem in problems)
    problems.clear()
    staff.unroute("**/step/")
    staff.get_by_role("button", name="Continue").click()
    expect(staff.locator(".ppx-batch .ppx-badge")).to_have_text("done")


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": DESKTOP, "color_scheme": "light"},
        {"viewport": DESKTOP, "color_scheme": "dark"},
        {"viewport": PHONE, "color_scheme": "light"},
        {"viewport": PHONE, "color_scheme": "dark"},
    ],
    ids=["desktop", "dark desktop", "phone", "dark phone"],
)
def test_no_page_of_batches_has_a_fault_of_accessibility_or_scrolls_sideways(
    open_page, demo: Demo, axe, options, tmp_path
) -> None:
    # axe puts styles of its own into the page, which the policy would refuse. Without JavaScript of ours a batch waits.
    staff = log_in(open_page(bypass_csp=True, **options), demo)
    staff.route("**/batch.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    name = f"{options['color_scheme']} {options['viewport']['width']}"
    order(staff, demo, name=name, count=50_000)
    waiting = staff.url
    staff.get_by_role("button", name="Continue").click(timeout=30_000)
    pages = {"make": f"{demo.url}{BATCHES}/make/", "import": f"{demo.url}{BATCHES}/import/"}
    for page, url in {**pages, "list": f"{demo.url}{BATCHES}/", "batch": waiting}.items():
        staff.goto(url)
        axe(staff, "#content")
        staff.screenshot(path=tmp_path / f"{name}-{page}.png", full_page=True)
        width = staff.evaluate("document.documentElement.scrollWidth")
        assert width <= options["viewport"]["width"], page


def test_an_import_reports_what_it_did_not_take(open_page, demo: Demo, axe, tmp_path) -> None:
    staff = log_in(open_page(bypass_csp=True, viewport=PHONE), demo)
    make_pool(staff, demo)
    file = tmp_path / "codes.csv"
    file.write_text("Nr;Code\n1;CINEMA1\n2;cinema-1\n3;Popcorn für zwei\n", encoding="utf-8-sig")

    staff.goto(f"{demo.url}{BATCHES}/import/")
    staff.select_option("#id_benefit", label="Cinema")
    staff.fill("#id_name", "Agency")
    staff.set_input_files("#id_file", file)
    staff.click(".ppx-orderform [type=submit]")

    expect(staff.locator("[data-ppx-batch-text]")).to_have_text(
        "1 code imported. 1 duplicate. 1 line was no code."
    )
    assert staff.locator(".ppx-report tbody tr").all_inner_texts() == [
        "3\tcinema-1\ttwice in this file",
        "4\tPopcorn für zwei\tnot only letters A to Z and digits",
    ]
    axe(staff, "#content")
    staff.screenshot(path=tmp_path / "import-report.png", full_page=True)
    assert staff.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    staff.goto(f"{demo.url}{BATCHES}/")
    staff.screenshot(path=tmp_path / "low-stock.png", full_page=True)
    axe(staff, "#content")


def make_pool(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}/admin/django_ppx/benefit/add/")
    staff.fill("#id_name", "Cinema")
    staff.fill("#id_percent", "10")
    staff.select_option("#id_code_source", "pool")
    staff.fill("#id_low_stock_at", "5")
    staff.click("[name=_save]")
    expect(staff.locator(".messagelist .success")).to_be_visible()
