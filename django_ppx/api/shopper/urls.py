"""Addresses of this part. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from django_ppx.api.shopper.pages import DecisionsView, FragmentsView

urlpatterns: list[URLPattern] = [
    path("decisions/", DecisionsView.as_view(), name="decisions"),
    path("fragments/", FragmentsView.as_view(), name="fragments"),
]
