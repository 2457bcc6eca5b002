"""A shop of one page: the thank-you page of an order that is no model at all."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path
from django.utils import timezone

PAGE = Template(
    "{% load ppx %}<html><head>{% ppx_head %}</head>"
    "<body><h1>Thank you</h1>{% ppx_thank_you order %}</body></html>"
)


def thank_you(request: HttpRequest) -> HttpResponse:
    order = SimpleNamespace(
        number=1,
        placed_at=timezone.now(),
        email="guest@example.com",
        total=Decimal("49.90"),
    )
    return HttpResponse(PAGE.render(RequestContext(request, {"order": order})))


urlpatterns = [
    path("thank-you/", thank_you),
    path("admin/", admin.site.urls),
    path("ppx/", include("django_ppx.urls")),
]
