"""What everybody may see: published files, the gallery and its items. Nothing of a visitor is read or set."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from django.contrib.messages import get_messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from django_ppx.conf import ppx_settings
from django_ppx.ugc.file_responses import file_response
from django_ppx.ugc.gallery import GallerySlice, gallery_item, gallery_slice
from django_ppx.ugc.rendering import item_context, list_context, page_language
from django_ppx.ugc.serving import NotShown, ServedFile, find_file

PAGE_SIZE: Final = 24
LAST_PAGE: Final = 500
PAGE_SECONDS: Final = 60

Response = TypeVar("Response", bound=HttpResponseBase)


# Outside of `ATOMIC_REQUESTS`: one read, and on SQLite each picture of a page would wait for the writers.
@transaction.non_atomic_requests
@require_safe
def media(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """Serve a file of a published photo or video. Everything else is one answer: there is no such file."""
    try:
        served = find_file(key=key, name=name, now=timezone.now())
        unchanged = get_conditional_response(request, etag=served.etag)
        if unchanged is not None:
            return _revalidated(unchanged, served)
        return _revalidated(file_response(request, served), served)
    except NotShown:
        response = HttpResponseNotFound("Not found", content_type="text/plain; charset=utf-8")
        patch_cache_control(response, no_store=True)
        return response


@require_safe
def gallery(request: HttpRequest) -> HttpResponseBase:
    """Show the gallery of the shop or, with `?product=`, of one product, newest first."""
    number, product = _page_number(request), request.GET.get("product")
    found = gallery_slice(
        product=product,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        now=timezone.now(),
        language=page_language(),
    )
    if number > 1 and not found.items:
        raise Http404
    context = list_context(found) | _page_links(found, number, product)
    return _public(request, render(request, "django_ppx/ugc/gallery_page.html", context))


@require_safe
def item(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show one photo or video whole."""
    try:
        found = gallery_item(key, now=timezone.now(), language=page_language())
    except NotShown:
        return gone(request)
    context = item_context(found) | {"canonical_url": _absolute(found.page_url)}
    return _public(request, render(request, "django_ppx/ugc/item_page.html", context))


def gone(request: HttpRequest) -> HttpResponse:
    """Return the one answer for what was never there, and for what is not shown any more."""
    context = {"gallery_url": reverse("ppx:gallery")}
    response = render(request, "django_ppx/ugc/gone.html", context, status=404)
    patch_cache_control(response, no_store=True)
    return response


def _revalidated(response: Response, served: ServedFile) -> Response:
    """Return `response` as one that caches keep, and ask each time whether the file is still there."""
    response["ETag"] = served.etag
    patch_cache_control(response, public=True, no_cache=True)
    return response


def _public(request: HttpRequest, response: Response) -> Response:
    """Let caches keep a page for a minute, unless the shop's own frame put something of the visitor on it."""
    session: Any = getattr(request, "session", None)
    is_touched = session is not None and session.accessed
    is_touched |= bool(getattr(get_messages(request), "used", False))  # may come from a cookie
    if is_touched or request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
        patch_cache_control(response, private=True, no_cache=True)
    else:
        patch_cache_control(response, public=True, max_age=PAGE_SECONDS)
    return response


def _page_number(request: HttpRequest) -> int:
    typed = request.GET.get("page", "1")
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:6]) <= LAST_PAGE):
        raise Http404
    return int(typed[:6])


def _page_links(found: GallerySlice, number: int, product: str | None) -> dict[str, Any]:
    has_next = found.has_more and number < LAST_PAGE
    return {
        "page": number,
        "product": product,
        "canonical_url": _absolute(_page_url(number, product)),
        "previous_url": _page_url(number - 1, product) if number > 1 else "",
        "next_url": _page_url(number + 1, product) if has_next else "",
        "all_url": reverse("ppx:gallery") if product is not None else "",
    }


def _page_url(number: int, product: str | None) -> str:
    asked = ({} if product is None else {"product": product}) | (
        {"page": str(number)} if number > 1 else {}
    )
    path = reverse("ppx:gallery")
    return f"{path}?{urlencode(asked)}" if asked else path


def _absolute(path: str) -> str:
    return f"{ppx_settings.PPX_SITE_URL.rstrip('/')}{path}"
