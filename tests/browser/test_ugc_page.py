"""The page of a UGC reward in Chromium: a phone, a keyboard, no script; 320 pixels, right to left, axe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from django_ppx.testing import FakeShop, make_purchase, make_ugc_offer
from django_ppx.testing.ugc import photo
from django_ppx.ugc.deciding import approve
from django_ppx.ugc.models import UGCRewardOfferText, UGCSubmission
from tests.ugc.sending import path_of

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 375, "height": 800}, "has_touch": True, "is_mobile": True}
VIEWS = [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")]
PICTURES = os.environ.get("PPX_TEST_PICTURES", "")


@pytest.fixture(autouse=True)
def shop(settings):
    settings.ROOT_URLCONF = "example_project.urls"
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.MIDDLEWARE = [
        "example_project.middleware.ContentSecurityPolicyMiddleware",
        *settings.MIDDLEWARE,
    ]
    FakeShop.clear()
    yield
    FakeShop.clear()


@pytest.fixture(scope="session")
def server_url(django_db_setup, live_server) -> str:
    """The test host as a server. After the test database is made: the server's threads must not share a connection."""
    return live_server.url


@pytest.fixture
def address(server_url, transactional_db) -> str:
    offer = make_ugc_offer(minimum_age=16, max_per_customer=2)
    UGCRewardOfferText.objects.filter(ugc_offer=offer).update(post_text="My morning with the mug.")
    return server_url + path_of(offer, make_purchase())


@pytest.fixture
def photos(tmp_path) -> list[str]:
    """Two photos and a text file that claims to be one."""
    paths = [tmp_path / name for name in ("one.jpg", "two.jpg", "notes.jpg")]
    for path in paths[:2]:
        path.write_bytes(photo(size=(1600, 1200)).read())
    paths[2].write_bytes(b"These are notes. " * 400)
    return [str(path) for path in paths]


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"ugc-{name}.png", full_page=True)


def agree(page: Page) -> None:
    for box in page.locator(".ppx-ugc__box input").all():
        box.check()


def test_a_phone_sends_two_photos(open_page, address, photos) -> None:
    page = open_page(**PHONE)
    page.goto(address)
    expect(page.get_by_text("Use the camera")).to_be_visible()
    camera = page.locator("input[capture]")
    assert camera.get_attribute("accept") == "image/*"

    page.set_input_files("input[name=files]", photos)

    items = page.locator("[data-ppx-item]")
    expect(items).to_have_count(3)
    expect(items.locator("img")).to_have_count(2)
    expect(items.nth(2)).to_contain_text("Please choose a photo (JPEG, PNG, WebP) or a video")
    expect(page.locator("progress:visible")).to_have_count(0)
    picture(page, "phone-uploaded")
    items.nth(2).get_by_role("button", name="Remove notes.jpg").click()
    expect(items).to_have_count(2)
    items.nth(0).get_by_role("button", name="Remove one.jpg").click()
    expect(items).to_have_count(1)
    camera.set_input_files(photos[0])
    expect(items.locator("img")).to_have_count(2)
    page.get_by_label("Your words").fill("At the harbour")
    agree(page)
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")
    expect(page.locator(".ppx-ugc__shown img")).to_have_count(2)
    sent = UGCSubmission.objects.get()
    names = sent.media.order_by("position").values_list("original_name", flat=True)
    assert (sent.status, sent.caption, list(names)) == (
        "waiting", "At the harbour", ["two.jpg", "one.jpg"]
    )  # fmt: skip


def test_the_form_waits_for_its_files(open_page, address, photos) -> None:
    page = open_page(**PHONE)
    page.goto(address)
    agree(page)
    seen = []
    page.on("request", lambda request: seen.append(request.url.rstrip("/").split("/")[-1]))

    page.evaluate(
        "() => { window.values = []; new MutationObserver(() => document.querySelectorAll('progress')"
        ".forEach((bar) => window.values.push(bar.value))).observe(document.body,"
        " { subtree: true, attributes: true, attributeFilter: ['value'] }) }"
    )
    page.set_input_files("input[name=files]", photos[:2])
    page.locator(".ppx-ugc__button").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")
    assert [name for name in seen if name == "add"] == ["add", "add"]
    assert UGCSubmission.objects.get().media.count() == 2


def test_back_and_sent_again_is_the_same_submission(open_page, address, photos) -> None:
    page = open_page(**PHONE)
    page.goto(address)
    page.set_input_files("input[name=files]", photos[0])
    expect(page.locator("[data-ppx-item] img")).to_have_count(1)
    agree(page)
    page.locator(".ppx-ugc__button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")
    state = page.url

    page.go_back()
    if page.locator("[data-ppx-item]").count():  # kept as it was by the browser
        agree(page)
        page.locator(".ppx-ugc__button").click()
        page.wait_for_url(state)

    assert UGCSubmission.objects.sent().count() == 1


def test_files_are_dropped(page, address, photos) -> None:
    page.goto(address)
    expect(page.get_by_text("Drop them here, or")).to_be_visible()
    content = Path(photos[0]).read_bytes()

    data = page.evaluate_handle(
        "(bytes) => { const data = new DataTransfer();"
        " data.items.add(new File([new Uint8Array(bytes)], 'one.jpg', { type: 'image/jpeg' }));"
        " return data }",
        list(content),
    )
    page.dispatch_event("[data-ppx-drop]", "drop", {"dataTransfer": data})

    expect(page.locator("[data-ppx-item] img")).to_have_count(1)
    assert UGCSubmission.objects.get().media.count() == 1


def test_a_keyboard_is_enough(page, address, photos) -> None:
    page.goto(address)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "files"
        page.keyboard.press("Enter")
    chooser.value.set_files(photos[:2])
    expect(page.locator("[data-ppx-item] img")).to_have_count(2)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-ppx-item]")).to_have_count(1)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove two.jpg"

    reached = []
    for _press in range(20):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.tagName")
        reached.append(name)
        if name in {"has_agreed", "is_old_enough", "people_agreed"}:
            page.keyboard.press("Space")
        if name == "do":
            page.keyboard.press("Enter")
            break

    assert reached == [
        "BUTTON", "post_1", "post_2", "caption", "has_agreed", "SUMMARY", "is_old_enough",
        "people_agreed", "do",
    ]  # fmt: skip
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")


def test_without_a_script_bad_files_are_named_and_good_ones_kept(
    open_page, address, photos
) -> None:
    page = open_page(**PHONE, java_script_enabled=False)
    page.goto(address)
    picture(page, "no-script")
    box = page.locator("[data-ppx-drop]").bounding_box()
    assert box["x"] + box["width"] < 375
    page.set_input_files("input[name=files]", photos)
    page.get_by_label("Your words").fill("At the harbour")
    page.get_by_role("button", name="Add these files").click()

    expect(page.locator("[role=alert]")).to_contain_text("notes.jpg: Please choose a photo")
    expect(page.locator("[data-ppx-item]")).to_have_count(2)
    expect(page.get_by_label("Your words")).to_have_value("At the harbour")
    picture(page, "no-script-kept")
    page.get_by_role("button", name="Remove one.jpg").click()
    expect(page.locator("[data-ppx-item]")).to_have_count(1)
    agree(page)
    page.locator("#id_post_1").fill("https://www.instagram.com/p/Cx1abc/")
    page.locator("#id_post_1").press("Enter")  # sends, and does not remove the first file

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")
    page.get_by_role("link", name="Withdraw it").click()
    page.get_by_role("button", name="Yes, withdraw it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have withdrawn it")
    assert UGCSubmission.objects.get().status == "withdrawn"


def test_the_prepared_text_is_copied_with_its_disclosure_first(open_page, address) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(address)

    page.get_by_role("button", name="Copy text").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "#ad My morning with the mug."


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_state_is_accessible(open_page, address, photos, axe, width, scheme) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)

    def look(name: str) -> None:
        axe(page)
        picture(page, f"{name}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(address)
    page.set_input_files("input[name=files]", photos)
    expect(page.locator("[data-ppx-item] img")).to_have_count(2)
    expect(page.locator(".ppx-ugc__failure:visible")).to_have_count(1)
    look("form")
    page.locator(".ppx-ugc__button").click()
    expect(page.locator("[role=alert]")).to_be_focused()
    look("errors")
    agree(page)
    page.locator(".ppx-ugc__button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, it has arrived")
    look("waiting")
    approve(submission_id=UGCSubmission.objects.get().pk, by_id=None, now=timezone.now())
    page.reload()
    expect(page.locator(".ppx-code__text")).to_be_visible()
    look("approved")
    page.get_by_role("link", name="Withdraw it").click()
    expect(page.get_by_text("The reward stays as it is.")).to_be_visible()
    look("withdraw")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_nothing_overflows_a_small_screen(open_page, address, photos, tmp_path, language) -> None:
    page = open_page(viewport={"width": 320, "height": 640}, locale=language)
    long_name = tmp_path / f"{'a-very-long-name-' * 5}.jpg"
    Image.open(photos[0]).save(long_name)

    page.goto(address)
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    page.set_input_files("input[name=files]", [str(long_name), photos[2]])
    expect(page.locator("[data-ppx-item] img")).to_have_count(1)
    expect(page.locator(".ppx-ugc__failure:visible")).to_have_count(1)

    picture(page, f"small-{language}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
