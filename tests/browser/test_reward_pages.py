"""The staff's pages of rewards in Chromium: handing over, giving, taking back, what is outstanding."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo, serve_demo
from tests.browser.test_admin_pages import ADMIN, DESKTOP, PHONE, log_in


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture
def staff(open_page, demo: Demo) -> Page:
    return log_in(open_page(viewport=DESKTOP), demo)


def one(demo: Demo, sql: str) -> int:
    return demo.rows(sql)[0][0]


def flagged(demo: Demo) -> int:
    return one(demo, "SELECT id FROM django_ppx_reward WHERE flag <> '' ORDER BY id")


def test_gifts_are_ticked_off_without_javascript(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=PHONE, java_script_enabled=False), demo)
    staff.goto(f"{demo.url}{ADMIN}/reward/")
    staff.get_by_role("link", name="rewards wait to be handed over").click()
    before = staff.locator(".ppx-queue__row").count()
    assert before >= 4

    staff.get_by_role("checkbox").nth(0).check()
    staff.get_by_role("checkbox").nth(1).check()
    staff.get_by_label("Note").fill("Parcel 7")
    staff.get_by_role("button", name="Handed over").click()

    expect(staff.locator(".messagelist")).to_have_text("2 rewards were handed over.")
    expect(staff.locator(".ppx-queue__row")).to_have_count(before - 2)
    assert demo.rows("SELECT count(*) FROM django_ppx_rewardentry WHERE why = 'Parcel 7'") == [(2,)]


def test_a_reward_is_given_seen_and_taken_back(staff: Page, demo: Demo) -> None:
    order = demo.rows("SELECT order_ref FROM django_ppx_purchase ORDER BY id")[0][0]
    staff.goto(f"{demo.url}{ADMIN}/reward/")
    staff.get_by_role("link", name="Give a reward").click()
    staff.get_by_label("Order number").fill(order)
    staff.get_by_label("What they get").select_option(label="Sorry: 8 off: €8.00 off")
    staff.get_by_label("Why").fill("The handle came loose")
    staff.get_by_role("button", name="Give it").click()

    expect(staff.locator(".ppx-reward__code code")).to_contain_text("SORRY-")
    expect(staff.locator(".ppx-history")).to_contain_text("The handle came loose")

    staff.get_by_role("button", name="Take back").click()
    staff.get_by_label("Why").fill("Given twice")
    staff.get_by_role("button", name="Take back").click()

    expect(staff.locator(".messagelist")).to_have_text("1 reward was taken back.")
    expect(staff.locator("#result_list .field-state").first).to_have_text("Taken back")


def test_a_flag_is_looked_at(staff: Page, demo: Demo) -> None:
    reward = flagged(demo)
    staff.goto(f"{demo.url}{ADMIN}/reward/{reward}/change/")
    expect(staff.locator(".ppx-reward__flag")).to_contain_text("the order that earned it")

    staff.get_by_role("button", name="Looked at").click()
    staff.get_by_label("Note").fill("Agreed by phone")
    staff.get_by_role("button", name="Looked at").click()

    expect(staff.locator(".messagelist")).to_have_text("1 mark was taken off.")
    staff.goto(f"{demo.url}{ADMIN}/reward/{reward}/change/")
    expect(staff.locator(".ppx-reward__flag")).to_have_count(0)
    expect(staff.locator(".ppx-history__item").last).to_contain_text("Agreed by phone")


def test_what_is_outstanding_comes_as_a_file_too(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/reward/liability/")
    expect(staff.locator(".ppx-figures__item").first).to_contain_text("€")

    with staff.expect_download() as download:
        staff.get_by_role("link", name="Export as CSV").click()

    assert download.value.suggested_filename == "outstanding_rewards.csv"


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": DESKTOP, "color_scheme": "light"},
        {"viewport": DESKTOP, "color_scheme": "dark"},
        {"viewport": PHONE, "color_scheme": "light"},
        {"viewport": PHONE, "color_scheme": "dark"},
    ],
    ids=["light", "dark", "phone", "dark phone"],
)
def test_no_page_has_a_fault_of_accessibility_or_scrolls_sideways(
    open_page, demo: Demo, axe, options
) -> None:
    # axe puts styles of its own into the page, which the policy would refuse.
    staff = log_in(open_page(bypass_csp=True, **options), demo)
    code = one(demo, "SELECT code_id FROM django_ppx_coderedemption ORDER BY id")
    customer = one(demo, "SELECT customer_id FROM django_ppx_coderedemption ORDER BY id")
    promise = one(demo, "SELECT id FROM django_ppx_reward WHERE status = 'promised'")
    benefit = one(demo, "SELECT benefit_id FROM django_ppx_benefitbudget")
    for path in (
        "reward/",
        f"reward/{flagged(demo)}/change/",
        f"reward/{promise}/change/",
        "reward/give/",
        "reward/to-hand-over/",
        "reward/liability/",
        f"discountcode/{code}/change/",
        f"discountcode/{code}/limits/",
        f"customer/{customer}/change/",
        f"benefit/{benefit}/change/",
    ):
        staff.goto(f"{demo.url}{ADMIN}/{path}")
        axe(staff, "#content")
        width = staff.evaluate("document.documentElement.scrollWidth")
        assert width <= options["viewport"]["width"], path
