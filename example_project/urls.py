"""The shop, its admin, and the one include that django-ppx asks for."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.templatetags.static import static as static_url
from django.urls import include, path
from django.views.generic import RedirectView

admin.site.site_header = admin.site.site_title = "Kiln & Tide"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path(
        "ppx/api/", include("django_ppx.api.urls")
    ),  # for front ends and programs; before its pages
    path("ppx/", include("django_ppx.urls")),  # 4. its pages
    path("favicon.ico", RedirectView.as_view(url=static_url("shop/icon.svg"))),
    path("", include("example_project.shop.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
