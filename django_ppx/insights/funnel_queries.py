"""What the database is asked for a funnel: a constant number of queries, whatever the period and the variants.

How many were shown is counted by the database; of those who did something, one row per presentation is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Sum, Value

from django_ppx.core.calendar import day_number, day_of_number, start_of_local_day
from django_ppx.core.models import Purchase, PurchaseEntry
from django_ppx.events.models import CLAIMS, CLICKS, OfferEvent
from django_ppx.insights.funnel_days import local_day_index, local_midnights
from django_ppx.insights.funnels import ACTION_DAYS, FunnelPeriod
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCounts:
    """Customers by their first presentation: all, and those whose 7 days and whose D days are over."""

    all: int = 0
    acted: int = 0
    ordered: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Acted:
    """What a customer did, in time, with what was shown on one local day, numbered from the period's first."""

    customer: int
    variant: int
    day: int
    is_clicked: bool = False
    is_claimed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """A use, in time, of the code that a presentation gave."""

    customer: int
    variant: int
    day: int
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
        self.known_midnights = local_midnights(period.first, period.as_of, zone)
        """Of all days of which something is known."""
        self.midnights = self.known_midnights[: period.days + 1]
        self.first_no, self.as_of_no = (
            (day - day_of_number(0)).days for day in (period.first, period.as_of)
        )

    def shown(self, variant_ids: list[int]) -> tuple[ShownCounts, Mapping[int, ShownCounts]]:
        """Return how many customers were shown the offer, and each of its variants. One query.

        A customer who was shown two variants counts at both.
        """
        firsts = {"first": Min("presented_at")} | {
            f"first_{variant_id}": Min("presented_at", filter=Q(variant=variant_id))
            for variant_id in variant_ids
        }
        counts = {
            f"{first}_{name}": Count(first, filter=Q(**{f"{first}__lt": cut}) if cut else None)
            for first in firsts
            for name, cut in self._cuts().items()
        }
        per_customer = self._presentations().values("customer").annotate(**firsts)
        found = per_customer.aggregate(**counts)

        def counts_of(first: str) -> ShownCounts:
            return ShownCounts(**{name: found[f"{first}_{name}"] for name in self._cuts()})

        by_variant = {variant_id: counts_of(f"first_{variant_id}") for variant_id in variant_ids}
        return counts_of("first"), by_variant

    def shown_by_day(self) -> Mapping[int, int]:
        """Return how many customers were shown the offer on each day, numbered from the period's first. One query."""
        rows = (
            self._presentations()
            .annotate(day=local_day_index("presented_at", self.midnights))
            .values("day")
            .annotate(n=Count("customer", distinct=True))
        )
        return {row["day"]: row["n"] for row in rows}

    def acted(self) -> Iterator[Acted]:
        """Yield what customers clicked and claimed in time; a customer and day may come twice. Two queries."""
        for customer, variant, day, clicked, claimed in (*self._first_actions(), *self._done()):
            yield Acted(
                customer=customer,
                variant=variant,
                day=day,
                is_clicked=clicked is not None and clicked <= day + ACTION_DAYS,
                is_claimed=claimed is not None and claimed <= day + ACTION_DAYS,
            )

    def used(self) -> Iterator[Used]:
        """Yield the standing uses of the codes that were given, in time, the oldest first. One query."""
        path = "code__presentations__"
        rows = (
            self._redemptions()
            .filter(redeemed_at__lt=self.known_midnights[-1])
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
            shown_no, used_no = (day_number(at, self.zone) for at in (shown_at, redeemed_at))
            if used_no <= shown_no + self.period.redeem_days:
                yield Used(
                    customer=customer,
                    variant=variant,
                    day=shown_no - self.first_no,
                    order_ref=order_ref,
                )

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
        rows = OfferPresentation.objects.filter(self._in_period())
        return rows.exclude(_is_test("purchase")).order_by()

    def _in_period(self, path: str = "") -> Q:
        """Return the condition on presentations; customers who became one have theirs together already."""
        return Q(
            **{
                f"{path}offer": self.offer_id,
                f"{path}presented_at__gte": self.midnights[0],
                f"{path}presented_at__lt": self.midnights[-1],
            }
        )

    def _cuts(self) -> Mapping[str, datetime | None]:
        """Return the instants before which a customer's first presentation counts."""
        acted, ordered = (
            start_of_local_day(day_of_number(self.as_of_no - window + 1), self.zone)
            for window in (ACTION_DAYS, self.period.redeem_days)
        )
        return {"all": None, "acted": acted, "ordered": ordered}

    def _first_actions(self) -> QuerySet[OfferEvent, Any]:
        """Return customer, variant, day, and the days of the first click and the first claim."""
        done_on = local_day_index("occurred_at", self.known_midnights)
        return (
            OfferEvent.objects.human()
            .filter(
                self._in_period("presentation__"),
                offer=self.offer_id,
                name__in=CLICKS,
                # What is too late for the last day is too late for all: the index need not read it.
                occurred_at__gte=self.midnights[0],
                occurred_at__lt=self.known_midnights[: self.period.days + ACTION_DAYS + 1][-1],
            )
            .exclude(_is_test("presentation__purchase"))
            .order_by()
            .annotate(
                shopper=F("presentation__customer"),
                variant_shown=F("presentation__variant"),
                day=local_day_index("presentation__presented_at", self.midnights),
            )
            .values("shopper", "variant_shown", "day")
            .annotate(clicked=Min(done_on), claimed=Min(done_on, filter=Q(name__in=CLAIMS)))
            .values_list("shopper", "variant_shown", "day", "clicked", "claimed")
        )

    def _done(self) -> QuerySet[OfferPresentation, Any]:
        """Return the same of what was done without an event of ours."""
        return (
            self._presentations()
            .filter(done_at__lt=self.known_midnights[-1])
            .annotate(
                day=local_day_index("presented_at", self.midnights),
                clicked=Value(None, output_field=IntegerField()),
                claimed=local_day_index("done_at", self.known_midnights),
            )
            .values_list("customer", "variant", "day", "clicked", "claimed")
        )

    def _redemptions(self) -> QuerySet[CodeRedemption]:
        test_uses = Purchase.objects.filter(order_ref=OuterRef("order_ref"), is_test=True)
        return (
            CodeRedemption.objects.redeemed()
            .filter(
                self._in_period("code__presentations__"),
                ~_is_test("code__presentations__purchase"),
            )
            .exclude(Exists(test_uses))
        )


def _is_test(purchase: str) -> Exists:
    """Return whether a purchase is a test. Few are: joined the other way round, every row would look its own up."""
    return Exists(Purchase.objects.filter(pk=OuterRef(purchase), is_test=True))


def _net(rows: list[Mapping[str, Any]]) -> OrderNet:
    """Return the sum of an order's entries: in the base currency, if all of them are known in one."""
    is_converted = len(rows) == 1 and not rows[0]["without_rate"]
    if is_converted:
        return OrderNet(currency=rows[0]["base_currency"], net_minor=rows[0]["base"])
    return OrderNet(currency=rows[0]["currency"], net_minor=sum(row["net"] for row in rows))
