"""An import of the shop's history as a run that may be broken off at any moment, and goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice, pairwise
from typing import Final

from django_ppx.core.importing import BatchResult, import_batch
from django_ppx.core.models import OrderImport
from django_ppx.exceptions import PpxError
from django_ppx.shop.adapter import HostOrder, ShopAdapter

BATCH: Final = 500


class ImportBroken(PpxError):
    """The shop's adapter stopped giving orders before their end. What is imported stays."""


def begin_import(*, since: datetime | None, is_restart: bool, now: datetime) -> OrderImport:
    """Return the run that goes on, or a new one: after a finished one, for other orders, or to restart.

    Without `since`, whatever run is not finished goes on.
    """
    unfinished = OrderImport.objects.order_by("-pk").first()
    if (
        unfinished is not None
        and unfinished.finished_at is None
        and not is_restart
        and since in (None, unfinished.since)
    ):
        return unfinished
    return OrderImport.objects.create(since=since, started_at=now)


def starts_at(run: OrderImport) -> datetime | None:
    """Return from which orders on the run goes on; None: from the first. Those of that very moment are read again."""
    return (run.reached_at if run.is_ordered else None) or run.since


def continue_import(
    *, run: OrderImport, shop: ShopAdapter, clock: Callable[[], datetime]
) -> Iterator[BatchResult]:
    """Import batch after batch and yield what became of each; then the run is finished.

    No more than a batch is held in memory. How far the run is, is stored after each.

    :raises ImportBroken: when the adapter can't give its orders.
    """
    orders = _orders(shop, starts_at(run))
    while batch := list(islice(orders, BATCH)):
        result = import_batch(orders=batch, shop=shop, now=clock())
        _note(run, result)
        yield result
    run.finished_at = clock()
    run.save(update_fields=["finished_at"])


def _orders(shop: ShopAdapter, since: datetime | None) -> Iterator[HostOrder]:
    try:
        yield from shop.orders(since)
    except Exception as error:  # whatever the shop's adapter raises
        raise ImportBroken(f"{type(error).__name__}: {error}") from error


def _note(run: OrderImport, result: BatchResult) -> None:
    run.recorded_count += result.recorded
    run.known_count += result.known
    run.failed_count += len(result.unread)
    moments = [*([run.reached_at] if run.reached_at else []), *result.placed_at]
    # A shop that gives its orders in another order can't be gone on with from a moment.
    run.is_ordered = run.is_ordered and all(a <= b for a, b in pairwise(moments))
    run.reached_at = max(moments, default=None)
    run.save(
        update_fields=["recorded_count", "known_count", "failed_count", "is_ordered", "reached_at"]
    )
