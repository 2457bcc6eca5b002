"""The URLs of the test host: the admin, and the one include that a shop adds."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("ppx/", include("django_ppx.urls")),
]
