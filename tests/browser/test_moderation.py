"""Moderating in Chromium: by keys, by buttons, many at once, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo, serve_demo
from tests.browser.test_admin_pages import ADMIN, DESKTOP, PHONE, log_in

MODERATE = f"{ADMIN}/ugcsubmission/moderate/"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture
def staff(open_page, demo: Demo) -> Page:
    return log_in(open_page(viewport=DESKTOP), demo)


def waiting(demo: Demo) -> list[int]:
    rows = demo.rows(
        "SELECT id FROM django_ppx_ugcsubmission WHERE status = 'waiting' ORDER BY sent_at, id"
    )
    return [row[0] for row in rows]


def status(demo: Demo, pk: int) -> str:
    return demo.rows("SELECT status FROM django_ppx_ugcsubmission WHERE id = ?", pk)[0][0]


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
    approved = demo.rows("SELECT id FROM django_ppx_ugcsubmission WHERE status = 'approved'")[0][0]
    report = demo.rows("SELECT id FROM django_ppx_ugcreport")[0][0]
    for path in (
        "ugcsubmission/moderate/",
        "ugcsubmission/moderate/grid/",
        "ugcsubmission/",
        f"ugcsubmission/{approved}/change/",
        f"ugcsubmission/{waiting(demo)[0]}/change/",
        f"ugcreport/{report}/change/",
        "ugcreport/",
        "ugclicencegrant/",
        "ugclicencegrant/1/revoke/",
        "ugclicence/",
        "ugclicence/1/change/",
        "ugcreason/",
    ):
        staff.goto(f"{demo.url}{ADMIN}/{path}")
        axe(staff, "#content")
        width = staff.evaluate("document.documentElement.scrollWidth")
        assert width <= options["viewport"]["width"], path


def test_the_keys_and_reasons_open_accessibly(open_page, demo: Demo, axe) -> None:
    staff = log_in(open_page(bypass_csp=True, viewport=PHONE, color_scheme="dark"), demo)
    staff.goto(f"{demo.url}{MODERATE}")

    staff.keyboard.press("r")
    staff.keyboard.press("?")

    expect(staff.locator(".ppx-reasons__button").first).to_be_visible()
    axe(staff, "#content")


def test_staff_approve_reject_and_undo_by_keys(staff: Page, demo: Demo) -> None:
    first, second, third = waiting(demo)[:3]
    staff.goto(f"{demo.url}{MODERATE}")
    picture = staff.locator(".ppx-shot__picture").first
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 400

    staff.keyboard.press("a")

    expect(staff.locator(".messagelist")).to_contain_text("Approved, and the reward is on its way.")
    expect(staff.locator(".ppx-mod__title")).to_have_text(f"Submission #{second}")
    assert status(demo, first) == "approved"
    code = demo.rows(
        "SELECT c.code FROM django_ppx_discountcode c JOIN django_ppx_ugcsubmission s"
        " ON s.reward_id = c.reward_id WHERE s.id = ?",
        first,
    )[0][0]
    assert code.startswith("PHOTO")

    staff.keyboard.press("r")
    staff.keyboard.press("1")

    expect(staff.locator(".ppx-mod__title")).to_have_text(f"Submission #{third}")
    assert status(demo, second) == "rejected"

    staff.keyboard.press("u")

    expect(staff.locator(".ppx-mod__title")).to_have_text(f"Submission #{second}")
    assert status(demo, second) == "waiting"

    staff.keyboard.press("s")
    expect(staff.locator(".ppx-mod__title")).to_have_text(f"Submission #{third}")
    staff.keyboard.press("ArrowLeft")
    expect(staff.locator(".ppx-mod__title")).to_have_text(f"Submission #{second}")


def test_letters_typed_into_the_words_decide_nothing(staff: Page, demo: Demo) -> None:
    first = waiting(demo)[0]
    staff.goto(f"{demo.url}{MODERATE}")
    staff.keyboard.press("r")

    staff.get_by_label("Words to the customer").press_sequentially("a 1 s u")
    staff.keyboard.press("Escape")

    expect(staff.locator(".ppx-reasons__button").first).not_to_be_visible()
    assert status(demo, first) == "waiting"


def test_many_are_decided_at_once(staff: Page, demo: Demo) -> None:
    one, two = waiting(demo)[-2:]
    staff.goto(f"{demo.url}{MODERATE}grid/")
    for pk in (one, two):
        staff.locator(f"[name=submissions][value='{pk}']").check()
    expect(staff.locator(".ppx-modbar__count")).to_contain_text("2 ticked")

    staff.get_by_label("Reason").select_option(label="Not your own picture")
    staff.get_by_role("button", name="Reject the ticked ones").click()

    expect(staff.locator(".messagelist")).to_have_text("2 submissions were rejected.")
    assert [status(demo, pk) for pk in (one, two)] == ["rejected", "rejected"]


def test_all_of_it_works_without_javascript(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=PHONE, java_script_enabled=False), demo)
    first, second = waiting(demo)[:2]
    staff.goto(f"{demo.url}{MODERATE}")

    staff.get_by_text("Reject…").click()
    staff.get_by_role("button", name="Not sharp, or too dark").click()

    expect(staff.locator(".ppx-mod__title")).to_have_text(f"Submission #{second}")
    assert status(demo, first) == "rejected"

    staff.get_by_role("button", name="Undo the rejection").click()
    staff.get_by_role("button", name="Approve").click()

    assert status(demo, first) == "approved"


def test_a_report_is_decided(staff: Page, demo: Demo) -> None:
    report, submission = demo.rows("SELECT id, submission_id FROM django_ppx_ugcreport")[0]
    staff.goto(f"{demo.url}{ADMIN}/ugcreport/{report}/change/")

    staff.get_by_label("Reason of the decision").fill("It was taken by somebody else.")
    staff.get_by_role("button", name="Take it down").click()

    expect(staff.locator(".messagelist")).to_have_text("It is taken down.")
    assert status(demo, submission) == "taken_down"
