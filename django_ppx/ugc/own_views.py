"""What a customer sees of what they sent in, and withdraws: only with proof that it is theirs.

Unknown and another's are one answer, the one of a link that leads nowhere.
"""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from django_ppx.core.models import Purchase
from django_ppx.core.responses import private
from django_ppx.core.retrying import TransactionConflict
from django_ppx.core.tokens import InvalidToken
from django_ppx.offers.building import icons_url
from django_ppx.ugc.drafts import person_keys
from django_ppx.ugc.ending import withdraw as withdraw_submission
from django_ppx.ugc.file_responses import file_response
from django_ppx.ugc.links import page_path, read_proof_token
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.places import has_place
from django_ppx.ugc.serving import NotShown, file_of
from django_ppx.ugc.showing import PREVIEWS, standing
from django_ppx.ugc.taking_part import busy_sentence
from django_ppx.ugc.views import link_invalid
from django_ppx.ugc.visitors import has_proof, remember


@require_safe
def proof(request: HttpRequest, token: str) -> HttpResponseBase:
    """Let this session see what the link from a mail is about, and lead there. HEAD remembers nothing."""
    try:
        submission_id = read_proof_token(token, now=timezone.now())
    except InvalidToken:
        return link_invalid(request)
    submission = UGCSubmission.objects.filter(pk=submission_id).first()
    if submission is None:
        return link_invalid(request)
    if request.method != "HEAD":
        remember(request, submission.form_key)
    url = reverse("ppx:ugc_state", args=[submission.form_key])
    return private(HttpResponseRedirect(url))


@require_safe
def state(request: HttpRequest, form_key: str) -> HttpResponseBase:
    """Show what was sent in and how it stands."""
    submission = _own(request, form_key)
    if submission is None:
        return link_invalid(request)
    return private(_show(request, submission, "django_ppx/ugc/state.html"))


@transaction.non_atomic_requests
@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def withdraw(request: HttpRequest, form_key: str) -> HttpResponseBase:
    """Ask whether to withdraw, and do it."""
    submission = _own(request, form_key)
    if submission is None:
        return link_invalid(request)
    if request.method != "POST":
        return private(_show(request, submission, "django_ppx/ugc/withdraw.html"), has_form=True)
    try:
        withdraw_submission(submission_id=submission.pk, now=timezone.now())
    except TransactionConflict:
        shown = _show(request, submission, "django_ppx/ugc/withdraw.html", alert=busy_sentence())
        return private(shown, has_form=True)
    return private(HttpResponseRedirect(reverse("ppx:ugc_state", args=[form_key])))


@require_safe
def preview(request: HttpRequest, form_key: str, key: str, name: str) -> HttpResponseBase:
    """Serve a picture of what was uploaded to whoever uploaded it, sent or not."""
    media = (
        UGCMedia.objects.select_related("submission__purchase__customer")
        .filter(key=key, submission__form_key=form_key, files_removed_at__isnull=True)
        .first()
    )
    if media is None or name not in PREVIEWS or not has_proof(request, media.submission):
        return link_invalid(request)
    try:
        return private(file_response(request, file_of(media.files, key=key, name=name)))
    except NotShown:
        return link_invalid(request)


def _own(request: HttpRequest, form_key: str) -> UGCSubmission | None:
    """Return the sent submission of this key, if the visitor has proven that it is theirs."""
    submission = (
        UGCSubmission.objects.select_related(
            "purchase__customer", "ugc_offer__benefit", "reason", "reward__code", "licence_grant"
        )
        .filter(form_key=form_key)
        .exclude(status=UGCSubmission.Status.DRAFT)
        .first()
    )
    return submission if submission is not None and has_proof(request, submission) else None


def _show(
    request: HttpRequest, submission: UGCSubmission, template: str, *, alert: str = ""
) -> HttpResponseBase:
    offer, purchase, now = submission.ugc_offer, submission.purchase, timezone.now()
    stands = purchase.status == Purchase.Status.PLACED
    can_send = (
        stands
        and offer.is_open(now=now)
        and has_place(ugc_offer=offer, limit_keys=person_keys(purchase))
    )
    context = {
        "standing": standing(submission),
        "submission": submission,
        "alert": alert,
        "icons_url": icons_url(),
        "withdraw_url": reverse("ppx:ugc_withdraw", args=[submission.form_key]),
        "state_url": reverse("ppx:ugc_state", args=[submission.form_key]),
        "again_url": page_path(ugc_offer_id=offer.pk, purchase_id=purchase.pk, now=now)
        if can_send
        else "",
    }
    return render(request, template, context, status=503 if alert else 200)
