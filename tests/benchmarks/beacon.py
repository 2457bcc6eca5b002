"""What pages report, through gunicorn with two workers: stored at once, against appended to a Redis stream.

All reports are news. The limit is that each is stored once; the rates are for comparing, since the visitors, the
workers and the databases share one machine.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.test import override_settings
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.events.draining import drain_events
from django_ppx.events.models import OfferEvent
from django_ppx.offers.links import card_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.testing import make_customer, make_offer
from tests.benchmarks.cases import Row
from tests.benchmarks.serving import Load, Request, ask_all, gunicorn
from tests.events.redis_server import SINK, redis_server

CARDS = 500
EVENTS = ("impression", "copy", "share")
FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
}


def rows(database: str) -> list[Row]:
    """Return a row for each sink, and one for draining the stream."""
    total = CARDS * len(EVENTS)
    with gunicorn() as port:
        direct = ask_all(port, _reports("direct"))
    stored = OfferEvent.objects.count()
    with (
        redis_server() as redis,
        override_settings(PPX_EVENT_SINK=SINK, PPX_REDIS_URL=redis.url),
        gunicorn(PPX_EVENT_SINK=SINK, PPX_REDIS_URL=redis.url) as port,
    ):
        through_redis = ask_all(port, _reports("redis"))
        at_once = OfferEvent.objects.count() - stored
        began = time.perf_counter()
        drained = drain_events(now=timezone.now(), limit=10 * total)
        seconds = time.perf_counter() - began
    return [
        _row(f"beacon-{database}", direct, stored, total),
        _row("beacon-redis", through_redis, drained.recorded + at_once, total),
        Row(
            "beacon-redis-drain",
            f"{drained.recorded:,} stored, {drained.recorded / seconds:,.0f}/s",
            f"{total:,} stored once",
            is_ok=OfferEvent.objects.count() == stored + total and not drained.failed,
        ),
    ]


def _row(name: str, load: Load, stored: int, total: int) -> Row:
    is_ok = stored == total and load.statuses == {204: total}
    return Row(name, load.words, f"{total:,} stored once", is_ok=is_ok)


def _reports(name: str) -> list[Request]:
    """Return reports that are all news: of cards on as many orders' pages."""
    now, customer, offer = timezone.now(), make_customer(), make_offer("message")
    variant = offer.variants.get()
    purchases = Purchase.objects.bulk_create(
        Purchase(
            order_ref=f"{name}-{number}",
            customer=customer,
            placed_at=now,
            currency="EUR",
            total_minor=5000,
            recorded_at=now,
        )
        for number in range(CARDS)
    )
    cards = OfferPresentation.objects.bulk_create(
        OfferPresentation(
            offer_id=offer.pk,
            variant=variant,
            purchase=purchase,
            customer=customer,
            placement="thank_you",
            presented_at=now,
        )
        for purchase in purchases
    )
    tokens = [card_token(str(card.pk), now=now) for card in cards]
    return [
        Request(path="/ppx/event/", body=urlencode({"token": token, "event": event}), headers=FORM)
        for event in EVENTS
        for token in tokens
    ]
