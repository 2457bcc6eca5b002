"""`manage.py ppx_make_key NAME --scope …`: a key for the API where nobody opens the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.access.keys import KeyRefused, make_key
from django_ppx.access.scopes import Scope
from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import start_of_local_day
from django_ppx.management.batches import day


class Command(BaseCommand):
    help = "Make an API key for a program of the shop's, and print it. It can't be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Which program uses it: one key for each.")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            required=True,
            dest="scopes",
            help="What the key is for; once for each.",
        )
        parser.add_argument(
            "--expires",
            type=day,
            metavar="YYYY-MM-DD",
            help="The last day on which the key works (default: it never expires).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, last_day = timezone.now(), options["expires"]
        expires_at = None
        if last_day is not None:
            zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
            try:
                expires_at = start_of_local_day(last_day + timedelta(days=1), zone)
            except OverflowError as error:
                raise CommandError(f"{last_day} is too far away.") from error
            if expires_at <= now:
                raise CommandError(f"{last_day} is over.")
        try:
            made = make_key(
                name=options["name"],
                scopes=sorted(set(options["scopes"])),
                now=now,
                expires_at=expires_at,
            )
        except KeyRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stderr.write(f"Key {made.key.pk}, “{made.key.name}”. Keep it: it is shown this once.")
        self.stdout.write(made.text)
