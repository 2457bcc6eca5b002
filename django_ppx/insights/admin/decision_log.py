"""The decision log as the result page shows it, with the figures as they stood then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from django_ppx.experiments.models import Experiment, ExperimentDecision
from django_ppx.insights.admin.figures import FigureText, whole
from django_ppx.insights.results import Counted


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """One line; `figures` are sentences about the arms, from the snapshot."""

    action: str
    what: str
    arm: str
    when: str
    who: str
    why: str
    figures: tuple[str, ...]


def log_of(experiment: Experiment) -> list[ExperimentDecision]:
    """Return the lines, newest first, with who wrote them."""
    lines = experiment.decisions.select_related("made_by")
    return list(lines.order_by("-made_at", "-pk"))


def decided_label(lines: Iterable[ExperimentDecision]) -> str | None:
    """Return the arm that was decided for, None for none of them or before a decision."""
    decided = ExperimentDecision.Action.DECIDED
    return next((line.arm_label for line in lines if line.action == decided), "") or None


def shown_log(lines: Iterable[ExperimentDecision]) -> list[LogLine]:
    return [
        LogLine(
            action=line.action,
            what=line.get_action_display(),
            arm=line.arm_label,
            when=moment_text(line.made_at),
            who=str(line.made_by) if line.made_by else gettext("by itself"),
            why=line.reason,
            figures=tuple(figures_then(line.snapshot)),
        )
        for line in lines
    ]


def moment_text(moment: datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


def figures_then(snapshot: Any) -> Iterator[str]:
    """Yield a sentence for each arm of a snapshot of `insights.snapshots`; nothing for any other content."""
    try:
        counted, currency = Counted(snapshot["primary"]), snapshot["currency"]
        found = [(arm["label"], arm["figures"].get(counted)) for arm in snapshot["arms"]]
        spans = [figure["interval"] for _label, figure in found if figure]
        widths = [span["high"] - span["low"] for span in spans if span]
        shown = FigureText.fitting(counted, currency, widths)
        yield from [_sentence(label, figure, shown) for label, figure in found if figure]
    except (AttributeError, KeyError, TypeError, ValueError):
        return


def _sentence(label: str, figure: Mapping[str, Any], shown: FigureText) -> str:
    words = {
        "arm": label,
        "mean": shown.mean(figure["mean"]),
        "customers": whole(figure["customers"]),
    }
    if not figure["difference"]:
        return gettext("“%(arm)s”: %(mean)s of %(customers)s matured customers") % words
    text = gettext(
        "“%(arm)s”: %(mean)s of %(customers)s matured customers, %(difference)s against the control"
    )
    return text % {**words, "difference": shown.change(figure["difference"]["difference"])}
