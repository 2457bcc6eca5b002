"""How staff work with experiments in Chromium, and how the numbers on the page of a result are read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

ADMIN = "/admin/django_ppx"
PICTURES = os.environ.get("PPX_TEST_PICTURES", "")
VIEWS = ((1280, "light"), (375, "dark"))
MORE_VIEWS = ((1280, "dark"), (375, "light")) if PICTURES else ()
NUMBER = re.compile(r"([+−-]?)(\d[\d,]*(?:\.\d+)?)")


def numbers(text: str) -> list[float]:
    """Return the numbers of a text as a person reads them: "−1.5 to +12.0 points" is [-1.5, 12.0]."""
    return [
        float(digits.replace(",", "")) * (-1 if sign in ("−", "-") else 1)
        for sign, digits in NUMBER.findall(text)
    ]


@dataclass(kw_only=True)
class Reviewer:
    """Looks at a page of staff on a desktop and on a phone, light and dark: axe, and no scrolling sideways.

    `PPX_TEST_PICTURES` names a folder for pictures of them.
    """

    open_page: Callable[..., Page]
    axe: Callable[..., None]
    _pages: dict[tuple[int, str], Page] = field(default_factory=dict)

    def review(self, staff: Page, name: str) -> None:
        """Look at the page that `staff` has before them."""
        for width, scheme in VIEWS + MORE_VIEWS:
            page = self._page(staff, width, scheme)
            page.goto(staff.url)
            if PICTURES:
                path = Path(PICTURES) / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=path, full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            self.axe(page, "#content")

    def _page(self, staff: Page, width: int, scheme: str) -> Page:
        if (width, scheme) not in self._pages:
            # axe puts styles of its own into the page, which the policy would refuse
            self._pages[width, scheme] = self.open_page(
                bypass_csp=True,
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                storage_state=staff.context.storage_state(),
            )
        return self._pages[width, scheme]


def log_in(page: Page, url: str) -> Page:
    page.goto(f"{url}/admin/login/?next=/admin/")
    page.fill("#id_username", "staff")
    page.fill("#id_password", "staff")
    page.click("[type=submit]")
    return page


def begin_draft(staff: Page, url: str, *, offer: str, name: str) -> Locator:
    """Choose the offer of a new experiment, name it, and return the planner's answer beside the form."""
    staff.goto(f"{url}{ADMIN}/experiment/add/")
    staff.get_by_role("link", name=offer).click()
    staff.fill("#id_name", name)
    return staff.locator("[data-ppx-planner-answer]")


def save_and_start(staff: Page) -> None:
    """Store the draft, read what starting means, and start."""
    staff.get_by_role("button", name="Save and continue editing").click()
    expect(staff.locator(".messagelist .success")).to_be_visible()
    staff.get_by_role("link", name="Start …").click()
    staff.get_by_role("button", name="Start", exact=True).click()
    expect(staff.locator(".messagelist .success")).to_contain_text("runs.")


def answer(staff: Page, link: str, *, why: str, button: str, reviewer: Reviewer) -> None:
    """Follow a button of the result page to its question, say why, and confirm."""
    staff.locator(".ppx-trial__tools").get_by_role("link", name=link).click()
    reviewer.review(staff, f"ask-{link.split()[0].lower()}")
    staff.get_by_label("Why").fill(why)
    staff.get_by_role("button", name=button).click()
    expect(staff.locator(".messagelist .success")).to_be_visible()


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownArm:
    """A row of the page's table. `low` and `high` are in the unit of `difference`, points for a rate."""

    exposed: int
    matured: int
    mean: float
    mean_interval: tuple[float, float]
    difference: float | None
    interval: tuple[float, float] | None
    lift: float | None


def read_arm(page: Page, label: str) -> ShownArm:
    row = page.locator("table.ppx-arms").first.locator("tbody tr")
    row = row.filter(has=page.locator("th", has_text=re.compile(rf"^\s*{re.escape(label)}")))

    def cell(name: str) -> list[float]:
        return numbers(row.locator(f"[data-label='{name}']").inner_text())

    mean = cell("Bought again")
    is_control = row.locator("[data-label='Difference']").count() == 0
    difference = [] if is_control else cell("Difference")
    return ShownArm(
        exposed=int(cell("Exposed")[0]),
        matured=int(cell("Matured")[0]),
        mean=mean[0],
        mean_interval=(mean[1], mean[2]),
        difference=None if is_control else difference[0],
        interval=None if is_control else (difference[1], difference[2]),
        lift=None if is_control else cell("Lift")[0],
    )


def verdict(page: Page) -> Locator:
    return page.get_by_role("region", name="Verdict")
