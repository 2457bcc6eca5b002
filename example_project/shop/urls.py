"""The shop's pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from .views import accounts, basket, catalogue, checkout, orders

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("shop/<slug:slug>/", catalogue.category, name="category"),
    path("product/<slug:slug>/", catalogue.product, name="product"),
    path("basket/", basket.show, name="basket"),
    path("basket/add/", basket.add, name="basket_add"),
    path("basket/update/", basket.update, name="basket_update"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("thank-you/<str:token>/", orders.thank_you, name="thank_you"),
    path("order/find/", orders.find, name="find_order"),
    path("order/<str:token>/", orders.status, name="order_status"),
    path("demo/<slug:page>/<str:signed>/", orders.demo, name="demo"),
    path("account/", accounts.account, name="account"),
    path("account/sign-up/", accounts.sign_up, name="sign_up"),
    path("account/log-in/", accounts.LogIn.as_view(), name="log_in"),
    path("account/log-out/", LogoutView.as_view(next_page="home"), name="log_out"),
]
