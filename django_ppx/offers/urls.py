"""Addresses that cards, and pages with offers, refer to. Included by `django_ppx.urls`."""

from __future__ import annotations

from django.urls import path

from django_ppx.offers import asset_views, fragment_views, views

urlpatterns = [
    path("event/", views.event, name="event"),
    path("dismiss/", views.dismiss, name="dismiss"),
    path("go/<str:token>/<slug:key>/", views.go, name="go"),
    path("fragment/", fragment_views.fragment, name="fragment"),
    path("fragment/<str:token>/", fragment_views.fragment, name="fragment"),
    path("offers/", fragment_views.order_offers, name="order_offers"),
    path("offers/<str:token>/", fragment_views.order_offers, name="order_offers"),
    path("icons.svg", asset_views.icons, name="icons"),
    path("ppx.js", asset_views.script, name="script"),
    path("ppx-offers.js", asset_views.element, name="element"),
    path("theme.<slug:digest>.css", asset_views.theme, name="theme"),
]
