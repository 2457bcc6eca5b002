"""Customers' files for staff: through a view of the admin, never by an address of the storage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.cache import patch_cache_control

from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.storage import media_storage

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[UGCSubmission]
else:
    _Base = object

CHUNK_BYTES: Final = 64 * 1024
FILE_URL_NAME: Final = "django_ppx_ugcsubmission_file"
# What is served is re-made by us; should a browser take it for a page all the same, nothing in it may run.
FILE_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'"
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
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
        media = UGCMedia.objects.filter(key=key, submission__sent_at__isnull=False).first()
        facts = media.files.get(name) if media is not None else None
        if facts is None or media is None or media.files_removed_at is not None:
            raise Http404
        try:
            content = media_storage().open(facts["name"])
        except OSError as error:
            raise Http404 from error
        return _privately(_serve(request, content, facts))


def _serve(request: HttpRequest, content: File[Any], facts: dict[str, Any]) -> HttpResponseBase:
    size, content_type = content.size, str(facts["type"])
    bounds = _bounds(request.headers.get("Range", ""), size)
    if bounds is None:
        content.close()
        refused = HttpResponse(status=416, content_type=content_type)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    first, last, is_part = bounds
    response = StreamingHttpResponse(
        _chunks(content, first, last - first + 1),
        status=206 if is_part else 200,
        content_type=content_type,
    )
    response["Content-Length"] = str(last - first + 1)
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _bounds(header: str, size: int) -> tuple[int, int, bool] | None:
    """Return first and last byte, and whether that is a part; None for a part that is not there (RFC 9110, 14.1.2).

    Several parts at once, and what is no such header, are answered with the whole.
    """
    match = _RANGE.match(header)
    if match is None or not any(match.groups()):
        return 0, size - 1, False
    start, end = match.groups()
    if not start:
        first, last = max(size - int(end), 0), size - 1
        return (first, last, True) if int(end) else None
    first, last = int(start), min(int(end), size - 1) if end else size - 1
    return (first, last, True) if first <= last else None


def _chunks(content: File[Any], first: int, count: int) -> Iterator[bytes]:
    with content:
        content.seek(first)
        while count > 0 and (chunk := content.read(min(CHUNK_BYTES, count))):
            count -= len(chunk)
            yield chunk


def _privately(response: HttpResponseBase) -> HttpResponseBase:
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = FILE_POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_store=True)
    return response
