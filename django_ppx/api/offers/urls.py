"""Addresses of offers and audiences. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from django_ppx.api.offers.audiences import AudiencesView, AudienceView, TraitsView
from django_ppx.api.offers.views import (
    ActivateView,
    ArchiveView,
    DuplicateView,
    KindsView,
    OffersView,
    OfferView,
    PauseView,
)

urlpatterns: list[URLPattern] = [
    path("offers/", OffersView.as_view(), name="offers"),
    path("offers/<slug:slug>/", OfferView.as_view(), name="offer"),
    path("offers/<slug:slug>/activate/", ActivateView.as_view(), name="offer_activate"),
    path("offers/<slug:slug>/pause/", PauseView.as_view(), name="offer_pause"),
    path("offers/<slug:slug>/archive/", ArchiveView.as_view(), name="offer_archive"),
    path("offers/<slug:slug>/duplicate/", DuplicateView.as_view(), name="offer_duplicate"),
    path("offer_kinds/", KindsView.as_view(), name="offer_kinds"),
    path("audiences/", AudiencesView.as_view(), name="audiences"),
    path("audiences/<int:pk>/", AudienceView.as_view(), name="audience"),
    path("traits/", TraitsView.as_view(), name="traits"),
]
