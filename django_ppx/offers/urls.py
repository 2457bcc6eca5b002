"""Addresses that cards refer to. Included by `django_ppx.urls`."""

from __future__ import annotations

from django.urls import path

from django_ppx.offers import views

urlpatterns = [
    path("event/", views.event, name="event"),
    path("dismiss/", views.dismiss, name="dismiss"),
    path("go/<str:token>/<slug:key>/", views.go, name="go"),
    path("icons.svg", views.icons, name="icons"),
    path("theme.<slug:digest>.css", views.theme, name="theme"),
]
