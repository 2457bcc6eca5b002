"""A shop's pages around codes: a basket, and a checkout that gives its transaction up when the code is refused."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from django_ppx import codes
from django_ppx.shop.types import Basket
from django_ppx.testing import make_order
from tests import urls as base

PAGE = "{% load ppx %}<main>{% ppx_code_form basket %}{% ppx_code_notice basket %}</main>"


def basket(request: HttpRequest) -> HttpResponse:
    goods = Basket(currency="EUR", total=Decimal(request.GET.get("total", "50")))
    page = engines["django"].from_string(PAGE)
    return HttpResponse(page.render({"basket": goods}, request))


def check_out(request: HttpRequest) -> HttpResponse:
    """Place an order with the code of `?code=`, all in one transaction of the shop."""
    code = request.GET["code"]
    try:
        with transaction.atomic():
            Group.objects.create(name="an order")
            codes.redeem(code, order=make_order(), request=request)
    except codes.RedemptionRefused as refusal:
        return HttpResponse(str(refusal), status=409)
    return HttpResponse("placed")


urlpatterns = [
    *base.urlpatterns,
    path("basket/", basket),
    path("check-out/", check_out),
]
