"""Accounts: signing up, logging in, and the orders of a customer."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from ..forms import LogInForm, SignUpForm


class LogIn(LoginView):
    template_name = "shop/log_in.html"
    authentication_form = LogInForm
    next_page = "account"


@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, form.save(), backend="django.contrib.auth.backends.ModelBackend")
        return redirect("account")
    return render(request, "shop/sign_up.html", {"form": form})


@never_cache
@login_required(login_url="log_in")
def account(request: HttpRequest) -> HttpResponse:
    orders = request.user.orders.prefetch_related("lines__product")
    return render(request, "shop/account.html", {"orders": orders, "newest": orders.first()})
