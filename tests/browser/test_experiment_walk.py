"""An experiment from its form to the roll-out, in Chromium: thousands buy meanwhile, and the page says what is true."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from django_ppx.experiments.models import Experiment, ExperimentExposure
from django_ppx.testing import FakeShop, make_offer, make_variant
from tests.browser.experiment_pages import (
    ADMIN,
    Reviewer,
    answer,
    begin_draft,
    log_in,
    numbers,
    read_arm,
    save_and_start,
    verdict,
)
from tests.experiments.own_figures import (
    OwnArm,
    common_interval,
    compare_rates,
    count_arm,
    day_of,
    is_enough,
    own_cap,
    repeat_orders,
    seen_by_first_order,
    wilson,
)
from tests.experiments.shop_simulation import (
    NOTHING,
    Clock,
    Habits,
    Shopper,
    ShopSimulation,
    fixed_salts,
    local,
    moved_clock,
)

pytestmark = [pytest.mark.django_db(reset_sequences=True), pytest.mark.slow]

START = date(2026, 3, 9)
"""A Monday. The clocks change on 29 March."""
HEADLINES = {"A": "The bowl is on its way", "B": "Tea tastes best from it"}
TRUTH = {NOTHING: 0.12, "A": 0.12, "B": 0.22}
"""What part of customers buys again within 14 days, and keeps it, by what they see: B is 10 points better."""


@pytest.fixture(scope="session")
def server_url(django_db_setup, live_server) -> str:
    """The test host as a server. After the test database is made: the server's threads must not share a connection."""
    return live_server.url


@pytest.fixture(autouse=True)
def shop_settings(settings) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.experiments.shop_simulation"
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.SESSION_COOKIE_AGE = 400 * 24 * 3600  # staff stay logged in while weeks go by
    settings.MIDDLEWARE = [
        "example_project.middleware.ContentSecurityPolicyMiddleware",
        *settings.MIDDLEWARE,
    ]
    FakeShop.clear()
    with fixed_salts():
        yield
    FakeShop.clear()


@pytest.fixture
def clock(transactional_db) -> Iterator[Clock]:
    with moved_clock(local(START - timedelta(35), 0, 0)) as clock:
        yield clock


@pytest.fixture
def shop(clock: Clock) -> ShopSimulation:
    """A shop with five weeks behind it, in which it took orders by telephone and showed nothing."""
    User.objects.create_superuser("staff", "staff@example.com", "staff")
    shop = ShopSimulation(
        clock=clock, habits=Habits(keeps=TRUTH), headlines=HEADLINES, window_days=14, seed=26
    )
    shop.expect(320, first=START - timedelta(35), days=34, has_page=False)
    shop.run(local(START, 9))
    return shop


@pytest.fixture
def reviewer(open_page, axe) -> Reviewer:
    return Reviewer(open_page=open_page, axe=axe)


@pytest.fixture
def staff(open_page, server_url, shop: ShopSimulation) -> Page:
    return log_in(open_page(viewport={"width": 1280, "height": 900}), server_url)


def make_wordings(*labels: str) -> Any:
    offer = make_offer(name="Care", texts={"en": {"headline": HEADLINES["A"]}})
    for label in labels[1:]:
        make_variant(offer, label=label, texts={"en": {"headline": HEADLINES[label]}})
    return offer


def counted_looks(
    shop: ShopSimulation, *, days: int, window: int
) -> dict[date, tuple[OwnArm, OwnArm]]:
    """Return (B, A) as of the end of each day on which there may be a verdict, from the shop's own book."""
    found = {}
    for day in (START + timedelta(number) for number in range(7, days)):
        pair = tuple(
            count_arm(shop.shoppers, label, window=window, as_of=day) for label in ("B", "A")
        )
        if is_enough(*pair):
            found[day] = pair
    return found


def near(value: float) -> Any:
    """Return what equals `value`, a share, on a page that prints percent with one decimal."""
    return pytest.approx(100 * value, abs=0.0501)


def test_staff_learn_which_wording_is_better_and_roll_it_out(
    staff: Page, server_url, shop: ShopSimulation, reviewer: Reviewer, open_page
) -> None:
    offer = make_wordings("A", "B")
    result = set_up_the_test(staff, server_url, shop, reviewer)
    planned = Experiment.objects.get().planned_customers
    assert 1000 < planned < 2000

    cap = own_cap(shop.shoppers, before=shop.clock.now)
    shop.expect(2000, first=START + timedelta(1), days=42)
    shop.nightly(START + timedelta(1), days=61, every=2)
    shop.run(local(START + timedelta(61), 6))

    as_of = START + timedelta(60)
    a, b = (
        count_arm(shop.shoppers, label, window=14, as_of=as_of, cap=cap) for label in ("A", "B")
    )
    assert a.exposed + b.exposed == a.matured + b.matured == 2000
    staff.goto(result)
    expect(verdict(staff)).to_contain_text("“B” is better")
    reviewer.review(staff, "result")
    check_the_figures(staff, a, b, shop, planned=planned)
    check_the_file(staff, a, b)

    end = partial(answer, staff, reviewer=reviewer)
    end("Stop", why="It is clear by now", button="Stop the experiment")
    end("Decide", why="Ten points, whatever the weather", button="Decide")
    end("Roll out the winner", why="As decided", button="Roll out")
    expect(staff.locator(".ppx-history")).to_contain_text("Ten points, whatever the weather")
    reviewer.review(staff, "rolled-out")

    shop.expect(12, first=START + timedelta(61), days=1)
    shop.run(local(START + timedelta(62), 6))
    assert [shopper.saw for shopper in shop.shoppers[-12:]] == ["B"] * 12
    customer = open_page(locale="en-GB")
    customer.goto(f"{server_url}/thanks/{shop.shoppers[-1].orders[0].number}/")
    expect(customer.get_by_role("heading", name=HEADLINES["B"])).to_be_visible()
    assert ExperimentExposure.objects.count() == 2000
    staff.goto(f"{server_url}{ADMIN}/experiment/")
    reviewer.review(staff, "list")
    staff.goto(f"{server_url}{ADMIN}/offer/{offer.pk}/numbers/")
    reviewer.review(staff, "numbers")


def set_up_the_test(staff: Page, url: str, shop: ShopSimulation, reviewer: Reviewer) -> str:
    """Fill in the form by what the planner says, start, and return the address of the result."""
    staff.goto(f"{url}{ADMIN}/experiment/add/")
    reviewer.review(staff, "choose")
    planner = begin_draft(staff, url, offer="Care", name="Wording of the card")
    staff.fill("#id_hypothesis", "Who thinks of tea comes back sooner.")
    staff.fill("#id_window_days", "14")
    staff.fill("#id_smallest_lift_percent", "50")
    staff.locator("[name=secondary_metrics][value=revenue]").check()
    known = seen_by_first_order(shop.shoppers)
    history = count_arm(known, "history", window=14, as_of=START - timedelta(1))
    expect(planner).to_contain_text(
        f"bought again within 14 days ({history.repeats} of {history.matured} customers)"
    )
    expect(planner).to_contain_text("As entered:")
    reviewer.review(staff, "form-new")
    staff.get_by_role("button", name="Save and continue editing").click()
    reviewer.review(staff, "form")
    staff.get_by_role("link", name="Start …").click()
    reviewer.review(staff, "start")
    staff.go_back()
    save_and_start(staff)
    reviewer.review(staff, "form-running")
    staff.get_by_role("link", name="Result").click()
    expect(verdict(staff)).to_contain_text("Not yet")
    reviewer.review(staff, "result-first-day")
    return staff.url


def check_the_figures(
    page: Page, a: OwnArm, b: OwnArm, shop: ShopSimulation, *, planned: int
) -> None:
    """Hold the page against the shop's own book, and its interval against the truth."""
    shown_a, shown_b = read_arm(page, "A"), read_arm(page, "B")
    for shown, own in ((shown_a, a), (shown_b, b)):
        assert (shown.exposed, shown.matured) == (own.exposed, own.matured)
        assert shown.mean == near(own.rate)
        assert shown.mean_interval == tuple(map(near, wilson(own.repeats, own.matured)))
    assert shown_a.difference is None
    assert shown_b.difference == near(b.rate - a.rate)
    assert shown_b.lift == near(b.rate / a.rate - 1)
    looks = counted_looks(shop, days=61, window=14)
    low, high = common_interval(looks, planned=planned, alpha=0.01)
    assert shown_b.interval == (near(low), near(high))
    assert shown_b.interval[0] < 100 * (TRUTH["B"] - TRUTH["A"]) < shown_b.interval[1]
    expect(page.locator(".ppx-badge", has_text="Sample ratio")).to_have_text("Sample ratio: clean")


def check_the_file(page: Page, a: OwnArm, b: OwnArm) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    with open(download.value.path(), encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["section"] == "arm"]
    found = {(row["arm"], row["counted"]): row for row in rows}
    for label, own in (("A", a), ("B", b)):
        assert float(found[label, "repeat"]["total"]) == own.repeats
        assert float(found[label, "repeat"]["mean"]) == pytest.approx(own.rate)
        assert float(found[label, "revenue"]["total"]) == own.revenue / 100
    difference = float(found["B", "repeat"]["difference"])
    assert difference == pytest.approx(compare_rates(b, a).difference)


def test_an_offer_is_compared_with_showing_nothing(
    staff: Page, server_url, shop: ShopSimulation, reviewer: Reviewer
) -> None:
    make_wordings("A")
    shop.habits = Habits(keeps={NOTHING: 0.1, "A": 0.4})
    planner = begin_draft(staff, server_url, offer="Care", name="Care against nothing")
    staff.fill("#id_window_days", "14")
    staff.fill("#id_smallest_lift_percent", "150")
    expect(planner).to_contain_text("As entered:")
    expect(staff.locator("#id_holdout_percent")).to_have_value("50")
    save_and_start(staff)
    staff.get_by_role("link", name="Result").click()

    shop.expect(240, first=START + timedelta(1), days=20)
    shop.nightly(START + timedelta(1), days=36)
    shop.run(local(START + timedelta(36), 6))
    staff.reload()

    own = {
        saw: count_arm(shop.shoppers, saw, window=14, as_of=START + timedelta(35))
        for saw in ("A", NOTHING)
    }
    shown, nothing = read_arm(staff, "A"), read_arm(staff, "Nothing shown")
    assert (shown.exposed, shown.mean) == (own["A"].exposed, near(own["A"].rate))
    assert (nothing.exposed, nothing.mean) == (own[NOTHING].exposed, near(own[NOTHING].rate))
    assert shown.exposed + nothing.exposed == 240
    expect(verdict(staff)).to_contain_text("“A” is better")
    assert shown.interval[0] < 30 < shown.interval[1]
    reviewer.review(staff, "result-holdout")


def test_a_broken_sample_ratio_withholds_the_verdict_and_says_why(
    staff: Page, server_url, shop: ShopSimulation, reviewer: Reviewer
) -> None:
    make_wordings("A", "B")
    begin_draft(staff, server_url, offer="Care", name="Wording, prerendered")
    staff.fill("#id_window_days", "7")
    staff.fill("#id_planned_customers", "300")
    save_and_start(staff)
    staff.get_by_role("link", name="Result").click()

    # Half of the pages with B come from a copy that a machine fetched: these customers never ask for theirs.
    shop.prerendered = {"B": 0.5}
    shop.window_days = 7
    shop.habits = Habits(keeps={NOTHING: 0.1, "A": 0.1, "B": 0.6})
    shop.expect(440, first=START + timedelta(1), days=20)
    shop.nightly(START + timedelta(1), days=30)
    shop.run(local(START + timedelta(30), 6))
    staff.reload()

    a, b = (
        count_arm(shop.shoppers, label, window=7, as_of=START + timedelta(29))
        for label in ("A", "B")
    )
    assert b.exposed < 0.65 * a.exposed
    assert (read_arm(staff, "A").exposed, read_arm(staff, "B").exposed) == (a.exposed, b.exposed)
    expect(verdict(staff)).to_contain_text("No verdict")
    expect(verdict(staff)).not_to_contain_text("is better")
    assert {a.exposed, b.exposed} & set(map(int, numbers(verdict(staff).inner_text())))
    expect(staff.locator(".ppx-badge", has_text="Sample ratio")).to_have_text(
        "Sample ratio: broken"
    )
    expect(staff.locator("table.ppx-arms").first).not_to_contain_text("better")
    reviewer.review(staff, "result-broken")


def test_a_merged_guest_a_late_refund_and_new_shares_are_each_seen_on_the_page(
    staff: Page, server_url, shop: ShopSimulation, reviewer: Reviewer
) -> None:
    make_wordings("A", "B")
    begin_draft(staff, server_url, offer="Care", name="Wording with surprises")
    staff.fill("#id_window_days", "7")
    staff.fill("#id_planned_customers", "300")
    save_and_start(staff)
    staff.get_by_role("link", name="Result").click()
    result, first_phase = staff.url, len(shop.shoppers)
    shop.window_days = 7
    shop.habits = Habits(keeps=dict.fromkeys((NOTHING, "A", "B"), 0.3), registers=0)
    shop.expect(100, first=START + timedelta(1), days=10)
    shop.nightly(START + timedelta(1), days=40)

    person = meet_a_guest_who_has_an_account(shop, START + timedelta(4))
    shop.run(local(START + timedelta(20), 6))
    staff.goto(result)
    everybody = [*shop.shoppers[first_phase:], person]
    before = shown_counts(staff)
    assert before == own_counts(everybody, START + timedelta(19))
    expect(staff.locator(".ppx-notes")).to_contain_text("1 customer saw two arms")

    arm = give_the_only_repeat_order_back(shop, everybody)
    staff.reload()
    assert shown_counts(staff) == before
    shop.run(local(START + timedelta(21), 6))
    staff.reload()
    exposed, matured, repeats = before[arm]
    assert shown_counts(staff) == {**before, arm: (exposed, matured, repeats - 1)}
    assert shown_counts(staff) == own_counts(everybody, START + timedelta(20))

    change_the_shares(staff, reviewer)
    second_phase = len(shop.shoppers)
    shop.expect(60, first=START + timedelta(22), days=6)
    shop.run(local(START + timedelta(36), 6))
    staff.goto(result)
    newcomers = shop.shoppers[second_phase:]
    assert shown_counts(staff) == own_counts(newcomers, START + timedelta(35))
    a, b = (read_arm(staff, label).exposed for label in ("A", "B"))
    assert (a + b, b > 1.8 * a) == (60, True)
    expect(staff.locator("table.ppx-arms").first).to_contain_text("planned 75.0%")
    reviewer.review(staff, "result-second-phase")
    staff.get_by_role("link", name="Phase 1").click()
    assert shown_counts(staff) == own_counts(everybody, START + timedelta(35))


def meet_a_guest_who_has_an_account(shop: ShopSimulation, day: date) -> Shopper:
    """Let a guest and an account see different wordings, and turn out to be one person; return that one."""
    shop.run(local(day, 10))
    guest = Shopper(email="guest@example.com")
    shop.look(guest, shop.buy(guest))
    shop.run(local(day, 14))
    for number in range(20):
        account = Shopper(email=f"work-{number}@example.com", account_id=f"account {number}")
        shop.look(account, shop.buy(account))
        if account.saw != guest.saw:
            break
        shop.shoppers.append(account)
    shop.run(local(day + timedelta(2), 10))
    account.email = guest.email
    shop.buy(account)
    guest.orders += account.orders
    return guest


def give_the_only_repeat_order_back(shop: ShopSimulation, everybody: list[Shopper]) -> str:
    """Send back, today, the one order by which somebody counts as having bought again; return what they saw."""
    today = day_of(shop.clock.now)
    for shopper in everybody:
        kept = repeat_orders(shopper, window=7, as_of=today - timedelta(1))
        if len(kept) == 1:
            shop.give_back(kept[0], kept[0].gross)
            return shopper.saw
    raise AssertionError("nobody bought again")


def change_the_shares(staff: Page, reviewer: Reviewer) -> None:
    staff.get_by_role("link", name="Settings").click()
    staff.get_by_role("link", name="Change shares").click()
    reviewer.review(staff, "shares")
    staff.get_by_label(re.compile("^B:?$")).fill("3")
    staff.get_by_label("Why").fill("B costs nothing, so more of it")
    staff.get_by_role("button", name="Begin the new phase").click()
    expect(staff.locator(".messagelist .success")).to_be_visible()


Counts = dict[str, tuple[int, int, int]]
"""By arm: exposed, matured, bought again."""


def shown_counts(page: Page) -> Counts:
    found = {label: read_arm(page, label) for label in ("A", "B")}
    return {
        label: (arm.exposed, arm.matured, round(arm.mean * arm.matured / 100))
        for label, arm in found.items()
    }


def own_counts(shoppers: list[Shopper], as_of: date) -> Counts:
    found = {label: count_arm(shoppers, label, window=7, as_of=as_of) for label in ("A", "B")}
    return {label: (arm.exposed, arm.matured, arm.repeats) for label, arm in found.items()}
