"""The table of contents of the API: `path("ppx/api/", include("django_ppx.api.urls"))`."""

from __future__ import annotations

from django.urls import include, path, re_path

from django_ppx.api.openapi import PATH, OpenApiView
from django_ppx.api.views import NotFoundView

app_name = "ppx_api"

V1 = [
    path("", include("django_ppx.api.shopper.urls")),
    path("", include("django_ppx.api.ugc.urls")),
    path("", include("django_ppx.api.orders.urls")),
    path("", include("django_ppx.api.codes.urls")),
    path("", include("django_ppx.api.rewards.urls")),
    path("", include("django_ppx.api.offers.urls")),
]

urlpatterns = [
    path("v1/", include(V1)),
    path(f"v1/{PATH}", OpenApiView.as_view(patterns=V1), name="openapi"),
    re_path("", NotFoundView.as_view()),
]
