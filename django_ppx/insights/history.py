"""The shop's own history as numbers that a test can be planned from: how many take part a day, and what they do.

From orders: each customer counts once. Their first order of the observed days is taken as the moment at which they
would have seen the offer; what they bought on the D days after it is what is counted. An order counts that is not
cancelled and was free or has a net above zero; the order of the beginning need only not be cancelled. Test orders are
in no figure. Everything that is known now counts, also what was recorded late.

From an offer that has run: each customer counts once, from the first time the offer was put on a page of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import Count, Min

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import (
    day_number,
    day_of_number,
    last_complete_day,
    start_of_local_day,
)
from django_ppx.core.models import PurchaseEntry
from django_ppx.events.models import CLAIMS, CLICKS, OfferEvent
from django_ppx.experiments.models import Metric
from django_ppx.experiments.models.experiments import MONEY, NEEDS_THE_OFFER
from django_ppx.experiments.samples import Arm
from django_ppx.experiments.starting import money_terms
from django_ppx.insights.history_sql import NO_CAP, history_sql
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption

ORDER_DAYS: Final = 120
"""Days on which customers begin to be observed, ending D days before the last complete day."""
OFFER_DAYS: Final = 56
TRAFFIC_DAYS: Final = 56
"""Eight weeks: what customers a day are counted over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """Customers of `days` days, each counted once. `is_of_offer`: who saw the offer; otherwise all who bought."""

    customers: int
    days: int
    is_of_offer: bool = False

    @property
    def daily(self) -> float:
        """Customers a day: 560 in 56 days are 10."""
        return self.customers / self.days if self.days else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What customers did within `window_days` days. Money is in minor units of `currency`.

    `values` has one value per customer, zeros included: 1 for a yes, or what they brought in, each order cut to the
    99th percentile of orders. `active` is how many of them did it, or bought, at all.
    """

    metric: Metric
    window_days: int
    first_day: date
    last_day: date
    values: Arm
    active: int
    currency: str = ""
    left_out: int = 0
    """Customers whose money is of another currency and has no rate, or whose costs are not known."""

    @property
    def customers(self) -> int:
        return self.values.customers

    @property
    def rate(self) -> float | None:
        """The share of customers who did it, 0 to 1; None without customers."""
        return self.active / self.customers if self.customers else None

    @property
    def is_from_offer(self) -> bool:
        return self.metric in NEEDS_THE_OFFER


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyFacts:
    """What the shop tells about money. `currency` is "" when nobody says in which it is counted."""

    currency: str
    has_costs: bool


def read_traffic(*, offer_id: int | None, now: datetime) -> Traffic:
    """Return who saw an offer in the last eight weeks; if nobody did, who bought. At most two queries."""
    zone = _zone()
    as_of = last_complete_day(now, zone)
    if offer_id is not None:
        since, until = _instant(as_of - TRAFFIC_DAYS + 1, zone), _instant(as_of + 1, zone)
        shown = _presentations(offer_id, since, until).aggregate(
            customers=Count("customer", distinct=True), first=Min("presented_at")
        )
        if shown["customers"]:
            days = as_of - day_number(shown["first"], zone) + 1
            return Traffic(customers=shown["customers"], days=days, is_of_offer=True)
    bought = PurchaseEntry.objects.filter(
        type=PurchaseEntry.Type.PURCHASE,
        order_day_no__gt=as_of - TRAFFIC_DAYS,
        order_day_no__lte=as_of,
    ).aggregate(customers=Count("customer", distinct=True), first=Min("order_day_no"))
    if not bought["customers"]:
        return Traffic(customers=0, days=0)
    return Traffic(customers=bought["customers"], days=as_of - bought["first"] + 1)


def read_history(
    *, metric: Metric, window_days: int, offer_id: int | None, now: datetime
) -> History:
    """Return what the shop's customers did within the window. One query from orders, two from an
    offer (three of claims), three where money is counted.
    """
    if metric in NEEDS_THE_OFFER:
        return _of_offer(metric, window_days, offer_id, now)
    return _of_orders(metric, window_days, now)


def read_money_facts(*, now: datetime) -> MoneyFacts:
    """Return in which currency an experiment would count money, and whether the shop gives costs. Three queries."""
    as_of = last_complete_day(now, _zone())
    with_cost = PurchaseEntry.objects.filter(
        type=PurchaseEntry.Type.PURCHASE,
        order_day_no__gt=as_of - ORDER_DAYS,
        base_cost_minor__isnull=False,
    )
    return MoneyFacts(currency=money_terms(now=now).currency, has_costs=with_cost.exists())


def _of_orders(metric: Metric, window_days: int, now: datetime) -> History:
    as_of = last_complete_day(now, _zone())
    last = as_of - window_days
    first = last - ORDER_DAYS + 1
    is_money = metric in MONEY
    currency = ""
    values: dict[str, Any] = {"first": first, "last": last, "as_of": as_of, "days": window_days}
    if is_money:
        terms = money_terms(now=now)  # what the start would freeze
        currency = terms.currency
        cap = NO_CAP if terms.winsor_cap_minor is None else terms.winsor_cap_minor
        values |= {"currency": currency, "cap": cap}
    with connections[PurchaseEntry.objects.db].cursor() as cursor:
        cursor.execute(history_sql(metric), values)
        row = cursor.fetchone()
    customers, active, known, known_active, total, squares = row
    counted = int(known or 0) if is_money else int(customers)
    return History(
        metric=metric,
        window_days=window_days,
        first_day=day_of_number(first),
        last_day=day_of_number(last),
        values=Arm(
            customers=counted,
            total=float(total or 0) if is_money else int(active or 0),
            squares=float(squares or 0) if is_money else int(active or 0),
        ),
        active=int((known_active if is_money else active) or 0),
        currency=currency,
        left_out=int(customers) - counted,
    )


def _of_offer(metric: Metric, window_days: int, offer_id: int | None, now: datetime) -> History:
    zone = _zone()
    last = last_complete_day(now, zone) - window_days
    first = last - OFFER_DAYS + 1
    since = _instant(first, zone)
    shown: dict[int, tuple[datetime, str]] = {}
    did: set[int] = set()
    if offer_id is not None:
        rows = _presentations(offer_id, since, _instant(last + 1, zone)).order_by("-presented_at")
        for customer, at, order in rows.values_list(
            "customer", "presented_at", "purchase__order_ref"
        ):
            shown[customer] = (at, order)  # the earliest comes last
        for customer, at, order in _acts(metric, offer_id, since):
            begun, its_order = shown.get(customer, (None, ""))
            if begun is None or customer in did or at < begun or order == its_order:
                continue
            if day_number(at, zone) <= day_number(begun, zone) + window_days:
                did.add(customer)
    return History(
        metric=metric,
        window_days=window_days,
        first_day=day_of_number(first),
        last_day=day_of_number(last),
        values=Arm.of_counts(customers=len(shown), successes=len(did)),
        active=len(did),
    )


def _acts(metric: Metric, offer_id: int, since: datetime) -> Iterator[tuple[int, Any, str]]:
    """Yield customer, when and with which order ("" for none) of each act that counts, as `insights.statements`."""
    if metric is Metric.REDEEMED:
        yield from (
            CodeRedemption.objects.redeemed()
            .filter(code__presentations__offer=offer_id, redeemed_at__gte=since)
            .values_list("code__presentations__customer", "redeemed_at", "order_ref")
        )
        return
    names = CLICKS if metric is Metric.CLICKED else CLAIMS
    events = OfferEvent.objects.human().filter(
        offer=offer_id, name__in=names, occurred_at__gte=since, customer__isnull=False
    )
    yield from (
        (customer, at, "") for customer, at in events.values_list("customer", "occurred_at")
    )
    if metric is Metric.CLAIMED:
        done = OfferPresentation.objects.filter(offer=offer_id, done_at__gte=since)
        yield from ((customer, at, "") for customer, at in done.values_list("customer", "done_at"))


def _presentations(offer_id: int, since: datetime, until: datetime) -> Any:
    return OfferPresentation.objects.filter(
        offer=offer_id, purchase__is_test=False, presented_at__gte=since, presented_at__lt=until
    ).order_by()


def _instant(day_no: int, zone: ZoneInfo) -> datetime:
    return start_of_local_day(day_of_number(day_no), zone)


def _zone() -> ZoneInfo:
    return ZoneInfo(ppx_settings.PPX_TIME_ZONE)
