"""The checkout: one page, as a guest or with an account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from django_ppx import codes
from django_ppx.exceptions import Refusal

from ..access import grant
from ..basket import Basket
from ..forms import CheckoutForm
from ..models import Order
from ..placing import buyer, place_order
from ..pricing import price


@never_cache
def checkout(request: HttpRequest) -> HttpResponse:
    basket = Basket(request)
    if not basket:
        return redirect("basket")
    form = CheckoutForm(request.POST or None, initial=known_details(request))
    customer = None
    if request.method == "POST" and form.is_valid():
        try:
            order = place_order(request=request, basket=basket, details=form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            customer = buyer(request, form.cleaned_data)
        else:
            basket.clear()
            codes.forget(request)
            grant(request, order)
            return redirect("thank_you", order.token)
    context = {"form": form, "basket": basket, "price": price(request, basket, customer)}
    return render(request, "shop/checkout.html", context)


def known_details(request: HttpRequest) -> dict[str, str]:
    """Fill the form with what the account's last order said."""
    user = request.user
    if not user.is_authenticated:
        return {}
    last = Order.objects.filter(user=user).first()
    if last is None:
        return {"email": user.email, "first_name": user.first_name, "last_name": user.last_name}
    return {name: getattr(last, name) for name in CheckoutForm.base_fields}
