"""The shopper's addresses of this capability, included by `django_ppx.urls`."""

from __future__ import annotations

from django.urls import path

from django_ppx.rewards.views import apply_code, apply_link

urlpatterns = [
    path("code/", apply_code, name="code_apply"),
    path("code/apply/<str:token>/", apply_link, name="code_apply_link"),
]
