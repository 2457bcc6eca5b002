"""Taking every look that is missing: what `ppx_measure` does once a day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from django_ppx.core.calendar import day_of_number
from django_ppx.experiments.models import Experiment
from django_ppx.experiments.quarters import close_quarters
from django_ppx.insights.due import DueLooks, due_looks
from django_ppx.insights.looking import find_or_take_look

logger: Final = logging.getLogger("django_ppx")

OnLook = Callable[[int, int], None]
"""Is told how many days are done, of how many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredExperiment:
    """What was done for one experiment."""

    experiment: Experiment
    new_looks: int
    """Those that another process took meanwhile are not among them."""
    last_day: date | None
    """Up to which it is measured by now; None where nothing was due."""
    has_failed: bool
    """Logged; its looks up to there stay, and the next run goes on."""


def measure_experiments(
    *, now: datetime, experiment_id: int | None = None, on_look: OnLook | None = None
) -> tuple[MeasuredExperiment, ...]:
    """Take every missing look, in the order of days, of all experiments or of one, and return what was done.

    The holdouts of quarters that are over are stopped first.

    Safe to run twice and at the same moment. An experiment that fails is logged and does not stop the others.
    """
    close_quarters(now=now)
    due = due_looks(now=now, experiment_id=experiment_id)
    total = sum(len(each.days) for each in due)
    progress = _Counter(total=total, on_look=on_look)
    return tuple(
        _measure(experiment, list(phases), now=now, progress=progress)
        for experiment, phases in groupby(due, key=lambda each: each.phase.experiment)
    )


@dataclass(kw_only=True, slots=True)
class _Counter:
    total: int
    on_look: OnLook | None
    done: int = 0

    def step(self) -> None:
        self.done += 1
        if self.on_look is not None:
            self.on_look(self.done, self.total)


def _measure(
    experiment: Experiment, due: list[DueLooks], *, now: datetime, progress: _Counter
) -> MeasuredExperiment:
    new_looks, last_day, has_failed = 0, None, False
    try:
        for day, is_new in _looks(due, now=now):
            new_looks += is_new
            last_day = max(last_day or day, day)
            progress.step()
    except Exception:  # whatever is wrong with it is wrong with this one alone
        logger.exception("Measuring experiment %s failed.", experiment.pk)
        has_failed = True
    return MeasuredExperiment(
        experiment=experiment, new_looks=new_looks, last_day=last_day, has_failed=has_failed
    )


def _looks(due: list[DueLooks], *, now: datetime) -> Iterator[tuple[date, bool]]:
    for each in due:
        for day_no in each.days:
            _look, is_new = find_or_take_look(phase=each.phase, day_no=day_no, now=now)
            yield day_of_number(day_no), is_new
