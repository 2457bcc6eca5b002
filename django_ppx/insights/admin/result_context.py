"""The result page as ready values: everything its template shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from django_ppx.experiments.models import Experiment, ExperimentDecision
from django_ppx.insights.admin.advice import late_note
from django_ppx.insights.admin.figures import percent, whole
from django_ppx.insights.admin.names import NAMES
from django_ppx.insights.admin.result_charts import bar_figure, trail_figures
from django_ppx.insights.admin.result_notes import notes, ratio_note
from django_ppx.insights.admin.result_tables import (
    arm_rows,
    gains,
    guardrail_rows,
    secondary_rows,
)
from django_ppx.insights.admin.terms import Stage, Terms, day_text
from django_ppx.insights.admin.verdicts import banner
from django_ppx.insights.results import ExperimentResult, VerdictState

LOOKS: Final = {
    Experiment.Status.RUNNING: "running",
    Experiment.Status.STOPPED: "paused",
    Experiment.Status.DECIDED: "scheduled",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgressBar:
    """`value` of `maximum`, and the same in words."""

    value: int
    maximum: int
    text: str
    detail: str


def result_context(result: ExperimentResult, terms: Terms) -> dict[str, Any]:
    """Return what is shown of `result`. It asks the database for nothing."""
    return {
        "banner": banner(result, terms),
        "is_withheld": not (
            result.verdict.is_decided
            or result.verdict.state in (VerdictState.OPEN, VerdictState.NOT_MEASURED)
        ),
        "late_note": late_note(result, terms),
        "as_of": day_text(result.as_of) if result.as_of else "",
        "primary": NAMES[result.primary],
        "within": terms.within,
        "arms": arm_rows(result),
        "trails": trail_figures(result, terms),
        "bars": bar_figure(result),
        "ratio": ratio_note(result),
        "progress": progress_bar(result, terms),
        "gains": gains(result),
        "secondary": secondary_rows(result),
        "guardrails": guardrail_rows(result),
        "notes": notes(result, terms),
    }


def progress_bar(result: ExperimentResult, terms: Terms) -> ProgressBar:
    """Return how far the experiment is. Without a planned end there is no maximum: 0."""
    progress = result.progress
    exposed = gettext(
        "%(exposed)s customers take part; the window of %(window)s is over for %(matured)s."
    ) % {
        "exposed": whole(progress.exposed),
        "window": terms.window,
        "matured": whole(progress.matured),
    }
    if not terms.has_end or progress.planned < 1:
        text = gettext("%(matured)s customers have matured. This plan has no fixed end.")
        return ProgressBar(
            value=0, maximum=0, text=text % {"matured": whole(progress.matured)}, detail=exposed
        )
    text = gettext("%(matured)s of %(planned)s planned customers have matured (%(share)s).")
    if progress.matured >= progress.planned:
        text = gettext(
            "The planned size of %(planned)s customers is reached: %(matured)s have matured."
        )
    text %= {
        "matured": whole(progress.matured),
        "planned": whole(progress.planned),
        "share": percent(progress.matured / progress.planned, 0),
    }
    return ProgressBar(
        value=min(progress.matured, progress.planned),
        maximum=progress.planned,
        text=text,
        detail=f"{exposed} {_expected(result, terms)}".strip(),
    )


def _expected(result: ExperimentResult, terms: Terms) -> str:
    progress = result.progress
    if progress.matured >= progress.planned or terms.stage is not Stage.RUNNING:
        return ""
    if progress.expected is None:
        return gettext("When the rest will be there can't be told yet.")
    return gettext("The rest is expected by %(day)s.") % {"day": day_text(progress.expected)}


def chips(experiment: Experiment, log: Sequence[ExperimentDecision]) -> list[tuple[str, str]]:
    """Return (look, text) of the badges beside the name: the state, since when, and what was decided."""
    status = Experiment.Status(experiment.status)
    since = {
        Experiment.Status.RUNNING: experiment.started_at,
        Experiment.Status.STOPPED: experiment.stopped_at,
        Experiment.Status.DECIDED: experiment.decided_at,
    }.get(status)
    found = [(LOOKS.get(status, "draft"), _since(status, since))]
    decided = next((line for line in log if line.action == "decided"), None)
    if decided:
        text = gettext("for “%(arm)s”") % {"arm": decided.arm_label}
        found.append(("draft", text if decided.arm_label else gettext("for none of the arms")))
    rolled = next((line for line in log if line.action == "rolled_out"), None)
    if rolled:
        found.append(("running", gettext("“%(arm)s” rolled out") % {"arm": rolled.arm_label}))
    return found


def _since(status: Experiment.Status, moment: datetime | None) -> str:
    words = {
        Experiment.Status.RUNNING: gettext("Running since %(day)s"),
        Experiment.Status.STOPPED: gettext("Stopped on %(day)s"),
        Experiment.Status.DECIDED: gettext("Decided on %(day)s"),
    }
    if moment is None or status not in words:
        return str(status.label)
    return words[status] % {"day": date_format(localtime(moment), "DATE_FORMAT")}
