"""What was begun and sent in for one order: found by it, begun for it. What is another order's is not found."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db.models import Q, QuerySet

from django_ppx.core.models import Purchase
from django_ppx.core.recording import PurchaseRecord
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import PpxError
from django_ppx.ugc.drafts import Sender, open_draft
from django_ppx.ugc.inviting import check_takes
from django_ppx.ugc.models import UGCMedia, UGCRewardOffer, UGCSubmission, UGCUpload
from django_ppx.ugc.offering import is_meant_for
from django_ppx.ugc.refusals import SubmissionRefused
from django_ppx.ugc.storage import KEY_LENGTH, new_key

MOST_DRAFTS: Final = 10
"""Drafts of one order, those included that were withdrawn within a day. Nobody needs more."""
_DAY: Final = timedelta(days=1)


class UnknownOffer(PpxError):
    """There is no such offer for this order's customer."""


def submissions_of(order_ref: str) -> QuerySet[UGCSubmission]:
    """Return what was begun or sent in for the order, with all that shows how it stands."""
    return (
        UGCSubmission.objects.filter(purchase=_purchase_id(order_ref))
        .select_related(
            "purchase__customer",
            "ugc_offer__benefit",
            "ugc_offer__licence",
            "reason",
            "reward__code",
            "licence_grant",
        )
        .prefetch_related(
            "ugc_offer__texts",
            "ugc_offer__benefit__amounts",
            "ugc_offer__benefit__scopes",
            "reason__texts",
            "media",
            "posts",
            "uploads",
        )
    )


def find_submission(order_ref: str, key: str) -> UGCSubmission | None:
    """Return the order's submission of this key, with its offer."""
    rows = UGCSubmission.objects.select_related("ugc_offer__licence", "purchase__customer")
    return rows.filter(purchase=_purchase_id(order_ref), form_key=key).first()


def find_media(order_ref: str, key: str, media_key: str) -> UGCMedia | None:
    """Return a file of the order's submission of this key."""
    rows = UGCMedia.objects.select_related("submission")
    mine = rows.filter(submission__purchase=_purchase_id(order_ref), submission__form_key=key)
    return mine.filter(key=media_key).first()


def find_upload(order_ref: str, key: str) -> UGCUpload | None:
    """Return an upload in pieces of one of the order's submissions."""
    rows = UGCUpload.objects.select_related(
        "submission__ugc_offer", "submission__purchase", "media"
    )
    return rows.filter(submission__purchase=_purchase_id(order_ref), key=key).first()


def begin_submission(
    *, record: PurchaseRecord, slug: str, reference: str, language: str, now: datetime
) -> tuple[UGCSubmission, bool]:
    """Return the order's draft for the offer of this short name, and whether it is new.

    The same `reference` is the same draft, or what became of it. Without one, each call begins another.

    :raises UnknownOffer: when there is no such offer for this customer.
    :raises SubmissionRefused: when nothing can be sent in, or too many were begun already.
    :raises TransactionConflict: see `run_retrying`.
    """
    purchase = record.purchase
    ugc_offer = UGCRewardOffer._base_manager.filter(slug=slug).first()
    if ugc_offer is None:
        raise UnknownOffer(slug)
    key = _key_of(purchase, ugc_offer, reference) if reference else new_key()
    found = find_submission(purchase.order_ref, key)
    if found is not None:
        return found, False
    if not is_meant_for(record, ugc_offer, language=language, now=now):
        raise UnknownOffer(slug)
    check_takes(ugc_offer, purchase, now=now)
    sender = Sender(ugc_offer=ugc_offer, purchase=purchase, form_key=key, language=language)
    return run_retrying(partial(_begin, sender, now)), True


def sender_of(submission: UGCSubmission, *, language: str) -> Sender:
    """Return who goes on with a submission."""
    return Sender(
        ugc_offer=submission.ugc_offer,
        purchase=submission.purchase,
        form_key=submission.form_key,
        language=language,
    )


def _purchase_id(order_ref: str) -> int | None:
    """Return the key of the order of exactly this number: a column that compares without case also finds another's."""
    rows = Purchase.objects.filter(order_ref=clean_text(order_ref)).values_list("pk", "order_ref")
    return next((pk for pk, ref in rows if ref == clean_text(order_ref)), None)


def _begin(sender: Sender, now: datetime) -> UGCSubmission:
    # Locked, so that two at once can't both count the others.
    Purchase.objects.select_for_update().get(pk=sender.purchase.pk)
    never_sent = UGCSubmission.objects.filter(purchase=sender.purchase, sent_at__isnull=True)
    counted = never_sent.filter(Q(status=UGCSubmission.Status.DRAFT) | Q(created_at__gt=now - _DAY))
    if counted.exclude(form_key=sender.form_key).count() >= MOST_DRAFTS:
        raise SubmissionRefused(SubmissionRefused.Reason.TOO_MANY_DRAFTS)
    return open_draft(sender, now=now)


def _key_of(purchase: Purchase, ugc_offer: UGCRewardOffer, reference: str) -> str:
    """Return the key of the form that a client names itself. It opens nothing: whose order it is is asked each time."""
    said = f"{purchase.pk}\n{ugc_offer.pk}\n{reference}"
    return hashlib.sha256(said.encode()).hexdigest()[:KEY_LENGTH]
