"""The log of a submission: what happened, when, by whom."""

from __future__ import annotations

from datetime import datetime

from django_ppx.core.texts import clean_text
from django_ppx.ugc.models import UGCLogEntry, UGCSubmission


def note(
    submission: UGCSubmission, kind: str, *, now: datetime, by_id: int | None = None, text: str = ""
) -> None:
    """Write down one thing that happened, in the transaction in which it happens."""
    UGCLogEntry.objects.create(
        submission=submission, kind=kind, at=now, by_id=by_id, note=clean_text(text, 300)
    )
