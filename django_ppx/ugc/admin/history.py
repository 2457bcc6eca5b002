"""What a submission's own page tells: what happened to it, in the order it did, and the mails about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.safestring import SafeString

from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.admin import cells
from django_ppx.ugc.models import UGCLogEntry, UGCReport, UGCSubmission


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One line of the history."""

    what: str
    look: str
    at: datetime
    who: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A mail or a report, as a link and where it stands."""

    link: SafeString | str
    state: str
    at: datetime


def history_of(submission: UGCSubmission) -> list[Happening]:
    """Return the log, oldest first. One query."""
    entries = UGCLogEntry.objects.filter(submission=submission).select_related("by")
    return [
        Happening(
            what=cells.sentence_case(UGCLogEntry.Kind(entry.kind).label),
            look=entry.kind,
            at=entry.at,
            who="" if entry.by is None else str(entry.by.get_username()),
            note=entry.note,
        )
        for entry in entries.order_by("at", "pk")
    ]


def mails_of(submission: UGCSubmission, *, site_name: str) -> list[Row]:
    """Return the mails to the customer about it, oldest first. One query."""
    keys = [f"ugc-{name}:{submission.pk}" for name in ("received", "approved", "ended", "expiring")]
    # One mail per rejection, numbered: a submission may be reconsidered and rejected again.
    rejected = f"ugc-rejected:{submission.pk}:"
    mails = OutboxMail.objects.filter(Q(key__in=keys) | Q(key__startswith=rejected))
    return [
        Row(
            link=cells.row_link(
                "outboxmail", mail.pk, mail.subject or f"#{mail.pk}", site_name=site_name
            ),
            state=str(mail.get_status_display()),
            at=mail.created_at,
        )
        for mail in mails.only("subject", "status", "created_at").order_by("pk")
    ]


def reports_of(submission: UGCSubmission, *, site_name: str) -> list[Row]:
    """Return the reports on it, oldest first. One query."""
    reports = UGCReport.objects.filter(submission=submission).order_by("pk")
    return [
        Row(
            link=cells.row_link("ugcreport", report.pk, report.receipt, site_name=site_name),
            state=f"{report.get_cause_display()} – {report.get_status_display()}",
            at=report.reported_at,
        )
        for report in reports
    ]
