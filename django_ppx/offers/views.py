"""What a shopper's browser tells us of a card: reports, a followed link, a dismissal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from django_ppx.core.responses import private
from django_ppx.core.tokens import InvalidToken
from django_ppx.events.bots import visit_from_headers
from django_ppx.events.models import OfferEvent
from django_ppx.offers.responding import Report, UnknownEvent, follow_link, report_event
from django_ppx.offers.shown_cards import CardName
from django_ppx.offers.snapshot import current_snapshot


class ExternalRedirect(HttpResponseRedirect):
    """A redirect that may also open the shopper's mail program; destinations come from our tables alone."""

    allowed_schemes = ["http", "https", "mailto"]


# The token is the permission: whoever can forge a request from another site does not have it.
@csrf_exempt
@require_POST
def event(request: HttpRequest) -> HttpResponse:
    """Record what the page's script reports: 204, or 400 for anything that no page of ours would send."""
    report = Report(
        token=request.POST.get("token", ""),
        event=request.POST.get("event", ""),
        channel=request.POST.get("channel", ""),
    )
    try:
        report_event(report, visit=visit_from_headers("POST", request.headers), now=timezone.now())
    except (InvalidToken, UnknownEvent):
        return HttpResponse(status=400)
    return HttpResponse(status=204)


@require_safe
def go(request: HttpRequest, token: str, key: str) -> HttpResponseBase:
    """Lead to where a link of a card points, and note the click."""
    visit = visit_from_headers(str(request.method), request.headers)
    try:
        url = follow_link(
            current_snapshot(),
            card=CardName(token=token),
            key=key,
            visit=visit,
            now=timezone.now(),
        )
    except InvalidToken:
        return private(render(request, "django_ppx/pages/link_invalid.html", status=404))
    return private(ExternalRedirect(url))


@csrf_exempt
@require_POST
def dismiss(request: HttpRequest) -> HttpResponseBase:
    """Hide an offer for good, for pages without JavaScript: then back to where the shopper came from."""
    report = Report(
        token=request.POST.get("token", ""), event="dismiss", source=OfferEvent.Source.FORM.value
    )
    try:
        report_event(report, visit=visit_from_headers("POST", request.headers), now=timezone.now())
    except InvalidToken:
        return private(render(request, "django_ppx/pages/link_invalid.html", status=404))
    back = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=request.is_secure()
    ):
        return private(HttpResponseRedirect(back))
    return private(render(request, "django_ppx/pages/offer_hidden.html", {"back_url": ""}))
