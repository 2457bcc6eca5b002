"""A batch as such: ordering one, stopping it, and why one is refused. `generating` and `importing` fill it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.rewards.models import Benefit, CodeBatch
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import end_of_day


class BatchRefused(Refusal):
    """Staff asked for a batch that can't be; `str(error)` is for them."""

    class Reason(models.TextChoices):
        NOT_A_DISCOUNT = (
            "not_a_discount",
            _("Gifts and points have no codes. Choose a benefit that takes something off."),
        )
        CODES_ARE_IMPORTED = (
            "codes_are_imported",
            _("The codes of this benefit come from elsewhere: import them."),
        )
        CODES_ARE_DRAWN = (
            "codes_are_drawn",
            _(
                "The codes of this benefit are drawn at random. "
                "Set it to codes that you imported before you import any."
            ),
        )
        COUNT = "count", _("From 1 to 1,000,000 codes at once.")
        EXPIRED = "expired", _("The last day of these codes has passed.")
        NAME_TAKEN = "name_taken", _("There is a batch of this name for this benefit already.")
        TOO_CROWDED = "too_crowded", _("So many codes could be guessed.")
        TOO_LARGE = (
            "too_large",
            _(
                "The file has more than 1,000,000 lines. Those were read; import the rest by itself."
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRequest:
    """What staff say about a batch, made or imported."""

    benefit_id: int
    name: str
    last_day: date | None = None
    """The last day on which the codes are valid; None: what the benefit says."""
    by_id: int | None = None


def locked_benefit(benefit_id: int) -> Benefit:
    """Return the benefit, its row locked where the database can, so that batches of it are ordered one by one."""
    return Benefit.objects.select_for_update().get(pk=benefit_id)


def new_batch(*, request: BatchRequest, terms: FrozenTerms, now: datetime) -> CodeBatch:
    """Return a batch that is not stored yet, without an expiry unless `request` names the last day.

    :raises BatchRefused: when that day has passed, or codes can't carry such terms.
    """
    if not terms.is_discount:
        raise BatchRefused(BatchRefused.Reason.NOT_A_DISCOUNT)
    expires_at = None if request.last_day is None else end_of_day(request.last_day)
    if expires_at is not None and expires_at <= now:
        raise BatchRefused(BatchRefused.Reason.EXPIRED)
    return CodeBatch(
        name=clean_text(request.name, 120),
        benefit_id=request.benefit_id,
        terms=terms.as_json(),
        created_at=now,
        created_by_id=request.by_id,
        expires_at=expires_at,
    )


def stop_batch(*, batch_id: int, now: datetime) -> bool:
    """Stop a batch that is being made, and return whether it was. What is made stays, a chunk under way included."""
    running = CodeBatch.objects.filter(pk=batch_id, status=CodeBatch.Status.RUNNING)
    return bool(running.update(status=CodeBatch.Status.STOPPED, finished_at=now))
