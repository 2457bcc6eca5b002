"""Addresses of this part. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
