"""Sending a draft in: the limits, the licence exactly as it was shown, the mail that says it arrived."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import end_of_local_months
from django_ppx.core.committing import after_commit
from django_ppx.core.models import Purchase, PurchaseLine
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.events.models import OfferEvent
from django_ppx.events.recording import EventSubject, record_event
from django_ppx.offers.models import OfferPresentation
from django_ppx.signals import submission_sent
from django_ppx.ugc.drafts import Sender, open_draft
from django_ppx.ugc.licensing import shown_licence
from django_ppx.ugc.mails import post_received
from django_ppx.ugc.models import (
    UGCLicenceGrant,
    UGCLogEntry,
    UGCPost,
    UGCSubmission,
)
from django_ppx.ugc.noting import note
from django_ppx.ugc.pieces import drop_uploads
from django_ppx.ugc.places import take_places
from django_ppx.ugc.posts import PostLink, normalise_post
from django_ppx.ugc.refusals import SubmissionRefused

Status: Final = UGCSubmission.Status
Reason: Final = SubmissionRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """What the customer says with the files, and what they agree to."""

    page: str
    """The path of the page on which they agreed."""
    caption: str = ""
    product_sku: str = ""
    """Of a line of the order; "" when it has none, or only one."""
    posts: tuple[str, ...] = ()
    """Addresses of posts as they were typed."""
    has_agreed: bool = False
    licence_mark: str = ""
    """Of the licence that the page showed (`licensing.shown_licence`). "" where no page did."""
    is_old_enough: bool = False
    people_agreed: bool = False


def send_submission(*, sender: Sender, sending: Sending, now: datetime) -> UGCSubmission:
    """Send the page's draft in, and return it waiting. Sent again, or by two at once, it is the same one submission.

    :raises SubmissionRefused: when it can't be sent like this; then it stays the draft it was.
    :raises PostRefused: when an address is not that of a post.
    :raises TransactionConflict: see `run_retrying`.
    """
    posts = tuple(dict.fromkeys(normalise_post(url) for url in sending.posts if url.strip()))
    draft = run_retrying(partial(open_draft, sender, now=now))
    return run_retrying(partial(_send, draft.pk, sender, sending, posts, now))


def _send(
    draft_id: int, sender: Sender, sending: Sending, posts: tuple[PostLink, ...], now: datetime
) -> UGCSubmission:
    submission = UGCSubmission.objects.select_for_update().filter(pk=draft_id).first()
    if submission is None:  # it was too old, and was removed this moment
        raise SubmissionRefused(Reason.UNKNOWN_FORM)
    submission.ugc_offer, submission.purchase = sender.ugc_offer, sender.purchase
    if submission.status == Status.WITHDRAWN:
        raise SubmissionRefused(Reason.WITHDRAWN)
    if submission.status != Status.DRAFT:
        return submission
    _check(submission, sending, posts, now)
    line = _line(submission, sending.product_sku)
    take_places(ugc_offer=sender.ugc_offer, limit_keys=submission.limit_keys)
    submission.status = Status.WAITING
    submission.sent_at = now
    submission.language = sender.language
    submission.caption = clean_text(sending.caption, 1000)
    submission.product_sku = line.sku if line else ""
    submission.product_title = line.title if line else ""
    submission.save()
    drop_uploads(submission)
    UGCPost.objects.bulk_create(_post(submission, link) for link in posts)
    _store_licence(submission, sending, now)
    note(submission, UGCLogEntry.Kind.SENT, now=now)
    _note_done(submission, now)
    post_received(submission, now=now)
    after_commit(partial(submission_sent.send_robust, sender=UGCSubmission, submission=submission))
    return submission


def _check(
    submission: UGCSubmission, sending: Sending, posts: tuple[PostLink, ...], now: datetime
) -> None:
    offer = submission.ugc_offer
    if not offer.is_open(now=now):
        raise SubmissionRefused(Reason.NOT_OPEN)
    # Locked: an order that is being cancelled this moment is waited for, and read as it is then.
    orders = Purchase.objects.select_for_update().filter(pk=submission.purchase_id)
    if orders.values_list("status", flat=True).get() != Purchase.Status.PLACED:
        raise SubmissionRefused(Reason.ORDER_UNDONE)
    if len(posts) > offer.max_posts:
        raise SubmissionRefused(Reason.TOO_MANY_POSTS)
    if not posts and not submission.media.exists():
        raise SubmissionRefused(Reason.NOTHING)
    if not sending.has_agreed:
        raise SubmissionRefused(Reason.NO_LICENCE)
    if offer.minimum_age and not sending.is_old_enough:
        raise SubmissionRefused(Reason.TOO_YOUNG)
    if offer.asks_people_agreed and not sending.people_agreed:
        raise SubmissionRefused(Reason.PEOPLE)


def _line(submission: UGCSubmission, sku: str) -> PurchaseLine | None:
    """Return the line that the pictures show: the one chosen, or the only one there is."""
    lines = list(PurchaseLine.objects.filter(purchase=submission.purchase_id).order_by("position"))
    if sku:
        chosen = next((line for line in lines if line.sku == sku), None)
        if chosen is None:
            raise SubmissionRefused(Reason.UNKNOWN_PRODUCT)
        return chosen
    return lines[0] if len(lines) == 1 else None


def _post(submission: UGCSubmission, link: PostLink) -> UGCPost:
    digest = hashlib.sha256(link.url.encode()).hexdigest()
    return UGCPost(submission=submission, network=link.network, url=link.url, url_digest=digest)


def _store_licence(submission: UGCSubmission, sending: Sending, now: datetime) -> None:
    offer = submission.ugc_offer
    shown = shown_licence(offer, language=submission.language)
    if shown is None:
        raise SubmissionRefused(Reason.NOT_OPEN)
    if sending.licence_mark and sending.licence_mark != shown.mark:
        raise SubmissionRefused(Reason.LICENCE_CHANGED)
    licence, text = shown.licence, shown.text
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    term = licence.term_months
    UGCLicenceGrant.objects.create(
        submission=submission,
        licence=licence,
        language=text.language,
        summary=text.summary,
        text=text.text,
        scopes=licence.scopes,
        minimum_age=offer.minimum_age,
        people_agreed=offer.asks_people_agreed,
        page=clean_text(sending.page, 300),
        granted_at=now,
        ends_at=end_of_local_months(now, term, zone) if term else None,
    )


def _note_done(submission: UGCSubmission, now: datetime) -> None:
    """Note with the offer's card that its customer did what it asks, and count it."""
    shown = OfferPresentation.objects.filter(
        offer=submission.ugc_offer_id, purchase=submission.purchase_id
    ).order_by("presented_at")
    first = shown.first()
    subject = EventSubject(
        offer_id=submission.ugc_offer_id,
        variant_id=first.variant_id if first else None,
        presentation_id=str(first.pk) if first else None,
        customer_id=submission.customer_id,
    )
    with transaction.atomic():
        record_event(name="submit", subject=subject, source=OfferEvent.Source.FORM, now=now)
    shown.filter(done_at__isnull=True).update(done_at=now)
