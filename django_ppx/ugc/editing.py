"""What staff may change of a submission: how its pictures are described. What the customer wrote stays."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.ugc.models import UGCLogEntry, UGCSubmission
from django_ppx.ugc.noting import note


def describe_pictures(
    *, submission_id: int, alt_text: str, by_id: int | None, now: datetime
) -> bool:
    """Store what is read to people who can't see the pictures, and return whether it is new. The log keeps the old one.

    :raises TransactionConflict: see `run_retrying`.
    """
    text = " ".join(clean_text(alt_text, 300).split())
    return run_retrying(partial(_describe, submission_id, text, by_id, now))


def _describe(submission_id: int, text: str, by_id: int | None, now: datetime) -> bool:
    submission = UGCSubmission.objects.select_for_update().get(pk=submission_id)
    before = submission.alt_text
    if before == text:
        return False
    submission.alt_text = text
    submission.save(update_fields=["alt_text"])
    note(submission, UGCLogEntry.Kind.EDITED, now=now, by_id=by_id, text=before or "–")
    return True
