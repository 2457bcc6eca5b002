"""What the database is asked for a funnel: a constant number of queries, whatever the period and the variants.

How many were shown is counted by the database; of those who did something, one row per presentation is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum

from django_ppx.core.calendar import day_number, day_of_number, start_of_local_day
from django_ppx.core.models import Purchase, PurchaseEntry
from django_ppx.events.models import OfferEvent
from django_ppx.insights.funnel_days import local_day_index, local_midnights
from django_ppx.insights.funnels import ACTION_DAYS, FunnelPeriod
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption

CLAIMS: Final = (OfferEvent.Name.COPY, OfferEvent.Name.SHARE, OfferEvent.Name.SUBMIT)
CLICKS: Final = (OfferEvent.Name.CLICK, *CLAIMS)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCounts:
    """Customers by their first presentation: all, and those whose 7 days and whose D days are over."""

    all: int = 0
    acted: int = 0
    ordered: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Acted:
    """What a customer did with one presentation, in time. `day_no` is the local day on which it was shown."""

    customer: int
    variant: int
    day_no: int
    is_clicked: bool = False
    is_claimed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """A use, in time, of the code that a presentation gave."""

    customer: int
    variant: int
    day_no: int
    order_ref: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderNet:
    """What one order brought in, less what went back. In its own currency where a part of it has no rate."""

    currency: str
    net_minor: int


class FunnelQueries:
    """The queries for one offer and one period. Test orders are left out of all of them."""

    def __init__(self, *, offer_id: int, period: FunnelPeriod, zone: ZoneInfo) -> None:
        self.offer_id = offer_id
        self.period = period
        self.zone = zone
        self.midnights = local_midnights(period.first, period.last, zone)
        self.as_of_no = (period.as_of - day_of_number(0)).days

    def shown(self) -> ShownCounts:
        """Return how many customers were shown the offer. One query."""
        found = self._firsts("customer").aggregate(**self._cuts())
        return ShownCounts(**found)

    def shown_by_variant(self, variant_ids: list[int]) -> Mapping[int, ShownCounts]:
        """Return the same for each variant: a customer who was shown two counts at both. One query."""
        counts = {
            f"{name}_{variant_id}": Count("customer", filter=condition & Q(variant=variant_id))
            for variant_id in variant_ids
            for name, condition in self._conditions().items()
        }
        found = self._firsts("customer", "variant").aggregate(**counts)
        return {
            variant_id: ShownCounts(
                **{name: found[f"{name}_{variant_id}"] for name in self._conditions()}
            )
            for variant_id in variant_ids
        }

    def shown_by_day(self) -> Mapping[int, int]:
        """Return how many customers were shown the offer on each day, numbered from the period's first. One query."""
        rows = (
            self._presentations()
            .annotate(day=local_day_index("presented_at", self.midnights))
            .values("day")
            .annotate(n=Count("customer", distinct=True))
        )
        return {row["day"]: row["n"] for row in rows}

    def seen(self) -> int:
        """Return on how many customers' screens the offer was reported. One query."""
        seen = self._events(names=(OfferEvent.Name.IMPRESSION,)).aggregate(
            n=Count("presentation__customer", distinct=True)
        )
        return int(seen["n"])

    def acted(self) -> Iterator[Acted]:
        """Yield what was clicked and claimed in time; a presentation may come twice. Two queries."""
        for row in self._first_actions():
            customer, variant, shown_at, clicked_at, claimed_at = row
            day_no = day_number(shown_at, self.zone)
            yield Acted(
                customer=customer,
                variant=variant,
                day_no=day_no,
                is_clicked=self._is_in_time(clicked_at, day_no, ACTION_DAYS),
                is_claimed=self._is_in_time(claimed_at, day_no, ACTION_DAYS),
            )
        done = self._presentations().filter(done_at__isnull=False)
        for customer, variant, shown_at, done_at in done.values_list(
            "customer", "variant", "presented_at", "done_at"
        ).iterator(chunk_size=5000):
            day_no = day_number(shown_at, self.zone)
            yield Acted(
                customer=customer,
                variant=variant,
                day_no=day_no,
                is_claimed=self._is_in_time(done_at, day_no, ACTION_DAYS),
            )

    def used(self) -> Iterator[Used]:
        """Yield the standing uses of the codes that were given, in time, the oldest first. One query."""
        path = "code__presentations__"
        rows = (
            self._redemptions()
            .order_by("pk")
            .values_list(
                f"{path}customer",
                f"{path}variant",
                f"{path}presented_at",
                "order_ref",
                "redeemed_at",
            )
        )
        for customer, variant, shown_at, order_ref, redeemed_at in rows:
            day_no = day_number(shown_at, self.zone)
            if self._is_in_time(redeemed_at, day_no, self.period.redeem_days):
                yield Used(customer=customer, variant=variant, day_no=day_no, order_ref=order_ref)

    def order_nets(self) -> Mapping[str, OrderNet]:
        """Return the net revenue of the orders that used these codes, as known at `as_of`. One query."""
        rows = (
            PurchaseEntry.objects.filter(
                purchase__order_ref__in=self._redemptions().values("order_ref"),
                recorded_day_no__lte=self.as_of_no,
            )
            .values("purchase__order_ref", "currency", "base_currency")
            .annotate(
                net=Sum("net_minor"),
                base=Sum("base_net_minor"),
                without_rate=Count("pk", filter=Q(base_net_minor__isnull=True)),
            )
            .order_by()
        )
        by_order: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            by_order.setdefault(row["purchase__order_ref"], []).append(row)
        return {order_ref: _net(found) for order_ref, found in by_order.items()}

    def _presentations(self) -> QuerySet[OfferPresentation]:
        return OfferPresentation.objects.filter(self._in_period()).order_by()

    def _in_period(self, path: str = "") -> Q:
        """Return the condition on presentations; customers who became one have theirs together already."""
        return Q(
            **{
                f"{path}offer": self.offer_id,
                f"{path}presented_at__gte": self.midnights[0],
                f"{path}presented_at__lt": self.midnights[-1],
                f"{path}purchase__is_test": False,
            }
        )

    def _firsts(self, *columns: str) -> Any:
        return self._presentations().values(*columns).annotate(first=Min("presented_at"))

    def _conditions(self) -> Mapping[str, Q]:
        acted, ordered = (
            start_of_local_day(day_of_number(self.as_of_no - window + 1), self.zone)
            for window in (ACTION_DAYS, self.period.redeem_days)
        )
        return {"all": Q(), "acted": Q(first__lt=acted), "ordered": Q(first__lt=ordered)}

    def _cuts(self) -> dict[str, Count]:
        return {
            name: Count("customer", filter=condition)
            for name, condition in self._conditions().items()
        }

    def _events(self, *, names: tuple[str, ...]) -> QuerySet[OfferEvent]:
        return (
            OfferEvent.objects.human()
            .filter(self._in_period("presentation__"), offer=self.offer_id, name__in=names)
            .order_by()
        )

    def _first_actions(self) -> Iterator[Any]:
        return (
            self._events(names=CLICKS)
            .values("presentation")
            .annotate(
                shopper=F("presentation__customer"),
                variant_shown=F("presentation__variant"),
                shown_at=F("presentation__presented_at"),
                clicked_at=Min("occurred_at"),
                claimed_at=Min("occurred_at", filter=Q(name__in=CLAIMS)),
            )
            .values_list("shopper", "variant_shown", "shown_at", "clicked_at", "claimed_at")
            .iterator(chunk_size=5000)
        )

    def _redemptions(self) -> QuerySet[CodeRedemption]:
        tests = Purchase.objects.filter(order_ref=OuterRef("order_ref"), is_test=True)
        return (
            CodeRedemption.objects.redeemed()
            .filter(self._in_period("code__presentations__"))
            .exclude(Exists(tests))
        )

    def _is_in_time(self, at: datetime | None, shown_day_no: int, days: int) -> bool:
        if at is None:
            return False
        day_no = day_number(at, self.zone)
        return day_no <= min(shown_day_no + days, self.as_of_no)


def _net(rows: list[Mapping[str, Any]]) -> OrderNet:
    """Return the sum of an order's entries: in the base currency, if all of them are known in one."""
    is_converted = len(rows) == 1 and not rows[0]["without_rate"]
    if is_converted:
        return OrderNet(currency=rows[0]["base_currency"], net_minor=rows[0]["base"])
    return OrderNet(currency=rows[0]["currency"], net_minor=sum(row["net"] for row in rows))
