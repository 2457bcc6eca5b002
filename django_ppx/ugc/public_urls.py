"""Addresses of what everybody may see: published files, the gallery, the form to report something."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
