"""`manage.py ppx_import_codes`: codes from elsewhere, into the pool of a benefit."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.management.batches import day, find_benefit
from django_ppx.rewards.batching import BatchRefused, BatchRequest
from django_ppx.rewards.importing import ImportStopped, Problem, import_codes
from django_ppx.rewards.models import CodeBatch
from django_ppx.rewards.pool_files import Layout, UnreadableFile, read_codes

SHOWN: Final = 20
INTERRUPTED: Final = 130

PROBLEMS: Final = {
    "empty": "The file is empty.",
    "utf_16": "The file is UTF-16. Save it as UTF-8.",
    "no_text": "This is no text file. Save the list as CSV in UTF-8.",
    "no_column": "There is no such column. The headings are: {detail}.",
}


class Command(BaseCommand):
    help = (
        "Import codes from a text or CSV file (UTF-8) into the pool of a benefit. Duplicates and lines "
        "that are no code are counted and reported; importing a file again takes nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="The file, or - for what is piped in.")
        parser.add_argument("--benefit", required=True, help="The benefit's id or exact name.")
        parser.add_argument("--name", help="What staff call the batch (default: the file's name).")
        parser.add_argument(
            "--expires",
            type=day,
            metavar="YYYY-MM-DD",
            help="The last day on which the codes are valid (default: none of their own).",
        )
        parser.add_argument(
            "--column",
            default="",
            help='The heading or the number of the codes\' column (default: "code", else the first).',
        )
        parser.add_argument(
            "--heading", action="store_true", help="The first line is a heading, not a code."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        request = BatchRequest(
            benefit_id=find_benefit(options["benefit"]).pk,
            name=options["name"] or _name_of(options["file"]),
            last_day=options["expires"],
        )
        layout = Layout(column=options["column"], has_heading=options["heading"])
        try:
            with _opened(options["file"]) as file:
                lines = read_codes(file, layout=layout)
                batch = import_codes(request=request, lines=lines, now=timezone.now())
        except UnreadableFile as error:
            raise CommandError(PROBLEMS[error.problem].format(detail=error.detail)) from error
        except (BatchRefused, ImportStopped) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['file']} can't be read: {error.strerror}.") from error
        except KeyboardInterrupt as interrupt:
            raise CommandError(
                "\nInterrupted; what is imported stays. Import the file again for the rest.",
                returncode=INTERRUPTED,
            ) from interrupt
        self._report(batch)

    def _report(self, batch: CodeBatch) -> None:
        for line, text, why in batch.report[:SHOWN]:
            self.stdout.write(f"line {line}: {Problem(why).label}: {text}")
        left_out = batch.duplicates + batch.rejected - SHOWN
        if left_out > 0:
            self.stdout.write(
                f"… and {left_out:,} more. The batch's page in admin lists the first 1,000."
            )
        self.stdout.write(
            f"Batch {batch.pk}: {batch.made:,} imported, {batch.duplicates:,} duplicates, "
            f"{batch.rejected:,} that are no code."
        )


def _name_of(file: str) -> str:
    moment = timezone.localtime().strftime("%Y-%m-%d %H:%M:%S")
    return moment if file == "-" else Path(file).name


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")
