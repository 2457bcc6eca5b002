"""`manage.py ppx_run_due`: what time alone makes happen. For cron, every few minutes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.management.due_work import DueCounts, do_due_work


class Command(BaseCommand):
    help = (
        "Gives reservations back that ran out, makes rewards usable whose days have passed, credits points, lets codes "
        "and rewards expire, sends mails. Run it from cron every few minutes; twice at once does no harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--limit", type=int, default=1000, help="How much of each kind one round does."
        )
        parser.add_argument(
            "--until-done", action="store_true", help="Go on until nothing is due any more."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit is 1 or more.")
        while True:
            work = do_due_work(now=timezone.now(), limit=options["limit"])
            self.stdout.write(_sentence(work))
            if work.failed:
                raise CommandError(
                    "Some of it failed and is tried again next time; the log of django_ppx says why."
                )
            if not options["until_done"] or not work.done:
                return


def _sentence(work: DueCounts) -> str:
    return ", ".join(f"{count} {name}" for name, count in work.done.items()) or "Nothing is due."
