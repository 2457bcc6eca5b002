"""Addresses of what everybody may see: published files, the gallery, the form to report something."""

from __future__ import annotations

from django.urls import path

from django_ppx.ugc import public_views, report_views

urlpatterns = [
    path("ugc/media/<str:key>/<str:name>", public_views.media, name="ugc_media"),
    path("gallery/", public_views.gallery, name="gallery"),
    path("gallery/reported/<str:token>/", report_views.reported, name="gallery_reported"),
    path("gallery/<str:key>/", public_views.item, name="gallery_item"),
    path("gallery/<str:key>/report/", report_views.report, name="gallery_report"),
]
