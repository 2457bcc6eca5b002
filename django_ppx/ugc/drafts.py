"""Drafts: what was uploaded and is not sent yet. A page has one, named by the key of its form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from django_ppx.core.identity import limit_keys
from django_ppx.core.models import Purchase
from django_ppx.shop.types import Customer
from django_ppx.ugc.models import UGCRewardOffer, UGCSubmission
from django_ppx.ugc.refusals import SubmissionRefused

_FORM_KEY: Final = re.compile(r"[a-z0-9]{32}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who sends what in: one order, one offer, one page."""

    ugc_offer: UGCRewardOffer
    purchase: Purchase
    form_key: str
    """As `storage.new_key` makes it; drawn for each page, so that sending it twice is one submission."""
    language: str


def find_draft(sender: Sender) -> UGCSubmission | None:
    """Return the page's submission, sent or not, or None before the first upload.

    :raises SubmissionRefused: when the key of the form is none, or another order's.
    """
    if not _FORM_KEY.fullmatch(sender.form_key):
        raise SubmissionRefused(SubmissionRefused.Reason.UNKNOWN_FORM)
    return _of_page(UGCSubmission.objects.all(), sender)


def _of_page(rows: QuerySet[UGCSubmission], sender: Sender) -> UGCSubmission | None:
    found = rows.filter(form_key=sender.form_key).first()
    if found is None:
        return None
    if (found.purchase_id, found.ugc_offer_id) != (sender.purchase.pk, sender.ugc_offer.pk):
        raise SubmissionRefused(SubmissionRefused.Reason.UNKNOWN_FORM)
    found.ugc_offer, found.purchase = sender.ugc_offer, sender.purchase
    return found


def open_draft(sender: Sender, *, now: datetime) -> UGCSubmission:
    """Return the page's submission, begun now unless there is one. Two at once begin one.

    :raises SubmissionRefused: when the key of the form is none, or another order's.
    """
    found = find_draft(sender)
    if found is not None:
        return found
    draft = UGCSubmission(
        ugc_offer=sender.ugc_offer,
        purchase=sender.purchase,
        customer_id=sender.purchase.customer_id,
        form_key=sender.form_key,
        language=sender.language,
        limit_keys=list(person_keys(sender.purchase)),
        created_at=now,
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        # Locked: a plain read from a snapshot (MariaDB) does not see what the other has stored.
        found = _of_page(UGCSubmission.objects.select_for_update(), sender)
        if found is None:
            raise
        return found
    return draft


def person_keys(purchase: Purchase) -> tuple[str, ...]:
    """Return the keys under which the buyer's submissions and uploads are counted, guests included.

    One who left neither account nor address nor number counts by the row that we have of them.
    """
    buyer = purchase.customer
    known = Customer(account_id=buyer.account_id, email=buyer.email, phone=buyer.phone)
    return limit_keys(known) or (f"customer:{purchase.customer_id}",)
