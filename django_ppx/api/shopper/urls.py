"""Addresses of this part. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from django_ppx.api.shopper.events import EventsView
from django_ppx.api.shopper.pages import DecisionsView, FragmentsView
from django_ppx.api.shopper.single_cards import ClaimView, DismissView, FollowView, LinksView

urlpatterns: list[URLPattern] = [
    path("decisions/", DecisionsView.as_view(), name="decisions"),
    path("fragments/", FragmentsView.as_view(), name="fragments"),
    path("events/", EventsView.as_view(), name="events"),
    path("cards/<str:card>/claim/", ClaimView.as_view(), name="card-claim"),
    path("cards/<str:card>/dismiss/", DismissView.as_view(), name="card-dismiss"),
    path("cards/<str:card>/links/", LinksView.as_view(), name="card-links"),
    path("cards/<str:card>/follow/", FollowView.as_view(), name="card-follow"),
]
