"""What a shopper's browser asks of us: reports, the way out of a card, a dismissal, the theme's stylesheet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

import django_ppx
from django_ppx.core.responses import private
from django_ppx.core.tokens import InvalidToken
from django_ppx.events.bots import visit_from_headers
from django_ppx.events.models import OfferEvent
from django_ppx.offers.responding import Report, UnknownEvent, follow_link, report_event
from django_ppx.offers.shown_cards import CardName
from django_ppx.offers.snapshot import current_snapshot

_SPRITE: Final = Path(django_ppx.__file__).parent / "static" / "django_ppx" / "icons.svg"


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


@require_safe
def icons(request: HttpRequest) -> HttpResponse:
    """Serve the icon sprite from the shop's own host, for shops whose static files are elsewhere."""
    response = HttpResponse(_SPRITE.read_bytes(), content_type="image/svg+xml")
    patch_cache_control(response, public=True, max_age=86_400)
    return response


@require_GET
def theme(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the active theme. Its address carries the digest of its text, so it may be kept for good."""
    active = current_snapshot().theme
    if active is None:
        raise Http404
    response = HttpResponse(active.css, content_type="text/css; charset=utf-8")
    if active.digest == digest:
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    else:
        # An older page asks: it gets the theme of now, which must not be kept under the old name.
        patch_cache_control(response, no_cache=True)
    return response
