"""`manage.py ppx_prune_events`: old events that no figure reads. For cron, once a week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.events.pruning import OldEvents, count_old_events, prune_events
from django_ppx.management.batches import Progress

FEWEST_DAYS = 30


class Command(BaseCommand):
    help = (
        "Removes old events that no figure reads: that a card was seen, what machines did, and what belongs to no card "
        "and no customer any more. Clicks, copies, shares and everything else that is counted stays, however old."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than-days",
            type=int,
            required=True,
            help=f"Events younger than this stay: {FEWEST_DAYS} or more.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Count the events, and remove nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than_days"]
        if not FEWEST_DAYS <= days <= 36_500:
            raise CommandError(f"--older-than-days is {FEWEST_DAYS} to 36500.")
        before = timezone.now() - timedelta(days=days)
        old = count_old_events(before=before)
        if options["dry_run"]:
            self.stdout.write(f"{old.uncounted:,} events would be removed. {_kept(old)}")
            return
        progress = Progress(self.stdout, total=old.uncounted, done=0)
        try:
            removed = prune_events(before=before, on_batch=progress.show)
        finally:
            progress.close()
        self.stdout.write(f"{removed:,} events removed. {_kept(old)}")


def _kept(old: OldEvents) -> str:
    if not old.counted:
        return "No other event is as old."
    return f"{old.counted:,} of the same age stay: figures that staff see count them."
