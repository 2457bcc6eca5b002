"""What the page of an offer does with what it is sent: the form's key, files one by one, the submission."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from django_ppx.core.retrying import TransactionConflict
from django_ppx.core.texts import clean_text
from django_ppx.ugc.drafts import Sender, find_draft, open_draft
from django_ppx.ugc.inviting import Invitation
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.receiving import shown_name
from django_ppx.ugc.refusals import FileRefused, SubmissionRefused, UploadRefused
from django_ppx.ugc.storage import new_key
from django_ppx.ugc.uploading import add_file, remove_file
from django_ppx.ugc.visitors import give_form, has_proof, open_form, remembered

Status: Final = UGCSubmission.Status


@dataclass(frozen=True, kw_only=True, slots=True)
class FileProblem:
    """A file that was not taken, and the sentence that says why."""

    name: str
    sentence: str
    is_busy: bool = False


def begin(request: HttpRequest, invitation: Invitation) -> Sender:
    """Return the sender of a page: with the form that this session has not sent yet, else with a new one.

    So a reload loses no file. The form is put into the session: without it nobody else's can be gone on with. HEAD puts
    nothing there.
    """
    slot = f"{invitation.ugc_offer.pk}:{invitation.purchase.pk}"
    form_key = open_form(request, slot)
    is_sent = UGCSubmission.objects.filter(form_key=form_key).exclude(status=Status.DRAFT).exists()
    if not form_key or is_sent:
        form_key = new_key()
        if request.method != "HEAD":
            give_form(request, slot, form_key)
    return sender_of(invitation, form_key)


def resume(request: HttpRequest, invitation: Invitation) -> tuple[Sender, UGCSubmission | None]:
    """Return the sender that a form names, and what was begun or sent with it.

    :raises SubmissionRefused: when the form is not one that this visitor was given.
    """
    sender = sender_of(invitation, request.POST.get("form_key", ""))
    found = find_draft(sender)
    is_known = sender.form_key in remembered(request)
    if not is_known and (found is None or not has_proof(request, found)):
        raise SubmissionRefused(SubmissionRefused.Reason.UNKNOWN_FORM)
    return sender, found


def sender_of(invitation: Invitation, form_key: str) -> Sender:
    """Return who sends with this key."""
    return Sender(
        ugc_offer=invitation.ugc_offer,
        purchase=invitation.purchase,
        form_key=form_key,
        language=translation.get_language() or "",
    )


def take_file(
    sender: Sender, upload: UploadedFile[Any], *, now: datetime
) -> UGCMedia | FileProblem:
    """Add one file to the form's draft, or return what is wrong with it."""
    name = shown_name(upload.name)
    try:
        draft = open_draft(sender, now=now)
        return add_file(draft=draft, upload=upload, name=name, now=now)
    except (FileRefused, UploadRefused, SubmissionRefused) as refused:
        is_away = refused.reason == UploadRefused.Reason.STORAGE_AWAY
        return FileProblem(name=name, sentence=str(refused), is_busy=is_away)
    except TransactionConflict:
        return FileProblem(name=name, sentence=busy_sentence(), is_busy=True)


def take_files(
    sender: Sender, uploads: Iterable[UploadedFile[Any]], *, now: datetime
) -> list[FileProblem]:
    """Add the files one by one, so that a bad one costs no good one, and return what is wrong."""
    taken = [take_file(sender, upload, now=now) for upload in uploads]
    return [each for each in taken if isinstance(each, FileProblem)]


def take_out(draft: UGCSubmission, key: str) -> bool:
    """Remove the file of this key from the draft, and return whether it was there.

    :raises TransactionConflict: see `run_retrying`.
    """
    media_id = draft.media.filter(key=clean_text(key)).values_list("pk", flat=True).first()
    return media_id is not None and remove_file(draft=draft, media_id=media_id)


def own_submissions(
    request: HttpRequest, invitation: Invitation, *, is_buyer: bool
) -> list[UGCSubmission]:
    """Return what was sent for this offer and order and is proven to be the visitor's, oldest first."""
    sent = UGCSubmission.objects.sent().filter(
        ugc_offer=invitation.ugc_offer, purchase=invitation.purchase
    )
    if not is_buyer:
        sent = sent.filter(form_key__in=remembered(request))
    return list(sent.order_by("sent_at", "pk"))


def busy_sentence() -> str:
    return _("The shop is busy. Please try again in a moment; nothing is lost.")
