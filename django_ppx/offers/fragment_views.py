"""The offers of an order for a page that was made without them: as a fragment for our script, and as a page."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from django_ppx.core.containment import run_contained
from django_ppx.core.responses import private
from django_ppx.events.bots import is_prefetch, visit_from_headers
from django_ppx.offers.deferring import order_of
from django_ppx.offers.models import Placement
from django_ppx.offers.pages import offers_for
from django_ppx.offers.rendering import render_offers

_LONGEST_HEADING: Final = 200


# Outside of `ATOMIC_REQUESTS`: the services open their own transactions, and can repeat them.
@transaction.non_atomic_requests
@require_safe
def fragment(request: HttpRequest, token: str = "") -> HttpResponseBase:
    """Answer with the HTML of the offers; 204 where there is nothing to show to this visitor, whatever the reason."""
    if _is_ahead(request):
        return _not_ahead()
    language = _language(request)
    with translation.override(language):
        offers = _offers(request, token, heading=_heading(request))
    if not offers and (offers is None or request.method != "HEAD"):
        return private(HttpResponse(status=204))
    response = HttpResponse(offers)
    response["Content-Language"] = language
    return private(response)


@transaction.non_atomic_requests
@require_safe
def order_offers(request: HttpRequest, token: str = "") -> HttpResponseBase:
    """Show the same offers as a page, for whoever has no JavaScript. To strangers it is a link that is not valid."""
    if _is_ahead(request):
        return _not_ahead()
    language = _language(request)
    with translation.override(language):
        offers = _offers(request, token, heading="")
        if offers is None:
            return private(render(request, "django_ppx/pages/link_invalid.html", status=404))
        response = render(request, "django_ppx/pages/order_offers.html", {"offers": offers})
    response["Content-Language"] = language
    return private(response, has_form=True)


def _offers(request: HttpRequest, token: str, *, heading: str) -> str | None:
    """Return the offers as HTML, "" without any and for HEAD, which makes none; None for whoever may not see them.

    A fault of ours, or of the adapter, is logged, and nobody sees anything.
    """
    placement = request.GET.get("placement", Placement.THANK_YOU.value)
    if placement not in Placement.values:
        return None

    def find() -> str | None:
        now = timezone.now()
        order: Any = order_of(request, token, now=now)
        if order is None:
            return None
        if request.method == "HEAD":
            return ""
        cards = offers_for(order, placement=placement, limit=None, request=request, now=now)
        return render_offers(cards, heading=heading)

    return run_contained("Fetching offers", find, otherwise=None, loud=settings.DEBUG)


def _is_ahead(request: HttpRequest) -> bool:
    return is_prefetch(visit_from_headers(str(request.method), request.headers))


def _not_ahead() -> HttpResponseBase:
    """Refuse what a browser fetches ahead, so that it asks again when somebody really looks."""
    return private(HttpResponse(status=503))


def _language(request: HttpRequest) -> str:
    """Return the language of the page that asks, which a cache may have kept for many visitors."""
    asked = request.GET.get("language", "")
    known = {code for code, _name in settings.LANGUAGES}
    return asked if asked in known else translation.get_language() or settings.LANGUAGE_CODE


def _heading(request: HttpRequest) -> str:
    """Return the heading that the page asks for; "" where the address is opened by itself.

    Else a link could put anybody's words above the offers.
    """
    is_ours = request.headers.get("Sec-Fetch-Dest", "empty") == "empty"
    return request.GET.get("heading", "")[:_LONGEST_HEADING] if is_ours else ""
