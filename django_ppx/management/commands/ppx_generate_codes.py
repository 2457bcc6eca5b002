"""`manage.py ppx_generate_codes`: up to a million codes at once, for leaflets, mailings, partners."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.management.batches import Progress, day, find_benefit
from django_ppx.rewards.batching import BatchRefused, BatchRequest
from django_ppx.rewards.exporting import batch_rows
from django_ppx.rewards.generating import continue_batch, resume_batch, start_batch
from django_ppx.rewards.models import CodeBatch

STEP: Final = 10_000
INTERRUPTED: Final = 130


class Command(BaseCommand):
    help = (
        "Make 1 to 1,000,000 codes of a benefit, in chunks that are whole or not at all. "
        "Stop it at any moment, and go on with --batch."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("benefit", nargs="?", help="The benefit's id or exact name.")
        parser.add_argument("--count", type=int, help="How many codes, from 1 to 1,000,000.")
        parser.add_argument("--name", help="What staff call the batch (default: the moment).")
        parser.add_argument(
            "--expires",
            type=day,
            metavar="YYYY-MM-DD",
            help="The last day on which the codes are valid (default: as the benefit says).",
        )
        parser.add_argument("--batch", type=int, metavar="ID", help="Go on with this batch.")
        parser.add_argument(
            "--output", metavar="FILE", help="Write the codes there as CSV, once all are made."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["output"] and Path(options["output"]).exists():
            raise CommandError(f"{options['output']} exists. Name another file.")
        try:
            batch = self._resumed(options) if options["batch"] else self._started(options)
            batch = self._make(batch)
        except BatchRefused as refused:
            raise CommandError(str(refused)) from refused
        if batch.status != CodeBatch.Status.DONE:
            raise CommandError(f"The batch was stopped at {batch.made:,} of {batch.requested:,}.")
        self.stdout.write(self.style.SUCCESS(f"Batch {batch.pk} has {batch.made:,} codes."))
        if options["output"]:
            self._write(batch, options["output"])

    def _started(self, options: dict[str, Any]) -> CodeBatch:
        if not options["benefit"] or options["count"] is None:
            raise CommandError("Name a benefit and a --count, or a --batch to go on with.")
        now = timezone.now()
        request = BatchRequest(
            benefit_id=find_benefit(options["benefit"]).pk,
            name=options["name"] or timezone.localtime(now).strftime("%Y-%m-%d %H:%M:%S"),
            last_day=options["expires"],
        )
        return start_batch(request=request, count=options["count"], now=now)

    def _resumed(self, options: dict[str, Any]) -> CodeBatch:
        given = [name for name in ("benefit", "count", "name", "expires") if options[name]]
        if given:
            raise CommandError(f"A batch has its {given[0]} already: leave it out with --batch.")
        batch = CodeBatch.objects.filter(pk=options["batch"]).first()
        if batch is None or batch.kind != CodeBatch.Kind.DRAWN:
            raise CommandError(f"There is no batch {options['batch']} of codes made here.")
        resume_batch(batch_id=batch.pk, now=timezone.now())
        return CodeBatch.objects.get(pk=batch.pk)

    def _make(self, batch: CodeBatch) -> CodeBatch:
        progress = Progress(self.stdout, total=batch.requested, done=batch.made)
        try:
            while batch.status == CodeBatch.Status.RUNNING:
                batch = continue_batch(batch_id=batch.pk, now=timezone.now(), most=STEP)
                progress.show(batch.made)
        except KeyboardInterrupt as interrupt:
            raise CommandError(
                "\nInterrupted; what is made stays. Go on with: "
                f"manage.py ppx_generate_codes --batch {batch.pk}",
                returncode=INTERRUPTED,
            ) from interrupt
        return batch

    def _write(self, batch: CodeBatch, name: str) -> None:
        rows = batch_rows(batch_id=batch.pk, now=timezone.now(), with_addresses=False)
        try:
            part = Path(f"{name}.part")  # so that a file broken off is not taken for a whole one
            with part.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
            part.rename(name)
        except OSError as error:
            raise CommandError(
                f"The codes are made, and {name} can't be written: {error.strerror}. Try again with: "
                f"manage.py ppx_generate_codes --batch {batch.pk} --output FILE"
            ) from error
        self.stdout.write(f"They are in {name}.")
