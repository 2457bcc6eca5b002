"""Addresses of this part. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import URLPattern, path

from django_ppx.api.ugc.files import FilesView, FileView, PreviewView
from django_ppx.api.ugc.submissions import (
    OfferingsView,
    SendView,
    SubmissionsView,
    SubmissionView,
    WithdrawView,
)
from django_ppx.api.ugc.uploads import UploadsView, UploadView

_ONE = "ugc/submissions/<slug:form_key>/"

urlpatterns: list[URLPattern] = [
    path("ugc/offers/", OfferingsView.as_view(), name="ugc_offers"),
    path("ugc/submissions/", SubmissionsView.as_view(), name="ugc_submissions"),
    path(_ONE, SubmissionView.as_view(), name="ugc_submission"),
    path(f"{_ONE}send/", SendView.as_view(), name="ugc_send"),
    path(f"{_ONE}withdraw/", WithdrawView.as_view(), name="ugc_withdraw"),
    path(f"{_ONE}files/", FilesView.as_view(), name="ugc_files"),
    path(f"{_ONE}files/<slug:key>/", FileView.as_view(), name="ugc_file"),
    path(f"{_ONE}files/<slug:key>/<str:name>", PreviewView.as_view(), name="ugc_preview"),
    path(f"{_ONE}uploads/", UploadsView.as_view(), name="ugc_uploads"),
    path("ugc/uploads/<slug:key>/", UploadView.as_view(), name="ugc_upload"),
]
