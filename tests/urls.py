"""The URLs of the test host: the admin, and the two includes that a shop adds."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("ppx/api/", include("django_ppx.api.urls")),
    path("ppx/", include("django_ppx.urls")),
]
