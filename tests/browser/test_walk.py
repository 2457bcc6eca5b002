"""The whole way, in Chromium: staff make an offer, a guest buys, gets a code, uses it, and nobody uses it twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo, serve_demo

HEADLINE = "Ten percent, because it is you"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture
def staff(open_page, demo: Demo) -> Page:
    return log_in(open_page(viewport={"width": 1280, "height": 900}), demo)


def log_in(page: Page, demo: Demo) -> Page:
    page.goto(f"{demo.url}/admin/login/?next=/admin/")
    page.fill("#id_username", "staff")
    page.fill("#id_password", "staff")
    page.click("[type=submit]")
    return page


def create_discount(staff: Page, demo: Demo, *, name: str) -> None:
    staff.goto(f"{demo.url}/admin/django_ppx/benefit/add/")
    staff.fill("#id_name", name)
    staff.select_option("#id_type", "percent")
    staff.fill("#id_percent", "10")
    staff.click("[name=_save]")
    staff.goto(f"{demo.url}/admin/django_ppx/nextpurchasediscount/add/")
    staff.fill("#id_name", name)
    staff.select_option("#id_benefit", label=name)
    staff.fill("[name=variants-0-text_en_headline]", HEADLINE)
    staff.select_option("#id_status", "active")
    staff.locator("summary", has_text="Advanced").click()
    staff.fill("#id_priority", "0")  # the page has room for three
    staff.click("[name=_save]")
    expect(staff.locator(".messagelist .success")).to_contain_text(name)


def buy(page: Page, demo: Demo, *, email: str, code: str = "") -> None:
    """Put the first product into the basket and order it as a guest."""
    page.goto(demo.url)
    page.locator("a[href^='/product/']").first.click()
    page.get_by_role("button", name="Add to basket").click()
    if code:
        type_code(page, demo, code)
    page.goto(f"{demo.url}/checkout/")
    fields = {
        "email": email,
        "first_name": "Guest",
        "last_name": "Buyer",
        "street": "Harbour street 1",
        "postcode": "20457",
        "city": "Hamburg",
    }
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_load_state()


def type_code(page: Page, demo: Demo, code: str) -> None:
    page.goto(f"{demo.url}/basket/")
    page.fill("#ppx-code-field", code)
    page.locator(".ppx-code-form button[type=submit]").click()
    page.wait_for_load_state()


def card(page: Page):
    return page.locator("[data-ppx-card]", has_text=HEADLINE)


def shown_code(page: Page) -> str:
    return card(page).locator("[data-ppx-code]").inner_text().strip()


def newest_order(demo: Demo) -> tuple[int, float, str]:
    return demo.rows(
        "SELECT id + 10000, discount_amount, discount_code FROM shop_order ORDER BY id DESC"
    )[0]


def impressions(demo: Demo, order_number: int) -> int:
    return demo.rows(
        "SELECT count(*) FROM django_ppx_offerevent e"
        " JOIN django_ppx_offerpresentation p ON p.id = e.presentation_id"
        " JOIN django_ppx_purchase b ON b.id = p.purchase_id"
        " JOIN django_ppx_offervarianttext t ON t.variant_id = p.variant_id"
        " WHERE e.name = 'impression' AND b.order_ref = ? AND t.headline = ?",
        str(order_number),
        HEADLINE,
    )[0][0]


def test_a_customer_and_staff_walk_the_whole_way(open_page, staff, demo):
    create_discount(staff, demo, name="Walk: ten percent")
    guest = open_page(viewport={"width": 375, "height": 800}, permissions=["clipboard-read"])

    buy(guest, demo, email="walker@example.com")

    expect(card(guest)).to_be_visible()
    assert "10" in card(guest).inner_text()
    first_order = newest_order(demo)[0]
    code = shown_code(guest)
    assert re.fullmatch(r"[A-HJKMNP-Z2-9]{4}(-[A-HJKMNP-Z2-9]{4}){2}", code)

    card(guest).scroll_into_view_if_needed()
    card(guest).locator("[data-ppx-copy]").click()
    expect(card(guest).locator("[data-ppx-copy]")).to_contain_text("Copied")
    assert guest.evaluate("navigator.clipboard.readText()").replace("-", "") == code.replace(
        "-", ""
    )
    guest.wait_for_timeout(1500)  # an impression is a second in view
    guest.reload()
    assert shown_code(guest) == code
    card(guest).scroll_into_view_if_needed()
    guest.wait_for_timeout(1500)
    assert impressions(demo, first_order) == 1

    typed = code.lower().replace("-", " ")
    buy(guest, demo, email="walker@example.com", code=typed)

    number, discount, used = newest_order(demo)
    assert number != first_order
    assert discount > 0
    assert used.replace("-", "") == code.replace("-", "")
    assert demo.rows(
        "SELECT c.times_used, r.order_ref, r.discount_minor, r.currency FROM django_ppx_discountcode c"
        " JOIN django_ppx_coderedemption r ON r.code_id = c.id WHERE c.code = ?",
        code.replace("-", ""),
    ) == [(1, str(number), round(discount * 100), "EUR")]

    third = open_page(viewport={"width": 1280, "height": 900})
    third.goto(demo.url)
    third.locator("a[href^='/product/']").first.click()
    third.get_by_role("button", name="Add to basket").click()
    type_code(third, demo, code)

    refusal = third.locator("#ppx-code-message")
    expect(refusal).to_be_visible()
    assert len(refusal.inner_text().strip()) > 20
    assert newest_order(demo)[0] == number


def test_the_same_way_without_javascript(open_page, staff, demo):
    if not demo.rows("SELECT 1 FROM django_ppx_offervarianttext WHERE headline = ?", HEADLINE):
        create_discount(staff, demo, name="Walk: ten percent without script")
    guest = open_page(viewport={"width": 375, "height": 800}, java_script_enabled=False)

    buy(guest, demo, email="noscript@example.com")
    code = shown_code(guest)
    expect(card(guest).locator("[data-ppx-copy]")).to_be_hidden()
    guest.reload()
    assert shown_code(guest) == code
    first_order = newest_order(demo)[0]

    buy(guest, demo, email="noscript@example.com", code=code.lower().replace("-", " "))

    number, discount, _used = newest_order(demo)
    assert number != first_order
    assert discount > 0
    buy(guest, demo, email="noscript@example.com", code=code)
    assert newest_order(demo)[1] == 0 or newest_order(demo)[0] == number


def test_the_pages_carry_no_fault_of_accessibility(open_page, demo, axe):
    # axe puts styles of its own into the page, which the shop's CSP would refuse.
    staff = log_in(open_page(viewport={"width": 1280, "height": 900}, bypass_csp=True), demo)
    for path in (
        "/admin/django_ppx/offer/",
        "/admin/django_ppx/nextpurchasediscount/",
        "/admin/django_ppx/nextpurchasediscount/add/",
        "/admin/django_ppx/benefit/",
        "/admin/django_ppx/discountcode/",
        "/admin/django_ppx/audience/add/",
        "/admin/django_ppx/theme/add/",
    ):
        staff.goto(f"{demo.url}{path}")
        axe(staff, "#content")

    for options in (
        {"viewport": {"width": 320, "height": 700}},
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
        {"viewport": {"width": 375, "height": 800}, "forced_colors": "active"},
        {"viewport": {"width": 375, "height": 800}, "locale": "ar"},
        {"viewport": {"width": 320, "height": 800}, "locale": "de-DE"},
    ):
        page = open_page(bypass_csp=True, **options)
        page.goto(demo.address("Thank-you page"))
        expect(page.locator("[data-ppx-card]").first).to_be_visible()
        if "forced_colors" not in options:  # there axe compares colours that nobody sees
            axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= options["viewport"]["width"]
