"""Who comes to the shop on which day: newcomers, and those who come back. By chance, the same on every run."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

from django_ppx.rewards.models import DiscountCode

from .people import PLACES

# From Monday to Sunday: people buy cups when they sit at home.
WEEKDAYS = (0.92, 0.88, 0.90, 0.98, 1.04, 1.08, 1.20)
FEWEST, GROWTH = 10, 2
"""Newcomers on the first day, and how many more on the last: the shop is growing."""
RETURNS_SOON = 0.10
RETURNS_SOON_WITH_CARD = 0.13
RETURNS_SOON_WITH_CODE = 0.36
"""Within 30 days of a first order. What the code does, an experiment of the demo has to find out."""
RETURNS_LATE = 0.12
RETURNS_AGAIN = 0.40


@dataclass(kw_only=True, eq=False)
class Buyer:
    """One person. A guest, whose address says nothing but a number."""

    number: int
    orders: int = 0
    code: DiscountCode | None = None
    """Copied, and not used yet."""
    dismissed: set[int] = field(default_factory=set)

    @property
    def email(self) -> str:
        return f"buyer-{self.number:04}@example.com"

    @property
    def place(self) -> tuple[str, str, str, str]:
        """City, postcode, country and language."""
        return PLACES[self.number % len(PLACES)]


class Crowd:
    """Everybody who buys, and when they will be back."""

    def __init__(self, *, days: int, chance: random.Random) -> None:
        self.days = days
        self.chance = chance
        self.numbers = 0
        self.due: defaultdict[int, list[Buyer]] = defaultdict(list)

    def of(self, day: int, *, weekday: int) -> list[Buyer]:
        """Return who buys on a day, in the order in which they come."""
        expected = (FEWEST + GROWTH * day / self.days) * WEEKDAYS[weekday]
        newcomers = round(expected + self.chance.uniform(-2.5, 2.5))
        first = self.numbers + 1
        self.numbers += newcomers
        found = [Buyer(number=number) for number in range(first, self.numbers + 1)]
        found += self.due.pop(day, [])
        self.chance.shuffle(found)
        return found

    def leave(self, buyer: Buyer, *, day: int, saw_card: bool) -> None:
        """Let a buyer go home after the order of `day`, and see whether they ever come back."""
        if buyer.orders > 1:
            wait = self.chance.randint(8, 75) if self.chance.random() < RETURNS_AGAIN else 0
        else:
            wait = self.first_wait(buyer, saw_card=saw_card)
        if wait:
            self.due[day + wait].append(buyer)

    def first_wait(self, buyer: Buyer, *, saw_card: bool) -> int:
        """Return after how many days somebody buys for the second time, 0 for never."""
        soon = RETURNS_SOON_WITH_CARD if saw_card else RETURNS_SOON
        if buyer.code is not None:
            soon = RETURNS_SOON_WITH_CODE
        if self.chance.random() < soon:
            return self.chance.randint(2, 30)
        return self.chance.randint(31, 110) if self.chance.random() < RETURNS_LATE else 0
