"""Reporting published content: a form, and the receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from django_ppx.core.containment import run_contained
from django_ppx.core.identity import keyed_digest
from django_ppx.core.responses import private
from django_ppx.core.tokens import InvalidToken, make_token, read_token
from django_ppx.rewards.addresses import client_address, counted_prefix
from django_ppx.rewards.attempts import Source, take
from django_ppx.ugc.gallery import GalleryItem, gallery_item
from django_ppx.ugc.public_views import gone
from django_ppx.ugc.rendering import item_context, page_language
from django_ppx.ugc.report_forms import ReportForm
from django_ppx.ugc.reporting import Complaint, file_report
from django_ppx.ugc.serving import NotShown, published_media
from django_ppx.ugc.storage import new_key

REPORTS_PER_HOUR: Final = 20
"""Of one address, which many people may share."""
RECEIPT_DAYS: Final = 7
_PURPOSE: Final = "ugc-report"

Response = TypeVar("Response", bound=HttpResponseBase)


# Outside of `ATOMIC_REQUESTS`: what is counted stays counted.
@transaction.non_atomic_requests
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show the form, and store what it says. Sent twice, it is one report with one number."""
    now = timezone.now()
    try:
        item = gallery_item(key, now=now, language=page_language())
    except NotShown:
        return _confidential(gone(request))
    if request.method != "POST":
        return _page(request, item, ReportForm(initial={"form_key": new_key()}))
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _page(request, item, form)
    if not _may_report(request, now):
        return _page(request, item, form, status=429)
    submission_id = published_media(key, now=now).values_list("submission_id", flat=True).first()
    if submission_id is None:
        return _confidential(gone(request))
    complaint = Complaint(
        form_key=form.cleaned_data["form_key"],
        submission_id=submission_id,
        media_key=key,
        cause=form.cleaned_data["cause"],
        text=form.cleaned_data["text"],
        email=form.cleaned_data["email"],
        language=page_language(),
    )
    stored = file_report(complaint=complaint, now=now)
    token = make_token(purpose=_PURPOSE, payload=stored.receipt, now=now)
    return _confidential(HttpResponseRedirect(reverse("ppx:gallery_reported", args=[token])))


@require_safe
def reported(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the number of a report that was just sent."""
    try:
        receipt = read_token(token, purpose=_PURPOSE, max_age_days=RECEIPT_DAYS, now=timezone.now())
    except InvalidToken:
        return private(render(request, "django_ppx/pages/link_invalid.html", status=404))
    context = {"receipt": receipt, "gallery_url": reverse("ppx:gallery")}
    return private(render(request, "django_ppx/ugc/reported.html", context))


def _page(
    request: HttpRequest, item: GalleryItem, form: ReportForm, *, status: int = 200
) -> HttpResponseBase:
    context: dict[str, Any] = {"form": form, "is_throttled": status == 429}
    response = render(
        request, "django_ppx/ugc/report.html", item_context(item) | context, status=status
    )
    return _confidential(response)


def _confidential(response: Response) -> Response:
    """Return `response` out of all caches. A form's own page must name its origin, or Django refuses what it sends."""
    private(response)["Referrer-Policy"] = "same-origin"
    return response


def _may_report(request: HttpRequest, now: datetime) -> bool:
    """Count one more report of the visitor's address, and return whether it is not one too many."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

    def count() -> bool:
        address = counted_prefix(client_address(request))
        if not address:
            return True
        digest = keyed_digest("address", address)[:32]
        return take(Source(key=f"report:{digest}", limit=REPORTS_PER_HOUR), window=hour)

    # A fault of the counter must not swallow a complaint.
    return run_contained("Counting a report", count, otherwise=True)
