"""The whole way of a photo, in Chromium: sent in from a phone, approved by a key, rewarded, shown, withdrawn, gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from django_ppx.testing.ugc import photo
from tests.browser.demo import Demo, serve_demo
from tests.browser.test_walk import buy, log_in, newest_order

SAMPLES = Path(__file__).parents[1] / "ugc" / "samples"
CAPTION = "Rain outside, tea inside"
EMAIL = "sender@example.com"
PHONE = {"viewport": {"width": 375, "height": 800}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture
def files(tmp_path) -> list[str]:
    """Two photos and a video."""
    paths = [tmp_path / "one.jpg", tmp_path / "two.jpg", tmp_path / "film.mp4"]
    for path in paths[:2]:
        path.write_bytes(photo(size=(1600, 1200)).read())
    paths[2].write_bytes((SAMPLES / "film.mp4").read_bytes())
    return [str(path) for path in paths]


def send_in(guest: Page, files: list[str]) -> None:
    guest.set_input_files("input[name=files]", files)
    expect(
        guest.locator("[data-ppx-item] [data-ppx-remove], [data-ppx-item] button")
    ).to_have_count(3)
    expect(guest.locator("progress:visible")).to_have_count(0)
    guest.get_by_label("Your words").fill(CAPTION)
    for box in guest.locator(".ppx-ugc__box input").all():
        box.check()
    guest.get_by_role("button", name="Send").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")


def mail(demo: Demo, key: str) -> str:
    [(text,)] = demo.rows("SELECT text FROM django_ppx_outboxmail WHERE key LIKE ?", key)
    return str(text)


def on_product_page(page: Page, demo: Demo, product: str):
    page.goto(demo.url + product)
    return page.locator(".ppx-gallery").get_by_alt_text(CAPTION)


def test_a_photo_goes_the_whole_way_and_back(open_page, demo: Demo, files) -> None:
    guest = open_page(**PHONE)
    buy(guest, demo, email=EMAIL)
    guest.goto(demo.url)
    product = guest.locator("a[href^='/product/']").first.get_attribute("href")
    guest.go_back()

    guest.locator("a[href*='/take-part/']").click()
    send_in(guest, files)

    [(sent, media)] = demo.rows(
        "SELECT s.id, count(*) FROM django_ppx_ugcsubmission s JOIN django_ppx_ugcmedia m"
        " ON m.submission_id = s.id WHERE s.caption = ? GROUP BY s.id",
        CAPTION,
    )
    assert media == 3
    stranger = open_page(viewport={"width": 1280, "height": 900})
    expect(on_product_page(stranger, demo, product)).to_have_count(0)

    staff = log_in(open_page(viewport={"width": 1280, "height": 900}), demo)
    staff.goto(f"{demo.url}/admin/django_ppx/ugcsubmission/moderate/?at={sent}")
    while CAPTION not in staff.locator("#content").inner_text():
        staff.keyboard.press("s")
        staff.wait_for_load_state()
    staff.keyboard.press("a")
    staff.wait_for_load_state()
    expect(staff.locator("#content")).not_to_contain_text(CAPTION)

    approved = mail(demo, f"ugc-approved:{sent}")
    code = re.search(r"\bPHOTO(-[A-HJKMNP-Z2-9]{4}){3}\b", approved)
    assert code is not None, approved
    buy(guest, demo, email=EMAIL, code=code[0])
    _number, discount, used = newest_order(demo)
    assert discount > 0
    assert used.replace("-", "") == code[0].replace("-", "")

    shown = on_product_page(stranger, demo, product)
    expect(shown.first).to_be_visible()
    shown.first.scroll_into_view_if_needed()
    stranger.wait_for_function(
        "alt => [...document.querySelectorAll('.ppx-gallery img')]"
        ".some(image => image.alt === alt && image.complete && image.naturalWidth > 100)",
        arg=CAPTION,
    )
    address = shown.first.evaluate("image => image.currentSrc")
    assert stranger.request.get(address).status == 200

    link = re.search(r"https?://\S+/ugc/mine/\S+", approved)
    assert link is not None
    elsewhere = open_page(**PHONE)  # from the mail, on another device
    elsewhere.goto(link[0])
    elsewhere.get_by_role("link", name="Withdraw it").click()
    elsewhere.get_by_role("button", name="Withdraw").click()
    elsewhere.wait_for_load_state()

    expect(on_product_page(stranger, demo, product)).to_have_count(0)
    assert stranger.request.get(address).status == 404
    assert demo.rows(
        "SELECT status, published_at FROM django_ppx_ugcsubmission WHERE id = ?", sent
    ) == [("withdrawn", None)]
    left = [path for path in (demo.database.parent / "files").rglob("*") if path.is_file()]
    names = demo.rows("SELECT key FROM django_ppx_ugcmedia WHERE submission_id = ?", sent)
    assert not [path for path in left if path.parent.name in {name for (name,) in names}]
