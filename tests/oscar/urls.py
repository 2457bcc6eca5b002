"""The addresses as Oscar's documentation has them, those of the provider's views, then what docs/oscar.md adds."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.urls import include, path

from tests.oscar.page import snippets
from tests.oscar.provider import Cancelled, Paid

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("provider/paid/", Paid.as_view()),
    path("provider/cancelled/", Cancelled.as_view()),
    path("", include(apps.get_app_config("oscar").urls[0])),
]

exec(snippets("urls.py"))
