"""How often offers were shown, acted on and redeemed, for lists: the same few queries for one offer or a hundred.

Shown: orders on whose pages the offer was put, test orders left out. Clicked: of these, the orders in which a person
followed a link, copied the code or shared (bots left out). Redeemed: uses of the codes it gave, less those given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from django_ppx.conf import ppx_settings
from django_ppx.events.models import OfferEvent
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption

ACTIONS: Final = (OfferEvent.Name.CLICK, OfferEvent.Name.COPY, OfferEvent.Name.SHARE)
SPARKLINE_DAYS: Final = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferCounts:
    """The figures of one offer. `shown_by_day` is oldest first and ends with today in the shop's time zone."""

    shown: int = 0
    clicked: int = 0
    redeemed: int = 0
    shown_by_day: tuple[int, ...] = (0,) * SPARKLINE_DAYS


def count_offers(offer_ids: Iterable[int], *, now: datetime) -> Mapping[int, OfferCounts]:
    """Return the counts of each of `offer_ids`, in four queries."""
    ids = list(offer_ids)
    if not ids:
        return {}
    shown = _by_offer(
        _presentations(ids).values("offer").annotate(n=Count("purchase", distinct=True))
    )
    clicked = _by_offer(
        OfferEvent.objects.human()
        .filter(offer__in=ids, name__in=ACTIONS, presentation__purchase__is_test=False)
        .values("offer")
        .annotate(n=Count("presentation__purchase", distinct=True))
    )
    redeemed = {
        row["code__presentations__offer"]: row["n"]
        for row in CodeRedemption.objects.redeemed()
        .filter(code__presentations__offer__in=ids)
        .values("code__presentations__offer")
        .annotate(n=Count("pk", distinct=True))
        .order_by()
    }
    daily = _daily(ids, now=now)
    return {
        offer_id: OfferCounts(
            shown=shown.get(offer_id, 0),
            clicked=clicked.get(offer_id, 0),
            redeemed=redeemed.get(offer_id, 0),
            shown_by_day=daily[offer_id],
        )
        for offer_id in ids
    }


def _presentations(ids: list[int]):  # type: ignore[no-untyped-def]
    return OfferPresentation.objects.filter(offer__in=ids, purchase__is_test=False).order_by()


def _by_offer(rows: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    return {row["offer"]: row["n"] for row in rows}


def _daily(ids: list[int], *, now: datetime) -> Mapping[int, tuple[int, ...]]:
    """Return how many orders saw each offer for the first time on each of the last days."""
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(SPARKLINE_DAYS))]
    # The midnights are ours, not the database's: MariaDB knows no time zones until its tables are
    # loaded, and then answers NULL for every day.
    midnights = [
        datetime.combine(day, time.min, tzinfo=zone) for day in (*days, today + timedelta(days=1))
    ]
    counts = {
        f"day_{number}": Count(
            "purchase",
            distinct=True,
            filter=Q(presented_at__gte=since, presented_at__lt=until),
        )
        for number, (since, until) in enumerate(pairwise(midnights))
    }
    rows = (
        _presentations(ids)
        .filter(presented_at__gte=midnights[0], presented_at__lt=midnights[-1])
        .values("offer")
        .annotate(**counts)
    )
    found = {row["offer"]: tuple(row[name] for name in counts) for row in rows}
    return {offer_id: found.get(offer_id, (0,) * SPARKLINE_DAYS) for offer_id in ids}
