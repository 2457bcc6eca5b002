"""The table of contents of the shopper's addresses: `path("ppx/", include("django_ppx.urls"))`."""

from __future__ import annotations

from django.urls import include, path

app_name = "ppx"

urlpatterns = [
    path("", include("django_ppx.offers.urls")),
    path("", include("django_ppx.rewards.urls")),
    path("", include("django_ppx.ugc.urls")),
    path("", include("django_ppx.ugc.public_urls")),
]
