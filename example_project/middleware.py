"""What the shop adds to every response and remembers of every visit."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

# Django 6 has a middleware of its own for this; the header is written here so that 5.2 sends it too.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-ancestors 'self'",
    )
)
CAMPAIGN_FIELDS = ("source", "medium", "campaign", "term", "content")


class ContentSecurityPolicyMiddleware:
    """Forbid everything that does not come from the shop itself, inline code included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class CampaignMiddleware:
    """Keep the utm_* parameters of the landing page in the session until an order is placed."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = {
            f"utm_{field}": request.GET[f"utm_{field}"][:150]
            for field in CAMPAIGN_FIELDS
            if request.GET.get(f"utm_{field}")
        }
        if found:
            request.session["campaign"] = found
        return self.get_response(request)
