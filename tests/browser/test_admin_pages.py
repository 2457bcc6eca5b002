"""The admin's own pages in Chromium, under the example's strict Content-Security-Policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo, serve_demo

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
ADMIN = "/admin/django_ppx"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture
def staff(open_page, demo: Demo) -> Page:
    return log_in(open_page(viewport=DESKTOP), demo)


def log_in(page: Page, demo: Demo) -> Page:
    page.goto(f"{demo.url}/admin/login/?next=/admin/")
    page.fill("#id_username", "staff")
    page.fill("#id_password", "staff")
    page.click("[type=submit]")
    return page


def offers_in_order(demo: Demo) -> list[int]:
    rows = demo.rows(
        "SELECT id FROM django_ppx_offer WHERE status <> 'archived' ORDER BY priority, id"
    )
    return [row[0] for row in rows]


def preview(page: Page):
    return page.frame_locator("[data-ppx-preview-frame]")


def test_the_preview_follows_what_is_typed(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/message/add/")
    expect(preview(staff).locator(".ppx-card__title")).to_have_text("Good to know")

    staff.fill("[name=variants-0-text_en_headline]", "Typed just now")
    expect(preview(staff).locator(".ppx-card__title")).to_have_text("Typed just now")

    staff.select_option("[name=variants-0-design]", "ticket")
    expect(preview(staff).locator(".ppx-card--ticket")).to_be_visible()

    staff.locator("[name=preview_scheme][value=dark]").check()
    expect(preview(staff).locator("html")).to_have_attribute("data-ppx-scheme", "dark")

    staff.select_option("[name=preview_language]", "de")
    expect(preview(staff).locator(".ppx-card__title")).to_have_text("Gut zu wissen")


def test_the_preview_is_as_wide_as_a_phone_or_a_desktop(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/message/add/")
    expect(preview(staff).locator(".ppx-card__title")).to_be_visible()
    frame = staff.locator("[data-ppx-preview-frame]")
    assert frame.evaluate("frame => frame.contentWindow.innerWidth") == 375

    staff.locator("[name=preview_width][value=desktop]").check()
    expect(preview(staff).locator(".preview__box--desktop")).to_be_visible()

    assert frame.evaluate("frame => frame.contentWindow.innerWidth") >= 780
    stage = staff.locator(".ppx-preview__stage").bounding_box()
    drawn = frame.bounding_box()
    assert stage is not None
    assert drawn is not None
    assert drawn["width"] <= stage["width"] + 1


def test_the_preview_opens_in_a_tab_without_javascript(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=DESKTOP, java_script_enabled=False), demo)
    staff.goto(f"{demo.url}{ADMIN}/message/add/")
    for code in ("en", "de"):
        expect(staff.locator(f"[name=variants-0-text_{code}_headline]")).to_be_visible()

    with staff.context.expect_page() as opened:
        staff.get_by_role("button", name="Open in a new tab").click()

    page = opened.value
    expect(page.locator(".preview__box--phone .ppx-card__title")).to_have_text("Good to know")
    expect(page.locator(".preview__box--desktop .ppx-card__title")).to_have_text("Good to know")


def test_languages_are_tabs_that_the_keyboard_reaches(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/message/add/")
    english = staff.get_by_role("tab", name="English").first
    german = staff.get_by_role("tab", name="German").first
    expect(english).to_have_attribute("aria-selected", "true")
    expect(staff.locator("[name=variants-0-text_de_headline]")).to_be_hidden()

    english.focus()
    staff.keyboard.press("ArrowRight")

    expect(german).to_be_focused()
    expect(staff.locator("[name=variants-0-text_de_headline]")).to_be_visible()
    expect(staff.locator("[name=variants-0-text_en_headline]")).to_be_hidden()


def test_a_further_variant_has_tabs_and_a_preview(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/message/add/")

    staff.locator("#variants-group .add-row a").click()
    staff.fill("[name=variants-1-label]", "B")
    staff.fill("[name=variants-1-text_en_headline]", "The second wording")

    expect(staff.locator("#variants-1").get_by_role("tab", name="German")).to_be_visible()
    expect(preview(staff).get_by_role("heading", name="The second wording")).to_be_visible()


def test_an_error_opens_the_tab_it_is_in(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/message/add/")
    staff.fill("#id_name", "Care")
    staff.get_by_role("tab", name="German").first.click()
    staff.fill("[name=variants-0-text_de_headline]", "")

    staff.click("[name=_save]")

    expect(staff.get_by_role("tab", name="German").first).to_have_attribute("aria-selected", "true")
    expect(staff.locator("[name=variants-0-text_de_headline]")).to_be_visible()


def test_offers_are_dragged_into_order(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/offer/")
    before = offers_in_order(demo)
    staff.locator(f"[data-ppx-grip='{before[1]}']").scroll_into_view_if_needed()
    first = staff.locator(f"[data-ppx-grip='{before[0]}']").bounding_box()
    second = staff.locator(f"[data-ppx-grip='{before[1]}']").bounding_box()
    assert first is not None
    assert second is not None

    staff.mouse.move(first["x"] + 5, first["y"] + 5)
    staff.mouse.down()
    staff.mouse.move(second["x"] + 5, second["y"] + second["height"] + 8, steps=8)
    staff.mouse.up()

    expect(staff.locator("[data-ppx-reorder-status]")).to_have_text("The order is saved.")
    assert offers_in_order(demo) == [before[1], before[0], *before[2:]]


def test_offers_are_moved_without_javascript(open_page, demo: Demo) -> None:
    staff = log_in(open_page(viewport=DESKTOP, java_script_enabled=False), demo)
    staff.goto(f"{demo.url}{ADMIN}/offer/")
    before = offers_in_order(demo)

    staff.locator(f"button[value='{before[1]}:up']").click()
    staff.wait_for_url(f"**/offer/#offer-{before[1]}")

    assert offers_in_order(demo) == [before[1], before[0], *before[2:]]


def test_a_rule_offers_only_what_its_trait_knows(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/audience/add/")
    staff.locator("#rules-group .add-row a").click()
    operator = staff.locator("[name=rules-0-operator]")
    value = staff.locator("[name=rules-0-value]")

    staff.select_option("[name=rules-0-trait]", "country")
    assert operator.locator("option").all_inner_texts() == ["---------", "is one of", "is none of"]

    staff.select_option("[name=rules-0-trait]", "orders_so_far")
    expect(value).to_have_attribute("type", "number")

    staff.select_option("[name=rules-0-trait]", "is_guest")
    operator.select_option("yes")
    expect(value).to_be_hidden()


def test_a_theme_is_seen_while_it_is_chosen(staff: Page, demo: Demo) -> None:
    staff.goto(f"{demo.url}{ADMIN}/theme/add/")
    stub = preview(staff).locator(".ppx-card__stub")
    expect(stub).to_be_visible()

    staff.locator("#id_accent").fill("#aa0000")

    expect(stub).to_have_css("background-color", "rgb(170, 0, 0)")

    staff.locator("#id_text").fill("#dddddd")
    expect(preview(staff).locator(".preview__notes")).to_contain_text("4.5 : 1 is needed")


def test_try_it_shows_the_cards_of_an_order(staff: Page, demo: Demo) -> None:
    order_ref = demo.rows("SELECT order_ref FROM django_ppx_purchase ORDER BY id DESC")[0][0]
    staff.goto(f"{demo.url}{ADMIN}/offer/try/")

    staff.fill("#id_order", order_ref)
    staff.get_by_role("button", name="Show").click()

    frame = staff.frame_locator(".ppx-result__frame")
    expect(frame.locator("[data-ppx-card]").first).to_be_visible()
    expect(staff.locator("#ppx-hidden")).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": DESKTOP, "color_scheme": "dark"},
        {"viewport": PHONE, "color_scheme": "light"},
        {"viewport": PHONE, "color_scheme": "dark", "locale": "de-DE"},
    ],
    ids=["dark", "phone", "dark phone in German"],
)
def test_no_page_has_a_fault_of_accessibility_or_scrolls_sideways(
    open_page, demo: Demo, axe, options
) -> None:
    # axe puts styles of its own into the page, which the policy would refuse.
    staff = log_in(open_page(bypass_csp=True, **options), demo)
    discount = demo.rows("SELECT offer_id FROM django_ppx_nextpurchasediscount")[0][0]
    for path in (
        "offer/",
        "offer/add/",
        "offer/try/",
        "nextpurchasediscount/",
        f"nextpurchasediscount/{discount}/change/",
        "audience/",
        "audience/add/",
        "theme/",
        "theme/add/",
        "purchase/",
        "customer/",
        "offerevent/",
        "offerpresentation/",
        "outboxmail/",
    ):
        staff.goto(f"{demo.url}{ADMIN}/{path}")
        axe(staff, "#content")
        width = staff.evaluate("document.documentElement.scrollWidth")
        assert width <= options["viewport"]["width"], path
