"""`manage.py ppx_measure`: a look at every experiment for each day that is over. For cron, once a day."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.experiments.models import Experiment
from django_ppx.insights.catching_up import MeasuredExperiment, measure_experiments
from django_ppx.management.batches import Progress

LONG: Final = 10
"""From so many days on, it is said how far it is."""


class Command(BaseCommand):
    help = (
        "Looks at every experiment for each day that is over, and keeps what it saw. Run it from cron once a day, "
        "after midnight of the shop's zone; missed days are caught up with, and running it twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--experiment", type=int, help="The id of the only one to measure.")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment_id = options["experiment"]
        if experiment_id is not None and not Experiment.objects.filter(pk=experiment_id).exists():
            raise CommandError(f"There is no experiment with the id {experiment_id}.")
        measured = measure_experiments(
            now=timezone.now(), experiment_id=experiment_id, on_look=self._show
        )
        for each in measured:
            self.stdout.write(_sentence(each))
        if not measured:
            self.stdout.write("There is nothing to measure.")
        if any(each.has_failed for each in measured):
            raise CommandError(
                "Some of it failed and is tried again next time; the log of django_ppx says why."
            )

    def _show(self, done: int, total: int) -> None:
        if total < LONG:
            return
        if done == 1:
            self._progress = Progress(self.stdout, total=total, done=0)
        self._progress.show(done)


def _sentence(measured: MeasuredExperiment) -> str:
    name = f"{measured.experiment} (#{measured.experiment.pk})"
    looks = "1 new look" if measured.new_looks == 1 else f"{measured.new_looks:,} new looks"
    until = f", measured up to {measured.last_day}" if measured.last_day else ""
    if measured.has_failed:
        return f"{name}: failed after {looks}{until}."
    return f"{name}: {looks}{until}." if measured.last_day else f"{name}: up to date."
