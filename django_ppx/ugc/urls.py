"""Addresses of the page on which customers take part. Included by `django_ppx.urls`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def placeholder(
    request: HttpRequest, token: str
) -> HttpResponse:  # replaced by the page's own views
    raise NotImplementedError


urlpatterns = [
    path("ugc/<str:token>/", placeholder, name="ugc_page"),
    path("ugc/mine/<str:token>/", placeholder, name="ugc_proof"),
]
