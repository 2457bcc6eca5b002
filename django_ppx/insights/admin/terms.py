"""What a phase has agreed on, as the result page needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_of_number, last_complete_day
from django_ppx.experiments.evaluability import LEAST_DAYS
from django_ppx.experiments.models import Experiment, ExperimentPhase
from django_ppx.insights.looking import full_days


class Stage(StrEnum):
    """How far a phase is."""

    RUNNING = "running"
    FOLLOWED = "followed"
    """Over, and a further phase runs."""
    STOPPED = "stopped"
    DECIDED = "decided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The frozen terms of a phase. Days are local ones of the shop."""

    window_days: int
    has_end: bool
    """Whether there is a planned size at which the question is closed."""
    is_exact: bool
    cap_minor: int | None
    first_full_day: date
    """That of the start, where it was at midnight; else the one after it."""
    stage: Stage
    yesterday: date
    """The last complete day, which could have been measured."""

    @classmethod
    def of(cls, phase: ExperimentPhase, *, now: datetime) -> Terms:
        zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
        return cls(
            window_days=phase.window_days,
            has_end=phase.plan != Experiment.Plan.ANYTIME,
            is_exact=phase.plan == Experiment.Plan.EXACT,
            cap_minor=phase.winsor_cap_minor,
            first_full_day=day_of_number(
                phase.start_day_no + 1 - full_days(phase, phase.start_day_no)
            ),
            stage=_stage(phase),
            yesterday=day_of_number(last_complete_day(now, zone)),
        )

    @property
    def within(self) -> str:
        """Return "within 30 days"."""
        text = ngettext("within %(days)d day", "within %(days)d days", self.window_days)
        return text % {"days": self.window_days}

    @property
    def window(self) -> str:
        """Return "30 days"."""
        text = ngettext("%(days)d day", "%(days)d days", self.window_days)
        return text % {"days": self.window_days}

    def full_days(self, as_of: date | None) -> int:
        """Return how many of the first seven full days are over at `as_of`."""
        passed = (as_of - self.first_full_day).days + 1 if as_of else 0
        return min(max(passed, 0), LEAST_DAYS)

    def missing_days(self, as_of: date | None) -> int:
        """Return how many complete days were not measured, though they could have been."""
        measured = as_of or self.first_full_day - timedelta(days=1)
        return max((self.yesterday - measured).days, 0)


def _stage(phase: ExperimentPhase) -> Stage:
    status = phase.experiment.status
    if status in (Stage.STOPPED, Stage.DECIDED):
        return Stage(status)
    return Stage.FOLLOWED if phase.ended_at else Stage.RUNNING


def day_text(day: date) -> str:
    """Return a day with its year, as the active language writes it."""
    return _day_text(day, get_language())


@lru_cache(maxsize=2048)
def _day_text(day: date, _language: str | None) -> str:
    """Return the text of the active language, `_language`: the charts and tables of a page write the same days."""
    return date_format(day, "DATE_FORMAT")
