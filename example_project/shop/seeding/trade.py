"""Half a year of ordinary trade, day by day: orders, their pages, what goes back, and what experiments make of it.

It is there for numbers to be seen. The orders that the demo's pages and rewards are about come from `history`.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django_ppx.conf import ppx_settings
from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.ledger import note_complaint
from django_ppx.core.money import to_major
from django_ppx.rewards.undoing import settle_order

from ..models import Order, Product
from .books import Books, Sale
from .buyers import Buyer, Crowd
from .pages import Pages
from .trials import Trials

DAYS = 180
# What may go wrong with an order, how likely it is, and after how many days.
FATES = (
    ("cancelled", 0.015, (1, 1)),
    ("refunded", 0.02, (8, 16)),
    ("refunded in part", 0.015, (6, 14)),
    ("complained", 0.012, (4, 12)),
)


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of an order one day."""

    sale: Sale
    name: str


class Trade:
    """Runs the shop from 180 days ago until yesterday evening, with a chance that is the same on every run."""

    def __init__(self, *, now: datetime, products: list[Product]) -> None:
        self.zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
        self.today = now.astimezone(self.zone).date()
        self.chance = random.Random(1908)  # noqa: S311
        self.crowd = Crowd(days=DAYS, chance=self.chance)
        self.books = Books(now=now, products=products, chance=self.chance)
        self.trials = Trials(now=now, at=self.at)
        self.pages = Pages(trials=self.trials, chance=self.chance)
        self.fates: defaultdict[int, list[Fate]] = defaultdict(list)

    def write(self) -> None:
        for day in range(DAYS):
            self.trials.begin_day(day)
            sales = self.books.take(self.visits(day))
            with_card = self.pages.open(sales, day=day)
            for sale in sales:
                saw_card = sale.purchase.pk in with_card
                self.crowd.leave(sale.buyer, day=day, saw_card=saw_card)
                self.draw_fate(sale, day)
            for fate in self.fates.pop(day, []):
                self.meet(fate, self.at(day, 19 * 60))
            self.trials.end_day(day)

    def at(self, day: int, minute: int) -> datetime:
        """Return the instant of a local day, numbered from the first of the trade, and a minute of it."""
        date = self.today - timedelta(days=DAYS - day)
        clock = time(hour=minute // 60, minute=minute % 60)
        return datetime.combine(date, clock, tzinfo=self.zone)

    def visits(self, day: int) -> list[tuple[Buyer, datetime]]:
        """Return the orders of one day from morning to evening."""
        buyers = self.crowd.of(day, weekday=self.at(day, 0).weekday())
        minutes = sorted(self.chance.randrange(8 * 60, 18 * 60) for _ in buyers)
        return [
            (buyer, self.at(day, minute)) for buyer, minute in zip(buyers, minutes, strict=True)
        ]

    def draw_fate(self, sale: Sale, day: int) -> None:
        draw = self.chance.random()
        for name, likelihood, (soonest, latest) in FATES:
            if draw < likelihood:
                met_on = day + self.chance.randint(soonest, latest)
                self.fates[met_on].append(Fate(sale=sale, name=name))
                return
            draw -= likelihood

    def meet(self, fate: Fate, now: datetime) -> None:
        """Cancel, refund or complain, in the shop and in django-ppx, on the day on which it happened."""
        order, purchase = fate.sale.order, fate.sale.purchase
        if fate.name == "cancelled":
            cancel_purchase(purchase=purchase, now=now)
            Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED)
        elif fate.name == "refunded":
            refund_purchase(purchase=purchase, now=now)
            Order.objects.filter(pk=order.pk).update(status=Order.Status.REFUNDED)
        elif fate.name == "refunded in part":
            part = to_major(purchase.total_minor // 3, purchase.currency)
            refund_purchase(purchase=purchase, amount=part, now=now)
        else:
            note_complaint(purchase=purchase, reference="", at=now, now=now)
            return
        settle_order(purchase=purchase, now=now)
        code = fate.sale.buyer.code
        if code is not None and code.purchase_id == purchase.pk:
            fate.sale.buyer.code = None  # it may have been taken back with the order that earned it
