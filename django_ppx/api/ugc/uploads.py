"""Large files in pieces: each piece is a request, and what was lost on its way is asked for and sent again."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from typing import IO, Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.reverse import reverse

from django_ppx.api.documenting import HAS_OPENAPI, OpenApiParameter, described
from django_ppx.api.idempotency import OFFSET_HEADER, idempotent, idempotent_outside
from django_ppx.api.parsing import JSONParser
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.ugc.answers import upload_as_json
from django_ppx.api.ugc.bodies import PieceParser
from django_ppx.api.ugc.owned import OwnedView
from django_ppx.api.ugc.serializers import UgcBeginUploadSerializer, UgcUploadSerializer
from django_ppx.api.ugc.submissions import TAG
from django_ppx.ugc.inviting import check_takes
from django_ppx.ugc.joining import receive_piece
from django_ppx.ugc.models import UGCUpload
from django_ppx.ugc.order_submissions import find_upload
from django_ppx.ugc.pieces import Piece, begin_upload, give_up
from django_ppx.ugc.refusals import WrongOffset

LENGTH_HEADER: Final = "Upload-Length"
_OFFSET: Final = re.compile(r"\d{1,18}", re.ASCII)
_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_BYTES: Final = {"type": "string", "format": "binary"}
_OFFSET_PARAMETER: Final = (
    [
        OpenApiParameter(
            OFFSET_HEADER,
            {"type": "integer", "minimum": 0},
            OpenApiParameter.HEADER,
            required=True,
            description="Where the piece begins: the offset of the last answer.",
        )
    ]
    if HAS_OPENAPI
    else []
)


class UploadsView(OwnedView):
    @described(
        "beginUgcUpload",
        summary="Begin to add a large file to a draft, in pieces.",
        tag=TAG,
        request=UgcBeginUploadSerializer,
        responses={201: UgcUploadSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, form_key: str) -> Response:
        body, draft = self.read(UgcBeginUploadSerializer), self.owned(form_key)
        now = timezone.now()
        check_takes(draft.ugc_offer, draft.purchase, now=now)
        upload = begin_upload(draft=draft, name=body["name"], size=body["size"], now=now)
        url = reverse("ppx_api:ugc_upload", args=[upload.key], request=request)
        shown = upload_as_json(upload, form_key, request)
        return Response(shown, status=201, headers={"Location": url})


class UploadView(OwnedView):
    """One of them. What a piece is read into is closed with the answer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kept: list[IO[bytes]] = []

    def get_parsers(self) -> list[BaseParser]:
        method = getattr(self.request, "method", "PATCH")  # none while the API is described
        return [PieceParser() if method == "PATCH" else JSONParser()]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            for file in self.kept:
                file.close()

    def cap(self, request: HttpRequest) -> None:
        """Let nothing be read for an upload that is not the caller's."""
        self.found()

    def keep(self, file: IO[bytes]) -> IO[bytes]:
        self.kept.append(file)
        return file

    def found(self) -> UGCUpload:
        upload = find_upload(self.order_ref, self.kwargs["key"])
        if upload is None:
            raise Problem(Reason.NOT_FOUND)
        return upload

    @described(
        "getUgcUpload",
        summary="How far an upload has come.",
        tag=TAG,
        responses={200: UgcUploadSerializer},
    )
    def get(self, request: Any, key: str) -> Response:
        return self.answer(self.found())

    @described(
        "appendUgcPiece",
        summary="Send the next piece. The same one again changes nothing; the last one ends it.",
        tag=TAG,
        request={PieceParser.media_type: _BYTES},
        headers=_OFFSET_PARAMETER,
        responses={200: UgcUploadSerializer},
        is_write=True,
    )
    @idempotent_outside
    def patch(self, request: Any, key: str) -> Response:
        body, upload, now = request.data, self.found(), timezone.now()
        piece = body if isinstance(body, Piece) else Piece(file=BytesIO(), size=0, digest=_NOTHING)
        offset = self.offset()
        if upload.media is None:
            submission = upload.submission
            check_takes(submission.ugc_offer, submission.purchase, now=now)
        try:
            return self.answer(receive_piece(upload=upload, offset=offset, piece=piece, now=now))
        except WrongOffset as refused:
            response: Response = self.handle_exception(refused)
            response[OFFSET_HEADER] = str(refused.offset)
            return response

    @described(
        "cancelUgcUpload",
        summary="Cancel an upload. One that is finished stays; take the file out instead.",
        tag=TAG,
        responses={204: None},
        is_write=True,
    )
    @idempotent
    def delete(self, request: Any, key: str) -> Response:
        if not give_up(upload=self.found()):
            raise Problem(Reason.NOT_FOUND)
        return Response(status=204)

    def offset(self) -> int:
        given = self.request.headers.get(OFFSET_HEADER, "")
        if not _OFFSET.fullmatch(given):
            raise Problem(Reason.INVALID)
        return int(given)

    def answer(self, upload: UGCUpload) -> Response:
        shown = upload_as_json(upload, upload.submission.form_key, self.request)
        headers = {OFFSET_HEADER: str(upload.received), LENGTH_HEADER: str(upload.size)}
        return Response(shown, headers=headers)
