"""Importing a million orders: how many a second, and whether memory grows on the way.

The shop is a generator: people who return, guests and accounts, one to three lines an order, some undone.
`PPX_BENCH_ORDERS` imports fewer.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.core.management import call_command
from django.http import HttpRequest
from django.utils import timezone

from django_ppx.core.import_runs import begin_import, continue_import
from django_ppx.core.models import Purchase, PurchaseEntry
from django_ppx.shop.adapter import ShopAdapter
from django_ppx.shop.types import Customer, Order, OrderLine, OrderStatus
from tests.benchmarks.cases import Row
from tests.benchmarks.memory import forget_peak, peak

COUNT = int(os.environ.get("PPX_BENCH_ORDERS", "1000000"))
MOST_MEGABYTES = 50
FIRST = datetime(2023, 1, 1, tzinfo=UTC)
LINES = tuple(
    OrderLine(
        title=f"Bowl {number}",
        sku=f"BOWL-{number}",
        category_path="Kitchen/Bowls",
        unit_price=Decimal("19.90"),
        total=Decimal("19.90"),
        cost=Decimal("7.50"),
    )
    for number in range(3)
)


class SyntheticShop(ShopAdapter):
    """Makes its orders while they are read; its "order" is the number alone."""

    def order(self, order: int, request: HttpRequest | None = None) -> Order:
        person = order * 7919 % (COUNT // 3 + 1)
        ended = {0: OrderStatus.CANCELLED, 1: OrderStatus.REFUNDED}
        return Order(
            number=str(order),
            placed_at=FIRST + timedelta(seconds=order * 90),
            currency="EUR",
            total=Decimal("19.90") * (order % 3 + 1) + Decimal("4.90"),
            shipping=Decimal("4.90"),
            tax=Decimal("3.18"),
            status=ended.get(order % 40, OrderStatus.PLACED),
            customer=Customer(
                account_id=str(person) if person % 2 else "",
                email=f"buyer-{person}@example.com",
                first_name="Ada",
                country="DE",
                language="de",
            ),
            lines=LINES[: order % 3 + 1],
        )

    def order_ref(self, order: int) -> str:
        return str(order)

    def orders(self, since: datetime | None = None) -> Iterator[int]:
        yield from range(COUNT)


def rows(database: str) -> list[Row]:
    """Return the rate, and what memory grew by after the first tenth."""
    run = begin_import(since=None, is_restart=True, now=timezone.now())
    started, done, before = time.perf_counter(), 0, 0.0
    for result in continue_import(run=run, shop=SyntheticShop(), clock=timezone.now):
        done += result.recorded
        if not before and done >= COUNT // 10:
            before = forget_peak()
    seconds = time.perf_counter() - started
    grown = peak() - before
    stored = Purchase.objects.count()
    entries = PurchaseEntry.objects.filter(type="purchase").count()
    call_command("flush", interactive=False, verbosity=0)
    return [
        Row(
            f"orders-{database}-{COUNT}",
            f"{COUNT / seconds:,.0f} orders a second; {grown:.1f} MB after the first tenth",
            f"{MOST_MEGABYTES} MB, {COUNT:,} orders",
            is_ok=grown <= MOST_MEGABYTES and stored == entries == COUNT,
        )
    ]
