"""What a shopper does with a code: type it into `{% ppx_code_form %}`, or follow a link that applies it."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain
from django_ppx.core.responses import private
from django_ppx.core.tokens import InvalidToken
from django_ppx.rewards.forms import CodeForm, code_state
from django_ppx.rewards.links import open_link
from django_ppx.rewards.visitors import customer_of, forget, remember, remember_link, remembered


# Outside of `ATOMIC_REQUESTS`: a failed attempt is counted for good, before the code is looked at.
@transaction.non_atomic_requests
@require_POST
@never_cache
def apply_code(request: HttpRequest) -> HttpResponse:
    """Remember the typed code, whatever it is, and count it if it is none: the page we go back to says which."""
    form = CodeForm(request.POST)
    if form.is_valid():
        remember(request, form.cleaned_data["code"])
        with contain("Looking at a typed code"):
            code_state(code=remembered(request), request=request, basket=None, now=timezone.now())
    else:
        forget(request)
    return HttpResponseRedirect(_way_back(request, form.data.get("next", "")))


@require_safe
def apply_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Remember the code of a link in the visitor's own session, and nothing else; then on to where the link leads.

    HEAD is answered alike and remembers nothing.
    """
    try:
        link = open_link(token, customer=customer_of(request), now=timezone.now())
    except InvalidToken:
        return private(render(request, "django_ppx/pages/link_invalid.html", status=404))
    if request.method != "HEAD":
        remember_link(request, link.code)
    basket_url = ppx_settings.PPX_BASKET_URL
    if url := link.destination or (resolve_url(basket_url) if basket_url else ""):
        return private(HttpResponseRedirect(url))
    return private(render(request, "django_ppx/pages/code_remembered.html", {"link": link}))


def _way_back(request: HttpRequest, wanted: str) -> str:
    """Return the first address of this very host among the one asked for and the page we came from."""
    for url in (wanted, request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return url
    return get_script_prefix()
