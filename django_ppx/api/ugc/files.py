"""Files of a draft: added in one piece, taken out, looked at."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent, idempotent_outside
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.ugc.answers import media_as_json
from django_ppx.api.ugc.bodies import FILE_FIELD, FileParser
from django_ppx.api.ugc.owned import OwnedView
from django_ppx.api.ugc.serializers import UgcFileFormSerializer, UgcMediaSerializer
from django_ppx.api.ugc.submissions import TAG
from django_ppx.ugc.file_responses import file_response
from django_ppx.ugc.inviting import check_takes
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.order_submissions import find_media
from django_ppx.ugc.receiving import CappedUploads, is_too_long, receive, shown_name
from django_ppx.ugc.refusals import UploadRefused
from django_ppx.ugc.serving import NotShown, file_of
from django_ppx.ugc.showing import PREVIEWS
from django_ppx.ugc.taking_part import take_out
from django_ppx.ugc.uploading import add_file_once

_PICTURE = {"type": "string", "format": "binary"}


class FilesView(OwnedView):
    """Read through the caps of the draft's offer; nothing is read for a draft that is not the caller's."""

    parser_classes = (FileParser,)
    caps: CappedUploads | None = None

    def cap(self, request: HttpRequest) -> None:
        """Put the caps before the reading of the body."""
        draft = self.taking()
        if is_too_long(request, draft.ugc_offer, is_one_file=True):
            raise Problem(Reason.TOO_LARGE)
        self.caps = receive(request, draft.ugc_offer, is_one_file=True, field=FILE_FIELD)

    def taking(self) -> UGCSubmission:
        draft = self.owned(self.kwargs["form_key"])
        check_takes(draft.ugc_offer, draft.purchase, now=timezone.now())
        return draft

    @described(
        "addUgcFile",
        summary="Add one photo or video to a draft. The same file again is the one that is there.",
        tag=TAG,
        request={"multipart/form-data": UgcFileFormSerializer},
        responses={200: UgcMediaSerializer, 201: UgcMediaSerializer},
        is_write=True,
    )
    @idempotent_outside
    def post(self, request: Any, form_key: str) -> Response:
        files, draft = request.FILES, self.taking()
        for _name, refused in self.caps.refused if self.caps else ():
            raise refused
        upload = files.get(FILE_FIELD)
        if upload is None:
            error = {
                "pointer": f"/{FILE_FIELD}",
                "reason": "required",
                "detail": _("Nothing arrived. Please try again."),
            }
            raise Problem(Reason.INVALID, errors=(error,))
        media, is_new = add_file_once(
            draft=draft, upload=upload, name=shown_name(upload.name), now=timezone.now()
        )
        return Response(media_as_json(media, form_key, request), status=201 if is_new else 200)


class FileView(OwnedView):
    @described(
        "removeUgcFile",
        summary="Take a file out of a draft again.",
        tag=TAG,
        responses={204: None},
        is_write=True,
    )
    @idempotent
    def delete(self, request: Any, form_key: str, key: str) -> Response:
        draft = self.owned(form_key)
        if draft.status != UGCSubmission.Status.DRAFT:
            sentence = _("This was sent in already; nothing can be taken out of it.")
            raise UploadRefused(UploadRefused.Reason.SENT, sentence)
        if not take_out(draft, key):
            raise Problem(Reason.NOT_FOUND)
        return Response(status=204)


class PreviewView(OwnedView):
    """Pictures, whatever the caller would rather accept."""

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    @described(
        "getUgcPreview",
        summary="A picture of a file, for whoever sent it.",
        tag=TAG,
        responses={(200, "image/jpeg"): _PICTURE, (206, "image/jpeg"): _PICTURE},
    )
    def get(self, request: Any, form_key: str, key: str, name: str) -> HttpResponseBase:
        media = find_media(self.order_ref, form_key, key)
        if media is None or media.files_removed_at is not None or name not in PREVIEWS:
            raise Problem(Reason.NOT_FOUND)
        try:
            return file_response(request._request, file_of(media.files, key=key, name=name))
        except NotShown:
            raise Problem(Reason.NOT_FOUND) from None
