"""The basket, and the code that a shopper types there."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ..basket import Basket
from ..models import Product
from ..pricing import price


def show(request: HttpRequest) -> HttpResponse:
    basket = Basket(request)
    return render(request, "shop/basket.html", {"basket": basket, "price": price(request, basket)})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    product = get_object_or_404(Product, sku=request.POST.get("sku", ""), is_active=True)
    Basket(request).add(product.sku, quantity_in(request, least=1))
    messages.success(request, _("%(product)s is in your basket.") % {"product": product.title})
    return redirect("basket")


@require_POST
def update(request: HttpRequest) -> HttpResponse:
    quantity = 0 if "remove" in request.POST else quantity_in(request, least=0)
    Basket(request).set(request.POST.get("sku", ""), quantity)
    return redirect("basket")


def quantity_in(request: HttpRequest, *, least: int) -> int:
    try:
        return max(int(request.POST.get("quantity", "1")), least)
    except ValueError:
        return 1
