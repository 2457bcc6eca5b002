"""Whether what many processes were answered fits together, and fits the tables they left.

An order may hold a use from the moment it first asks for it until somebody gives it back: at most so many may hold one
code, and who was refused must have met that many (or the money, or the person's limit) while asking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

from tests.rewards.load_shop import DISCOUNT, LOWEST_BUDGET, MOST_PER_CUSTOMER

REFUSALS = frozenset({"used_up", "budget_spent", "customer_limit", "expired", "revoked"})
UNSURE = frozenset({"ok", "killed", "busy"})


@dataclass(frozen=True)
class Event:
    begun: float
    ended: float
    operation: str
    code: str
    order: str
    answer: str
    """"killed": nobody knows what became of it."""

    @property
    def takes(self) -> bool:
        return self.answer in UNSURE and self.operation.startswith(("redeem", "reserve"))


@dataclass(frozen=True)
class Fact:
    """What the checker knows of a code beforehand."""

    max_uses: int
    benefit: int
    is_limited: bool
    """Whether a customer may use it so often only."""
    is_revoked: bool


@dataclass
class History:
    """The events, by what they concern."""

    events: list[Event]
    facts: Mapping[str, Fact]
    person_of: Mapping[str, str]
    takes: dict[tuple[str, str], list[Event]] = field(default_factory=lambda: defaultdict(list))
    returns: dict[tuple[str, str], list[Event]] = field(default_factory=lambda: defaultdict(list))
    undone: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for event in self.events:
            if event.takes:
                self.takes[(event.code, event.order)].append(event)
            elif event.operation == "release":
                self.returns[(event.code, event.order)].append(event)
            elif event.operation in {"cancel", "refund"}:
                self.undone[event.order].append(event)
        self.held = {key: list(self._spans(key)) for key in self.takes}
        self.by_code: dict[str, list[tuple[str, list[tuple[float, float]]]]] = defaultdict(list)
        for (code, order), spans in self.held.items():
            self.by_code[code].append((order, spans))

    def given_back(self, key: tuple[str, str]) -> list[Event]:
        """Return everything that may have given this use back."""
        return [*self.returns[key], *self.undone[key[1]]]

    def holders(self, code: str, begun: float, ended: float) -> set[str]:
        """Return the orders that may have held a use of the code at some moment between the two."""
        return {
            order
            for order, spans in self.by_code[code]
            if any(start <= ended and end >= begun for start, end in spans)
        }

    def _spans(self, key: tuple[str, str]) -> Iterator[tuple[float, float]]:
        back = sorted(self.returns[key], key=lambda event: event.begun)
        for take in self.takes[key]:
            if take.operation == "reserve 0":  # lapsed at once: free for whoever wants it
                yield (take.begun, take.ended)
                continue
            first = next((event for event in back if event.begun >= take.ended), None)
            yield (take.begun, inf if first is None else first.ended)


def contradictions(history: History, standing: Mapping[tuple[str, str], str]) -> list[str]:
    """Return what does not fit; `standing` maps (code, order) to the status of each standing use."""
    return [
        *_faults(history.events),
        *_lost(history, standing),
        *_invented(history, standing),
        *_unjustified(history),
        *_doubled(history.events),
    ]


def _faults(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if event.answer.startswith("error"):
            yield f"{event.operation} of {event.code} for {event.order}: {event.answer}"


def _lost(history: History, standing: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for key, takes in history.takes.items():
        last = max((event.ended for event in history.given_back(key)), default=-inf)
        sure = [
            take
            for take in takes
            if take.answer == "ok" and take.begun > last and take.operation != "reserve 0"
        ]
        if sure and key not in standing:
            yield f"{key} was answered ok by {sure[-1].operation}, not given back, and is gone"
        if any(take.operation == "redeem" for take in sure) and standing.get(key) == "reserved":
            yield f"{key} was redeemed, and is reserved"


def _invented(history: History, standing: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for key in standing:
        if key not in history.takes and key[0] in history.facts:
            yield f"{key} stands, and nobody was told so"


def _unjustified(history: History) -> Iterator[str]:
    for event in history.events:
        fact = history.facts.get(event.code)
        if fact is None or event.answer not in REFUSALS:
            continue
        named = f"{event.operation} of {event.code} for {event.order} was refused: {event.answer}"
        if event.answer == "used_up":
            met = history.holders(event.code, event.begun, event.ended)
            if len(met) < fact.max_uses:
                yield f"{named}, while {len(met)} of {fact.max_uses} were held"
        elif event.answer == "revoked":
            if not fact.is_revoked:
                yield f"{named}, and it never was withdrawn"
        elif event.answer == "expired":
            yield f"{named}, a month too early"
        elif event.answer == "customer_limit" and not fact.is_limited:
            yield f"{named}, and it has no such limit"
        else:
            yield from _without_limit_met(history, fact, event, named)


def _without_limit_met(history: History, fact: Fact, event: Event, named: str) -> Iterator[str]:
    met = [
        order
        for code, known in history.facts.items()
        if known.benefit == fact.benefit
        for order in history.holders(code, event.begun, event.ended)
    ]
    if event.answer == "budget_spent" and (len(met) + 1) * DISCOUNT <= LOWEST_BUDGET:
        yield f"{named}, while {len(met)} uses may have counted"
    mine = [o for o in met if history.person_of[o] == history.person_of[event.order]]
    if event.answer == "customer_limit" and len(mine) < MOST_PER_CUSTOMER:
        yield f"{named}, while {len(mine)} of {MOST_PER_CUSTOMER} were held"


def _doubled(events: Iterable[Event]) -> Iterator[str]:
    """Rewards of one order and benefit are one: the tables say so; here, that the answers never changed."""
    seen: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.operation == "grant" and event.answer not in {"undone", ""}:
            for reward in event.answer.split():
                if reward.isdigit():
                    seen[reward].add(event.order)
    for reward, orders in seen.items():
        if len(orders) > 1:
            yield f"reward {reward} was given to {sorted(orders)}"
