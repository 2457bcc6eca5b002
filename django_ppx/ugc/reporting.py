"""Reports from the public on what is published, and the decisions on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.ugc.ending import take_down
from django_ppx.ugc.mails import post_report_decided, post_report_received
from django_ppx.ugc.models import UGCLogEntry, UGCReport, UGCSubmission
from django_ppx.ugc.noting import note
from django_ppx.ugc.refusals import DecisionRefused
from django_ppx.ugc.storage import new_key

Status: Final = UGCReport.Status
_RECEIPT_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_RECEIPT_LENGTH: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """What somebody says about published content. `form_key` is the page's: sent twice, it is one report."""

    form_key: str
    submission_id: int
    media_key: str
    cause: str
    text: str = ""
    email: str = ""
    language: str = ""


def file_report(*, complaint: Complaint, now: datetime) -> UGCReport:
    """Return the stored report with its receipt number; the receipt goes by mail too where there is an address.

    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_file, complaint, now))


def decide_report(
    *, report_id: int, upholds: bool, decision: str, by_id: int | None, now: datetime
) -> UGCReport:
    """Decide on an open report: upheld, the content is taken down, the reward stays. `decision` is read by both sides.

    Decided before, it is returned as it stands. Other open reports on content that is taken down are upheld with it.

    :raises DecisionRefused: when there is no reason.
    :raises TransactionConflict: see `run_retrying`.
    """
    decision = clean_text(decision, 1000)
    if not decision:
        raise DecisionRefused(DecisionRefused.Reason.NO_REASON)
    return run_retrying(partial(_decide, report_id, upholds, decision, by_id, now))


def _file(complaint: Complaint, now: datetime) -> UGCReport:
    about = (complaint.submission_id, complaint.media_key)
    report = UGCReport(
        submission_id=complaint.submission_id,
        media_key=complaint.media_key,
        receipt=get_random_string(_RECEIPT_LENGTH, _RECEIPT_LETTERS),
        form_key=complaint.form_key,
        cause=complaint.cause,
        text=clean_text(complaint.text, 2000),
        email=clean_text(complaint.email, 320),
        language=complaint.language,
        reported_at=now,
    )
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:
        stored = UGCReport.objects.select_for_update().get(form_key=complaint.form_key)
        if (stored.submission_id, stored.media_key) == about:
            return stored
        # A form of another page, whose key was used up there: what it says is not lost.
        return _file(replace(complaint, form_key=new_key()), now)
    note(report.submission, UGCLogEntry.Kind.REPORTED, now=now, text=report.receipt)
    post_report_received(report, now=now)
    return report


def _decide(
    report_id: int, upholds: bool, decision: str, by_id: int | None, now: datetime
) -> UGCReport:
    submission_id = UGCReport.objects.values_list("submission_id", flat=True).get(pk=report_id)
    # The submission's row first, as everywhere: who decides on two reports of it queues here.
    submission = UGCSubmission.objects.select_for_update().get(pk=submission_id)
    report = UGCReport.objects.select_for_update().get(pk=report_id)
    if report.status != Status.OPEN:
        return report
    if not upholds:
        _close(report, Status.DISMISSED, decision, by_id, now)
        note(submission, UGCLogEntry.Kind.REPORT_DISMISSED, now=now, by_id=by_id, text=decision)
        return report
    if submission.status == UGCSubmission.Status.APPROVED:
        take_down(submission_id=submission_id, takes_back=False, why=decision, by_id=by_id, now=now)
    for other in UGCReport.objects.select_for_update().filter(
        submission=submission_id, status=Status.OPEN
    ):
        _close(other, Status.UPHELD, decision, by_id, now)
    report.refresh_from_db()
    return report


def _close(report: UGCReport, status: str, decision: str, by_id: int | None, now: datetime) -> None:
    report.status, report.decision = status, decision
    report.decided_at, report.decided_by_id = now, by_id
    report.save()
    post_report_decided(report, now=now)
