"""`manage.py ppx_sweep_uploads`: files of customers that no photo or video has. For cron, once a week."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import Misconfigured
from django_ppx.ugc.sweeping import sweep_files


class Command(BaseCommand):
    help = (
        "Removes files in the storage of customers' photos and videos that belong to none of them: what a crash in the "
        "middle of an upload or a removal has left behind. Files younger than a day stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Name the files, and remove nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_dry = options["dry_run"]
        try:
            swept = sweep_files(now=timezone.now(), removes=not is_dry)
        except Misconfigured as error:
            raise CommandError(str(error)) from error
        except NotImplementedError as error:
            raise CommandError(
                f"The storage {ppx_settings.PPX_UGC_STORAGE!r} can't list its files, or say how old they are: "
                "remove what is left behind with its own tools."
            ) from error
        if is_dry or options["verbosity"] > 1:
            for name in swept:
                self.stdout.write(name)
        self.stdout.write(_sentence(len(swept), is_dry=is_dry))


def _sentence(count: int, *, is_dry: bool) -> str:
    if not count:
        return "Nothing is left behind."
    return f"{count} files would be removed." if is_dry else f"{count} files removed."
