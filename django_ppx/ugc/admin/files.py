"""Customers' files for staff: through a view of the admin, never by an address of the storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from django_ppx.core.responses import private
from django_ppx.ugc.file_responses import file_response
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.serving import NotShown, file_of

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[UGCSubmission]
else:
    _Base = object

FILE_URL_NAME: Final = "django_ppx_ugcsubmission_file"
# Staff open a file by itself, too: the browser's own page around a film may style and play it, and nothing else.
FILE_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'"
_LOOKS: Final = ("view_ugcsubmission", "moderate_ugcsubmission", "decide_ugcreport")


def may_see_files(request: HttpRequest) -> bool:
    """Return whether the person may see what customers sent in."""
    return any(request.user.has_perm(f"django_ppx.{name}") for name in _LOOKS)


class FileView(_Base):
    """Adds `files/<key>/<name>` to the list of submissions."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [
            path("files/<slug:key>/<str:name>", view, name=FILE_URL_NAME),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, key: str, name: str) -> HttpResponseBase:
        """Send one file of what was sent in. A draft's files are its customer's alone."""
        if not may_see_files(request):
            raise PermissionDenied
        sent = UGCMedia.objects.filter(key=key, submission__sent_at__isnull=False)
        media = sent.filter(files_removed_at__isnull=True).first()
        try:
            served = file_of(media.files if media is not None else {}, key=key, name=name)
            response = private(file_response(request, served))
        except NotShown as error:
            raise Http404 from error
        response["Content-Security-Policy"] = FILE_POLICY
        return response
