"""Addresses of the page on which customers take part. Included by `django_ppx.urls`."""

from __future__ import annotations

from django.urls import path

from django_ppx.ugc import own_views, views

urlpatterns = [
    path("ugc/mine/<str:token>/", own_views.proof, name="ugc_proof"),
    path("ugc/sent/<slug:form_key>/", own_views.state, name="ugc_state"),
    path("ugc/sent/<slug:form_key>/withdraw/", own_views.withdraw, name="ugc_withdraw"),
    path("ugc/sent/<slug:form_key>/<slug:key>/<str:name>", own_views.preview, name="ugc_preview"),
    path("ugc/<str:token>/", views.page, name="ugc_page"),
    path("ugc/<str:token>/add/", views.add, name="ugc_add"),
    path("ugc/<str:token>/remove/", views.remove, name="ugc_remove"),
]
