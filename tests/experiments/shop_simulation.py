"""A shop whose customers buy through the front door for weeks, under a clock that the test moves.

Nothing of ours is faked: orders come by `purchases.completed`, refunds by `purchases.refunded`, pages by HTTP, looks by
`ppx_measure`. What customers do depends on what stood on their page, by chances that the test states. The shop keeps
its own book of all that (`Shopper`); `own_figures` makes from it what our numbers are held against. The module is the
host's URLs, too.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from itertools import count
from random import Random
from typing import Final
from unittest import mock
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import path

from django_ppx import purchases
from django_ppx.experiments import changing, starting
from django_ppx.shop.types import Customer, Order, OrderLine
from django_ppx.testing import FakeShop
from tests import urls as base

ZONE: Final = ZoneInfo("Europe/Berlin")
NOTHING: Final = "nothing"
SHIPPING: Final = 490
BROWSER: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language": "en",
    "Sec-Fetch-Mode": "navigate",
}
PRERENDERER: Final = {"User-Agent": "Prerender/1.0 (HeadlessChrome)"}


def thank_you(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "host/thank_you.html", {"order": FakeShop.placed[number]})


def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [
    *base.urlpatterns,
    path("thanks/<str:number>/", thank_you),
    path("favicon.ico", favicon),
]


def local(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """Return a moment by the shop's wall clock."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


@dataclass(kw_only=True, slots=True)
class Clock:
    """What time it is, for every thread of the process."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now.astimezone(ZoneInfo("UTC"))


@contextmanager
def moved_clock(now: datetime) -> Iterator[Clock]:
    """Let it be `now` until the test moves on."""
    clock = Clock(now=now)
    with mock.patch("django.utils.timezone.now", clock):
        yield clock


@contextmanager
def fixed_salts() -> Iterator[None]:
    """Draw the salts of phases from a list, so that the same customers see the same in every run of a test."""
    numbers = count(1)

    def draw(length: int) -> str:
        return f"salt {next(numbers)}"

    with (
        mock.patch.object(starting, "get_random_string", draw),
        mock.patch.object(changing, "get_random_string", draw),
    ):
        yield


@dataclass(kw_only=True, slots=True)
class Bought:
    """One order as the shop itself knows it, in cents; `refunds` are (when, cents given back by then in all)."""

    number: str
    at: datetime
    gross: int
    refunds: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def net(self) -> int:
        return self.gross - SHIPPING


@dataclass(kw_only=True, slots=True)
class Shopper:
    """One person. `saw` is what stood on the page that they themselves opened first."""

    email: str
    account_id: str = ""
    saw: str = ""
    saw_at: datetime | None = None
    orders: list[Bought] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """The truth: what share of customers does what, 0 to 1. `keeps` is the effect, by what they saw."""

    keeps: Mapping[str, float]
    """Buy again within the window, and keep it."""
    sends_back: float = 0.03
    """Of the others: buy again within the window, and send all of it back within five days."""
    adds: float = 0.05
    """Order once more on the same day, which never counts."""
    comes_late: float = 0.1
    """Buy again after the window, which does not count."""
    complains: float = 0.1
    """Get half of a repeat order's money back."""
    registers: float = 0.2
    """Of those who buy again: with an account by then."""


@dataclass(kw_only=True)
class ShopSimulation:
    """The shop. `headlines` name what may stand on the page: label → headline; none of them is `NOTHING`."""

    clock: Clock
    habits: Habits
    headlines: Mapping[str, str]
    window_days: int
    seed: int
    prerendered: Mapping[str, float] = field(default_factory=dict)
    """Of customers whose page shows this: so many get it from a machine that fetched it, and never ask us for it."""
    shoppers: list[Shopper] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """What `ppx_measure` printed."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self._numbers = count(len(FakeShop.placed) + 1)
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order_of_events = count()
        self._browser, self._machine = Client(headers=BROWSER), Client(headers=PRERENDERER)

    def expect(self, customers: int, *, first: date, days: int, has_page: bool = True) -> None:
        """Let so many new customers come, spread over the days. Without a page they buy by telephone."""
        for _each in range(customers):
            number = len(self.shoppers) + 1
            shopper = Shopper(email=f"shopper-{self.seed}-{number}@example.com")
            self.shoppers.append(shopper)
            at = self._moment(first + timedelta(days=self.random.randrange(days)))
            self.at(at, lambda shopper=shopper: self.first_order(shopper, has_page=has_page))

    def nightly(self, first: date, *, days: int, every: int = 1) -> None:
        """Let cron run `ppx_measure` at 4:05 of these days; with `every` 2 it fails each second night."""
        for day in range(0, days, every):
            self.at(local(first + timedelta(days=day), 4, 5), self.measure)

    def at(self, moment: datetime, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order_of_events), event))

    def run(self, until: datetime) -> None:
        """Play what happens before `until`, in its order; then it is `until`."""
        while self._events and self._events[0][0] < until:
            moment, _order, event = heapq.heappop(self._events)
            self.clock.now = moment
            event()
        self.clock.now = until

    def measure(self) -> None:
        out = StringIO()
        call_command("ppx_measure", stdout=out)
        self.said.append(out.getvalue())

    def first_order(self, shopper: Shopper, *, has_page: bool = True) -> None:
        """Let the customer buy, see the page, and make up their mind about what comes next."""
        order = self.buy(shopper)
        self.clock.now += timedelta(seconds=20)
        saw = self.look(shopper, order) if has_page else NOTHING
        self._decide(shopper, saw)

    def buy(self, shopper: Shopper) -> Bought:
        """Place an order now and tell the front door."""
        gross = min(2500 + round(self.random.lognormvariate(8.2, 0.7)), 90_000)
        bought = Bought(number=f"{self.seed}-{next(self._numbers)}", at=self.clock.now, gross=gross)
        goods = Decimal(bought.net) / 100
        order = Order(
            number=bought.number,
            placed_at=bought.at,
            currency="EUR",
            total=Decimal(gross) / 100,
            shipping=Decimal(SHIPPING) / 100,
            customer=Customer(
                email=shopper.email, account_id=shopper.account_id, language="en", country="DE"
            ),
            lines=(OrderLine(title="Bowl", sku="BOWL-1", unit_price=goods, total=goods),),
        )
        assert purchases.completed(FakeShop.place(order)) is not None
        shopper.orders.append(bought)
        return bought

    def give_back(self, bought: Bought, cents: int) -> None:
        """Refund now, to so many cents in all."""
        assert purchases.refunded(bought.number, Decimal(cents) / 100) is not None
        bought.refunds.append((self.clock.now, cents))

    def look(self, shopper: Shopper, bought: Bought) -> str:
        """Return what stands on the thank-you page, and note it where the customer asked for it."""
        if self.prerendered:
            saw = self._page(self._machine, bought)
            if self.random.random() < self.prerendered.get(saw, 0):
                return saw
        saw = self._page(self._browser, bought)
        if shopper.saw_at is None:
            shopper.saw, shopper.saw_at = saw, self.clock.now
        return saw

    def _page(self, client: Client, bought: Bought) -> str:
        response = client.get(f"/thanks/{bought.number}/")
        assert response.status_code == 200
        text = response.content.decode()
        found = [label for label, headline in self.headlines.items() if headline in text]
        assert len(found) < 2, found
        return found[0] if found else NOTHING

    def _decide(self, shopper: Shopper, saw: str) -> None:
        habits, random, today = self.habits, self.random, self.clock.now.astimezone(ZONE).date()
        if random.random() < habits.adds:
            self.at(self.clock.now + timedelta(minutes=15), lambda: self._again(shopper))
        within = today + timedelta(days=random.randint(1, self.window_days))
        if random.random() < habits.keeps[saw]:
            is_half_back = random.random() < habits.complains
            if random.random() < habits.registers:
                account = f"account of {shopper.email}"
                self.at(local(within, 0, 1), lambda: setattr(shopper, "account_id", account))
            self.at(self._moment(within), lambda: self._again(shopper, 0.5 * is_half_back))
        elif random.random() < habits.sends_back:
            self.at(self._moment(within), lambda: self._again(shopper, 1))
        if random.random() < habits.comes_late:
            late = today + timedelta(days=self.window_days + random.randint(1, 20))
            self.at(self._moment(late), lambda: self._again(shopper))

    def _again(self, shopper: Shopper, part_back: float = 0) -> None:
        bought = self.buy(shopper)
        if shopper.saw_at is not None:
            self.look(shopper, bought)
        if part_back:
            back = self._moment(bought.at.date() + timedelta(days=self.random.randint(1, 5)))
            self.at(back, lambda: self.give_back(bought, int(bought.gross * part_back)))

    def _moment(self, day: date) -> datetime:
        """Return a moment when people shop, early and late ones among them; never one that a clock change skips."""
        return local(
            day, self.random.choice((0, 7, 9, 12, 15, 18, 20, 23)), self.random.randrange(40)
        )
