"""Chromium for the tests in this folder: every one of them is marked ``browser``.

Without Chromium they skip and say so; with ``PPX_REQUIRE_BROWSER=1`` they fail instead.
``PPX_CHROMIUM`` names the executable where it is not on the path.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

HERE = Path(__file__).parent
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
TIMEOUT_MS = 10_000

OpenPage = Callable[..., Page]
CheckAccessibility = Callable[..., None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium's executable."""
    named = os.environ.get("PPX_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, EXECUTABLES)), None)
    if found and Path(found).exists():
        return found
    looked_for = named or ", ".join(EXECUTABLES)
    reason = f"no Chromium: looked for {looked_for} (PPX_CHROMIUM names another)"
    if os.environ.get("PPX_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    # Playwright's synchronous API runs an event loop in this thread, and Django then refuses
    # every query of the test itself. Nothing here is asynchronous.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What went wrong in any page of this test; must be empty when it ends.

    A test that provokes an error on purpose asserts it here and then clears the list.
    """
    found: list[str] = []

    yield found

    assert found == []


@pytest.fixture
def open_page(browser: Browser, problems: list[str]) -> Iterator[OpenPage]:
    """Open a page in a context of its own; the options are those of ``Browser.new_context``.

    ``open_page(java_script_enabled=False)``, ``open_page(viewport={"width": 320, "height": 640})``,
    ``open_page(color_scheme="dark")``, ``open_page(forced_colors="active")``,
    ``open_page(locale="de-DE")``. A second page is a second visitor: nothing is shared.
    """
    contexts = []

    def open_one(**options: object) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, problems)
        return page

    yield open_one

    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A desktop page of a new visitor."""
    return open_page(viewport={"width": 1280, "height": 900})


@pytest.fixture
def axe() -> CheckAccessibility:
    """Fail with axe's own report where the page breaks a rule of WCAG 2.2 AA.

    ``axe(page)`` or ``axe(page, ".ppx-offers")`` for a part of it.
    """

    def check(page: Page, selector: str | None = None) -> None:
        options = {"runOnly": {"type": "tag", "values": list(WCAG_2_2_AA)}}
        results = Axe().run(page, context=selector, options=options)
        assert results.violations_count == 0, results.generate_report()

    return check


def watch(page: Page, problems: list[str]) -> None:
    """Collect console errors, uncaught exceptions, failed requests and requests to other hosts."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and not is_first_party(request.url):
            problems.append(f"third party: {request.url}")

    def on_failed(request: Request) -> None:
        # A page that is left aborts what it was still loading.
        if is_first_party(request.url) and request.failure != "net::ERR_ABORTED":
            problems.append(f"failed: {request.method} {request.url} ({request.failure})")

    def on_response(response: Response) -> None:
        if is_first_party(response.url) and response.status >= 400:
            problems.append(f"{response.status}: {response.request.method} {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    page.on("request", on_request)
    page.on("requestfailed", on_failed)
    page.on("response", on_response)


def is_first_party(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "testserver"}
