"""The address that `{% ppx_code_form %}` posts to. It keeps the code in the session and goes back to the page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from django_ppx.rewards.forms import CodeForm
from django_ppx.rewards.visitors import forget, remember


@require_POST
@never_cache
def apply_code(request: HttpRequest) -> HttpResponse:
    """Remember the typed code, whatever it is: the page we go back to says what it comes to."""
    form = CodeForm(request.POST)
    if form.is_valid():
        remember(request, form.cleaned_data["code"])
    else:
        forget(request)
    return HttpResponseRedirect(_way_back(request, form.data.get("next", "")))


def _way_back(request: HttpRequest, wanted: str) -> str:
    """Return the first address of this very host among the one asked for and the page we came from."""
    for url in (wanted, request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return url
    return get_script_prefix()
