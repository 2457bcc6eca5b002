"""`manage.py ppx_import_orders`: the shop's history, through its adapter, in as many sittings as it takes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import start_of_local_day
from django_ppx.core.import_runs import ImportBroken, begin_import, continue_import, starts_at
from django_ppx.core.importing import UnreadOrder
from django_ppx.core.models import OrderImport
from django_ppx.core.retrying import TransactionConflict
from django_ppx.exceptions import Misconfigured
from django_ppx.management.batches import Progress, day
from django_ppx.shop.adapter import ShopAdapter, get_shop

INTERRUPTED: Final = 130
MOST_NAMED: Final = 1000
GO_ON: Final = "What is imported stays. Go on with: manage.py ppx_import_orders"


class Command(BaseCommand):
    help = (
        "Import the orders of the shop's history as purchases. Stop it at any moment and call it again: it goes on "
        "where it was. Nothing is given for these orders, and no signal is sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=day, metavar="YYYY-MM-DD", help="Leave out orders of earlier days."
        )
        parser.add_argument(
            "--restart", action="store_true", help="Begin anew, also where a run was broken off."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            shop = get_shop()
        except Misconfigured as error:
            raise CommandError(str(error)) from error
        zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
        since = options["since"] and start_of_local_day(options["since"], zone)
        run = begin_import(since=since, is_restart=options["restart"], now=timezone.now())
        if run.reached_at:
            reached = timezone.localtime(run.reached_at, zone)
            self.stdout.write(f"Going on with the import that reached {reached:%Y-%m-%d %H:%M}.")
        earlier = run.failed_count
        unread = self._import(run, shop)
        self._say(run, unread, earlier)

    def _import(self, run: OrderImport, shop: ShopAdapter) -> list[UnreadOrder]:
        progress = Progress(self.stdout, total=_count(shop, starts_at(run)), done=0)
        unread: list[UnreadOrder] = []
        done = 0
        try:
            for result in continue_import(run=run, shop=shop, clock=timezone.now):
                done += result.recorded + result.known + len(result.unread)
                unread += result.unread[: MOST_NAMED - len(unread)]
                progress.show(done)
        except KeyboardInterrupt as interrupt:
            raise CommandError(f"\nInterrupted. {GO_ON}", returncode=INTERRUPTED) from interrupt
        except (ImportBroken, TransactionConflict, DatabaseError) as error:
            raise CommandError(f"\nThe import broke off: {error}\n{GO_ON}") from error
        progress.close()
        return unread

    def _say(self, run: OrderImport, unread: list[UnreadOrder], earlier: int) -> None:
        self.stdout.write(
            f"{run.recorded_count:,} orders recorded, {run.known_count:,} known already, "
            f"{run.failed_count:,} not imported."
        )
        if not run.recorded_count + run.known_count + run.failed_count:
            self.stdout.write(
                "The shop gave no orders: its adapter needs orders(), or PPX_ORDER_FIELDS a 'model'."
            )
        for order in unread:
            self.stderr.write(f"{order.number}: {order.reason}")
        more = run.failed_count - earlier - len(unread)
        if more:
            self.stderr.write(f"… and {more:,} more.")
        if earlier:
            self.stderr.write(f"{earlier:,} were named where the run was broken off.")
        if run.failed_count:
            raise CommandError("Not all orders are imported. Mend them, and call it again.")


def _count(shop: ShopAdapter, since: datetime | None) -> int | None:
    try:
        return shop.count_orders(since)
    except Exception:  # a bar is worth no failure; whether orders can be read, the import finds out
        return None
