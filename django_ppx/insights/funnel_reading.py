"""Reads the funnel of an offer: what happened to the customers to whom it was shown in a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from django_ppx.conf import ppx_settings
from django_ppx.experiments.samples import Arm
from django_ppx.insights.funnel_queries import Acted, FunnelQueries, OrderNet, ShownCounts, Used
from django_ppx.insights.funnels import (
    ACTION_DAYS,
    Funnel,
    FunnelDay,
    FunnelPeriod,
    FunnelRevenue,
    FunnelStep,
    OfferFunnel,
    Rate,
    Step,
    VariantFunnel,
    steps_of,
)
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer

_Customers = dict[Step, set[int]]


def read_funnel(*, offer: Offer, period: FunnelPeriod) -> OfferFunnel:
    """Return the numbers of an offer, in at most seven queries.

    Everything is counted in local days of `PPX_TIME_ZONE`, and in customers: somebody with three orders is one. The
    offer is of a kind that is switched on.
    """
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    queries = FunnelQueries(offer_id=offer.pk, period=period, zone=zone)
    steps = steps_of(load_kinds()[offer.kind])
    labels = dict(offer.variants.order_by("pk").values_list("pk", "label"))
    total, variants = Tally.of(period), defaultdict[int, Tally](lambda: Tally.of(period))
    for acted in queries.acted():
        total.add_action(acted)
        variants[acted.variant].add_action(acted)
    nets: Mapping[str, OrderNet] = {}
    if Step.REDEEMED in steps:
        for used in queries.used():
            total.add_use(used)
            variants[used.variant].add_use(used)
        found = queries.order_nets() if total.orders else {}
        nets = {order_ref: net for order_ref, net in found.items() if order_ref in total.orders}
    shown, by_variant = queries.shown(list(labels) if len(labels) > 1 else [])
    return OfferFunnel(
        offer_id=offer.pk,
        period=period,
        total=total.funnel(steps, shown=shown, nets=nets),
        variants=tuple(
            VariantFunnel(
                variant_id=variant_id,
                label=labels[variant_id],
                funnel=variants[variant_id].funnel(steps, shown=counts, nets=nets),
            )
            for variant_id, counts in by_variant.items()
        ),
        days=_days(steps, period, shown=queries.shown_by_day(), total=total),
    )


@dataclass(slots=True)
class Tally:
    """Who took which step: everybody, those whose 7 days are over, those whose D days are; and on which day."""

    last_acted: int
    """The last day, numbered from the period's first, whose 7 days are over. Negative where there is none."""
    last_ordered: int
    all: _Customers = field(default_factory=lambda: defaultdict(set))
    acted: _Customers = field(default_factory=lambda: defaultdict(set))
    ordered: _Customers = field(default_factory=lambda: defaultdict(set))
    by_day: dict[int, _Customers] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    orders: dict[str, int] = field(default_factory=dict)
    """The customer to whose code an order counts, once."""
    closed_orders: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, period: FunnelPeriod) -> Tally:
        last_acted, last_ordered = (
            (period.closed_until(days) - period.first).days
            for days in (ACTION_DAYS, period.redeem_days)
        )
        return cls(last_acted=last_acted, last_ordered=last_ordered)

    def add_action(self, acted: Acted) -> None:
        if acted.is_clicked:
            self._add(Step.CLICKED, acted)
        if acted.is_claimed:
            self._add(Step.CLAIMED, acted)

    def add_use(self, used: Used) -> None:
        self._add(Step.REDEEMED, used)
        self.orders.setdefault(used.order_ref, used.customer)
        if used.day <= self.last_ordered:
            self.closed_orders.setdefault(used.order_ref, used.customer)

    def funnel(
        self, steps: tuple[Step, ...], *, shown: ShownCounts, nets: Mapping[str, OrderNet]
    ) -> Funnel:
        return Funnel(
            steps=tuple(self._step(step, steps, shown) for step in steps),
            revenue=self._revenue(nets, customers=shown.ordered),
            orders=len(self.orders),
            unknown_orders=sum(order_ref not in nets for order_ref in self.orders),
        )

    def _add(self, step: Step, done: Acted | Used) -> None:
        self.all[step].add(done.customer)
        self.by_day[done.day][step].add(done.customer)
        if done.day <= self.last_acted:
            self.acted[step].add(done.customer)
        if done.day <= self.last_ordered:
            self.ordered[step].add(done.customer)

    def _step(self, step: Step, steps: tuple[Step, ...], shown: ShownCounts) -> FunnelStep:
        if step == Step.SHOWN:
            return FunnelStep(step=step, customers=shown.all)
        closed, customers = (
            (self.ordered, shown.ordered) if step == Step.REDEEMED else (self.acted, shown.acted)
        )
        before = steps[steps.index(step) - 1]
        return FunnelStep(
            step=step,
            customers=len(self.all[step]),
            of_shown=Rate(successes=len(closed[step]), customers=customers),
            of_before=None
            if before == Step.SHOWN
            else Rate(successes=len(closed[step] & closed[before]), customers=len(closed[before])),
            fresh=shown.all - customers,
        )

    def _revenue(
        self, nets: Mapping[str, OrderNet], *, customers: int
    ) -> tuple[FunnelRevenue, ...]:
        # In each currency of the offer, also where a variant has none of it: nothing is a number, too.
        currencies = sorted({net.currency for net in nets.values()})
        return tuple(
            FunnelRevenue(
                currency=currency,
                so_far_minor=sum(_per_customer(self.orders, nets, currency)),
                closed=_arm(_per_customer(self.closed_orders, nets, currency), customers),
            )
            for currency in currencies
        )


def _per_customer(
    orders: Mapping[str, int], nets: Mapping[str, OrderNet], currency: str
) -> Iterable[int]:
    """Return the net revenue of each customer with an order in the currency."""
    found: dict[int, int] = defaultdict(int)
    for order_ref, customer in orders.items():
        net = nets.get(order_ref)
        if net is not None and net.currency == currency:
            found[customer] += net.net_minor
    return found.values()


def _arm(values: Iterable[int], customers: int) -> Arm:
    listed = list(values)
    return Arm(
        customers=customers, total=sum(listed), squares=sum(value * value for value in listed)
    )


def _days(
    steps: tuple[Step, ...], period: FunnelPeriod, *, shown: Mapping[int, int], total: Tally
) -> tuple[FunnelDay, ...]:
    return tuple(
        FunnelDay(
            day=period.first + timedelta(days=number),
            customers={
                step: shown.get(number, 0)
                if step == Step.SHOWN
                else len(total.by_day[number][step])
                for step in steps
            },
        )
        for number in range(period.days)
    )
