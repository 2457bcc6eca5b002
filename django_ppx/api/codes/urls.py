"""Addresses of this part. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import path

from django_ppx.api.codes.views import QuoteView, RedeemView, ReleaseView, ReserveView

urlpatterns = [
    path("codes/quote/", QuoteView.as_view(), name="code_quote"),
    path("codes/reserve/", ReserveView.as_view(), name="code_reserve"),
    path("codes/redeem/", RedeemView.as_view(), name="code_redeem"),
    path("codes/release/", ReleaseView.as_view(), name="code_release"),
]
