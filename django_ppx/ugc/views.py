"""The page on which a customer takes part in an offer, without and with its script.

Uploads are read outside of `ATOMIC_REQUESTS`: a transaction held while a video is looked at would block the shop. The
views that take them are exempt from the CSRF check outside and protected inside, so that the caps stand before the
body is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from django_ppx.core.responses import private
from django_ppx.core.retrying import TransactionConflict
from django_ppx.core.tokens import InvalidToken
from django_ppx.offers.building import icons_url
from django_ppx.ugc.drafts import Sender
from django_ppx.ugc.forms import SubmissionForm
from django_ppx.ugc.inviting import Invitation, check_open, has_room, read_invitation
from django_ppx.ugc.models import UGCMedia, UGCRewardOffer, UGCSubmission
from django_ppx.ugc.receiving import CappedUploads, files_of, is_too_long, receive
from django_ppx.ugc.refusals import PostRefused, SubmissionRefused, too_large
from django_ppx.ugc.showing import shown_media
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.taking_part import (
    FileProblem,
    begin,
    busy_sentence,
    own_submissions,
    resume,
    take_file,
    take_files,
    take_out,
)
from django_ppx.ugc.uploading import MEGABYTE
from django_ppx.ugc.visitors import is_buyer

Status: Final = UGCSubmission.Status


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What the page says beside the offer: of what was just tried."""

    alert: str = ""
    problems: tuple[FileProblem, ...] = ()
    form: SubmissionForm | None = None
    """Judged already; else one is filled with `typed`."""
    typed: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@csrf_exempt
@transaction.non_atomic_requests
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the offer and its form; take what the form sends, with several files or none."""
    try:
        invitation = read_invitation(token, now=timezone.now())
    except InvalidToken:
        return link_invalid(request)
    if request.method != "POST":
        return private(_open_page(request, invitation), has_form=True)
    if is_too_long(request, invitation.ugc_offer, is_one_file=False):
        said = _Said(alert=_too_much(), status=413)
        return private(_open_page(request, invitation, said), has_form=True)
    caps = receive(request, invitation.ugc_offer, is_one_file=False)
    return private(_take(request, invitation, caps), has_form=True)


@csrf_exempt
@transaction.non_atomic_requests
@require_POST
def add(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take one file that the page's script sends, and answer in JSON: the file, or a sentence."""
    try:
        invitation = read_invitation(token, now=timezone.now())
    except InvalidToken:
        return private(_answer(_("This page is out of date. Please open the link again."), 404))
    if is_too_long(request, invitation.ugc_offer, is_one_file=True):
        return private(_answer(_too_much(), 413))
    caps = receive(request, invitation.ugc_offer, is_one_file=True)
    return private(_take_one(request, invitation, caps))


@transaction.non_atomic_requests
@require_POST
@csrf_protect
def remove(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take one file out of the draft again, for the page's script."""
    try:
        invitation = read_invitation(token, now=timezone.now())
        _sender, draft = resume(request, invitation)
        is_gone = draft is not None and take_out(draft, request.POST.get("key", ""))
    except InvalidToken:
        return private(_answer(_("This page is out of date. Please open the link again."), 404))
    except SubmissionRefused as refused:
        return private(_answer(str(refused)))
    except TransactionConflict:
        return private(_answer(busy_sentence(), 503))
    return private(JsonResponse({"is_ok": is_gone}))


def link_invalid(request: HttpRequest) -> HttpResponseBase:
    """Answer every link that leads nowhere alike."""
    return private(render(request, "django_ppx/pages/link_invalid.html", status=404))


@csrf_protect
def _take_one(
    request: HttpRequest, invitation: Invitation, caps: CappedUploads
) -> HttpResponseBase:
    now = timezone.now()
    try:
        check_open(invitation, now=now)
        sender, _found = resume(request, invitation)
    except SubmissionRefused as refused:
        return _answer(str(refused))
    files = files_of(request)
    for _name, refusal in caps.refused:
        return _answer(str(refusal))
    if not files:
        return _answer(_("Nothing arrived. Please try again."))
    taken = take_file(sender, files[0], now=now)
    if isinstance(taken, FileProblem):
        return _answer(taken.sentence, 503 if taken.is_busy else 200)
    (shown,) = shown_media([taken], form_key=sender.form_key)
    return JsonResponse({"is_ok": True, "media": shown.as_json()})


@csrf_protect
def _take(request: HttpRequest, invitation: Invitation, caps: CappedUploads) -> HttpResponseBase:
    now, typed = timezone.now(), request.POST.dict()
    try:
        sender, found = resume(request, invitation)
        if found is not None and found.status != Status.DRAFT:
            return _to_state(sender.form_key)  # sent twice, or back and sent again
        check_open(invitation, now=now)
    except SubmissionRefused as refused:
        return _open_page(request, invitation, _Said(alert=str(refused), typed=typed))
    problems = take_files(sender, files_of(request), now=now)
    problems += [FileProblem(name=name, sentence=str(why)) for name, why in caps.refused]
    try:
        if (key := request.POST.get("remove")) and found is not None:
            take_out(found, key)
        elif request.POST.get("do") == "send" and not problems:
            return _send(request, invitation, sender)
    except TransactionConflict:
        said = _Said(alert=busy_sentence(), typed=typed, status=503)
        return _show_form(request, invitation, sender, said)
    status = 503 if any(problem.is_busy for problem in problems) else 200
    said = _Said(problems=tuple(problems), typed=typed, status=status)
    return _show_form(request, invitation, sender, said)


def _send(request: HttpRequest, invitation: Invitation, sender: Sender) -> HttpResponseBase:
    form = SubmissionForm(invitation, request.POST)
    mark = invitation.licence.mark
    if request.POST.get("licence") != mark:
        form = _ask_again(invitation, request.POST.dict())
    if form.is_valid():
        try:
            sending = form.sending(page=_page_of(request), licence_mark=mark)
            send_submission(sender=sender, sending=sending, now=timezone.now())
            return _to_state(sender.form_key)
        except SubmissionRefused as refused:
            form.refuse(refused)
        except PostRefused as refused:
            form.add_error(None, str(refused))
    return _show_form(request, invitation, sender, _Said(form=form))


def _page_of(request: HttpRequest) -> str:
    """Return the page on which somebody agrees, for the register: without the token, which would let its readers in."""
    match = request.resolver_match
    return request.path.replace(match.kwargs["token"], "…") if match else request.path


def _ask_again(invitation: Invitation, typed: Mapping[str, Any]) -> SubmissionForm:
    """Return the form with the box unticked: what it was ticked for is not what the page says now."""
    form = SubmissionForm(
        invitation, {name: value for name, value in typed.items() if name != "has_agreed"}
    )
    form.errors.pop("has_agreed", None)
    form.refuse(SubmissionRefused(SubmissionRefused.Reason.LICENCE_CHANGED))
    return form


def _open_page(
    request: HttpRequest, invitation: Invitation, said: _Said | None = None
) -> HttpResponseBase:
    """Show the page with the draft that this visitor left, or say why nothing can be sent in."""
    said, closed = said or _Said(), ""
    try:
        check_open(invitation, now=timezone.now())
        if not has_room(invitation):
            closed = _("All places are taken: something was sent in already. Thank you!")
    except SubmissionRefused as refused:
        closed = str(refused)
    if closed:
        context = _context(request, invitation) | {"sentence": closed}
        return render(request, "django_ppx/ugc/closed.html", context, status=said.status)
    return _show_form(request, invitation, begin(request, invitation), said)


def _show_form(
    request: HttpRequest, invitation: Invitation, sender: Sender, said: _Said
) -> HttpResponseBase:
    files = UGCMedia.objects.filter(
        submission__form_key=sender.form_key, submission__status=Status.DRAFT
    ).order_by("position", "pk")
    form = said.form or SubmissionForm(invitation, initial=said.typed)
    context = _context(request, invitation) | {
        "form": form,
        "form_key": sender.form_key,
        "files": shown_media(files, form_key=sender.form_key),
        "file_problems": said.problems,
        "alert": said.alert,
        "has_errors": bool(said.alert or said.problems or form.errors),
        "limits": _limits(invitation.ugc_offer),
        "add_url": reverse("ppx:ugc_add", args=_token(request)),
        "remove_url": reverse("ppx:ugc_remove", args=_token(request)),
    }
    return render(request, "django_ppx/ugc/page.html", context, status=said.status)


def _context(request: HttpRequest, invitation: Invitation) -> dict[str, Any]:
    owner = is_buyer(request, invitation.purchase)
    return {
        "invitation": invitation,
        "offer": invitation.ugc_offer,
        "action_url": request.path,
        "icons_url": icons_url(),
        "sent": own_submissions(request, invitation, is_buyer=owner),
    }


def _limits(ugc_offer: UGCRewardOffer) -> dict[str, Any]:
    """Return how large files may be, for the script: what is too large need not travel first."""
    photo = ugc_offer.max_photo_megabytes * MEGABYTE
    video = ugc_offer.max_video_megabytes * MEGABYTE
    return {
        "photo_bytes": photo,
        "photo_too_large": str(too_large(photo)),
        "video_bytes": video,
        "video_too_large": str(too_large(video)),
    }


def _token(request: HttpRequest) -> list[Any]:
    match = request.resolver_match
    return [match.kwargs["token"]] if match else []


def _answer(sentence: str, status: int = 200) -> JsonResponse:
    return JsonResponse({"is_ok": False, "error": sentence}, status=status)


def _to_state(form_key: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("ppx:ugc_state", args=[form_key]))


def _too_much() -> str:
    return _("These files are too large together. Please add them one after the other.")
