"""Bodies that are files: read through the caps, onto the disk, and never whole into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser, DataAndFiles

from django_ppx.api.problems import Problem, Reason
from django_ppx.ugc.pieces import PIECE_BYTES, Piece

FILE_FIELD: Final = "file"
_CHUNK: Final = 64 * 1024


class FileParser(BaseParser):
    """A form with one file. The view puts the caps of its offer before the reading: `cap(request)`."""

    media_type = "multipart/form-data"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles:
        context = parser_context or {}
        request = context["request"]._request
        context["view"].cap(request)
        try:
            return DataAndFiles(request.POST, request.FILES)
        except RequestDataTooBig:
            raise Problem(Reason.TOO_LARGE) from None
        except (MultiPartParserError, UnreadablePostError, SuspiciousOperation):
            raise Problem(Reason.MALFORMED, detail=_("This is no form that can be read.")) from None


class PieceParser(BaseParser):
    """A piece of a file, of at most `PIECE_BYTES`."""

    media_type = "application/offset+octet-stream"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Piece:
        context = parser_context or {}
        context["view"].cap(context["request"]._request)
        announced = int(context["request"].META.get("CONTENT_LENGTH") or 0)
        if announced > PIECE_BYTES:
            raise Problem(Reason.TOO_LARGE)
        file = context["view"].keep(TemporaryFile())  # noqa: SIM115 - the view closes it
        piece = _received(stream, file)
        if piece.size != announced:
            raise Problem(Reason.MALFORMED, detail=_("The body broke off."))
        return piece


def _received(stream: IO[bytes], into: IO[bytes]) -> Piece:
    digest, size = hashlib.sha256(), 0
    try:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > PIECE_BYTES:
                raise Problem(Reason.TOO_LARGE)
            digest.update(chunk)
            into.write(chunk)
    except UnreadablePostError:
        raise Problem(Reason.MALFORMED, detail=_("The body broke off.")) from None
    return Piece(file=into, size=size, digest=digest.hexdigest())
