"""The thank-you page: how many statements, and how long against the same page without our tags.

The page without is a shop's page in the shop's layout with an order of five lines and one query. Both run in one
process, in turns, so that what else the machine does strikes both; the ratio is the median over the turns.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from django_ppx.offers import snapshot
from django_ppx.outbox.models import WebhookEvent
from django_ppx.outbox.posting_webhooks import is_wanted
from django_ppx.shop.types import Order, OrderLine
from django_ppx.testing import make_audience, make_benefit, make_offer
from tests.benchmarks.cases import Row
from tests.hosts import host_order
from tests.hosts import urlpatterns as host_urls

OFFERS = (1, 10, 100, 1_000)
TURNS = 25
PAGES_PER_TURN = 16
MOST_FIRST, MOST_ON_RELOAD = 11, 3
MOST_WEIGHT, MOST_GROWTH = 2.5, 1.1
CATEGORIES = ["Kitchen", "Table", "Light", "Paper", "Garden", "Gifts"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageFigures:
    """What one number of active offers costs."""

    offers: int
    first_view_statements: int
    reload_statements: int
    ratio: float
    """Reload with our tags over the same page without."""
    milliseconds: float


def order_of_five_lines(number: str) -> Order:
    lines = tuple(
        OrderLine(
            title=f"Piece {position}",
            sku=f"SKU-{position}",
            category_path="Kitchen/Bowls",
            quantity=Decimal(1),
            unit_price=Decimal(10),
            total=Decimal(10),
            product_url=f"https://shop.example.com/piece-{position}/",
        )
        for position in range(5)
    )
    return host_order(number, lines=lines)


def without(request: HttpRequest, number: str) -> HttpResponse:
    return _page("benchmarks/thank_you.html", request, number)


def with_offers(request: HttpRequest, number: str) -> HttpResponse:
    return _page("benchmarks/thank_you_with_offers.html", request, number)


def _page(template: str, request: HttpRequest, number: str) -> HttpResponse:
    group = Group.objects.get(name="host")  # the host's one query
    context = {"order": order_of_five_lines(number), "categories": CATEGORIES, "group": group}
    return HttpResponse(render_to_string(template, context, request))


urlpatterns = [
    *host_urls,
    path("without/<str:number>/", without),
    path("with/<str:number>/", with_offers),
]


@contextmanager
def shop_of(offers: int) -> Iterator[Client]:
    """A shop with this many active offers in the database that is current, all of them discounts."""
    Group.objects.get_or_create(name="host")
    benefit = make_benefit()
    audience = make_audience([("order_total", "gte", {"amount": "20", "currency": "EUR"})])
    for number in range(offers):
        make_offer(
            "next_purchase_discount",
            benefit=benefit,
            audience=audience if number % 2 else None,
            texts={
                "en": {
                    "headline": f"Thank you {number}",
                    "text": "A little something.",
                    "button": "Copy",
                },
                "de": {
                    "headline": f"Danke {number}",
                    "text": "Eine Kleinigkeit.",
                    "button": "Kopieren",
                },
            },
        )
    with override_settings(ROOT_URLCONF="tests.benchmarks.page", PPX_SHOP="tests.hosts.PlainShop"):
        yield Client()


def measure(offers: int) -> PageFigures:
    """Return the figures of a shop with this many active offers. The snapshot is warm, as in any process but a new."""
    with shop_of(offers) as client:
        client.get("/with/warm/")
        snapshot.current_snapshot()
        first, reload = measured_statements(client, str(offers))
        ratios, times = [], []
        for _turn in range(TURNS):
            plain = _seconds(lambda: client.get(f"/without/{offers}/"))
            ours = _seconds(lambda: client.get(f"/with/{offers}/"))
            ratios.append(ours / plain)
            times.append(ours)
        return PageFigures(
            offers=offers,
            first_view_statements=first,
            reload_statements=reload,
            ratio=median(ratios),
            milliseconds=median(times) * 1000,
        )


def measured_statements(client: Client, number: str) -> tuple[int, int]:
    """Return the statements of our tags on the first view of an order's page, and on a reload."""
    first = _statements(lambda: client.get(f"/with/{number}/"))
    return first, _statements(lambda: client.get(f"/with/{number}/"))


def rows(database: str) -> list[Row]:
    """Return the statements at every number of offers, the weight of the tag, and how it grows with the offers."""
    figures = []
    for offers in OFFERS:
        figures.append(measure(offers))
        call_command("flush", interactive=False, verbosity=0)
        snapshot.forget()
    counts = [
        Row(
            f"page-{database}-{each.offers}",
            f"{each.first_view_statements} statements first, {each.reload_statements} on a reload",
            f"{MOST_FIRST}, {MOST_ON_RELOAD}",
            is_ok=each.first_view_statements <= MOST_FIRST
            and each.reload_statements <= MOST_ON_RELOAD,
        )
        for each in figures
    ]
    one, many = figures[0], figures[-1]
    growth = many.ratio / one.ratio
    return [
        *counts,
        Row(
            f"page-{database}-weight",
            f"{many.ratio:.2f} x the one-query page ({many.milliseconds:.1f} ms)",
            f"{MOST_WEIGHT} x at {many.offers:,} offers",
            is_ok=many.ratio <= MOST_WEIGHT,
        ),
        Row(
            f"page-{database}-growth",
            f"{growth:.2f} x its time at 1 offer",
            f"{MOST_GROWTH} x at {many.offers:,} offers",
            is_ok=growth <= MOST_GROWTH,
        ),
    ]


def _statements(action: Callable[[], object]) -> int:
    """Count the statements of the page beyond the host's one; savepoints are not counted."""
    is_wanted(WebhookEvent.OFFER_SHOWN)  # asked every ten seconds; in between, a process knows it
    with CaptureQueriesContext(connection) as captured:
        action()
    ignored = re.compile(r"SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT")
    return sum(not ignored.match(query["sql"]) for query in captured.captured_queries) - 1


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(PAGES_PER_TURN):
        action()
    return (time.perf_counter() - started) / PAGES_PER_TURN
