"""A shop behind a cache: its orders belong to sessions, and its pages say how long they may be kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, render_to_string
from django.urls import path

from django_ppx.shop.types import Order
from tests import urls as base
from tests.hosts import PlainShop

ORDER = "order"


class SessionShop(PlainShop):
    """An order belongs to the session that placed it."""

    def can_view(self, request: HttpRequest, order: Order) -> bool:
        return request.session.get(ORDER) == order.number

    def current_order(self, request: HttpRequest) -> Order | None:
        return self.find_order(request.session.get(ORDER, ""))


def thanks(request: HttpRequest) -> HttpResponse:
    """Show the visitor's own order, at one address for all, and think of no header."""
    order = SessionShop().current_order(request)
    return HttpResponse(render_to_string("host/thank_you.html", {"order": order}, request))


def careless(request: HttpRequest) -> HttpResponse:
    """Show the same in a template without the request, so that nobody can say that the page is personal."""
    order = SessionShop().current_order(request)
    return HttpResponse(get_template("host/thank_you.html").render({"order": order}))


def deferred(request: HttpRequest, number: str = "") -> HttpResponse:
    """Show a page for everybody."""
    order = PlainShop.known[number] if number else None
    page = render_to_string("host/deferred.html", {"order": order}, request)
    return HttpResponse(page, headers={"Cache-Control": "public, max-age=60"})


urlpatterns = [
    *base.urlpatterns,
    path("favicon.ico", lambda request: HttpResponse(status=204)),
    path("thanks/", thanks),
    path("careless/", careless),
    path("deferred/", deferred),
    path("deferred/<str:number>/", deferred),
]
