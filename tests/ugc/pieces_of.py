"""Files cut into pieces, as they arrive."""

from __future__ import annotations

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any

from django_ppx.testing.ugc import NOW
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.joining import receive_piece
from django_ppx.ugc.models import UGCSubmission, UGCUpload
from django_ppx.ugc.pieces import Piece, begin_upload
from tests.ugc.senders import a_sender


def piece(content: bytes) -> Piece:
    return Piece(
        file=BytesIO(content), size=len(content), digest=hashlib.sha256(content).hexdigest()
    )


def a_draft(**offer: Any) -> UGCSubmission:
    from_offer = offer.pop("offer", None)
    return open_draft(a_sender(from_offer), now=NOW)


def begun(content: bytes, draft: UGCSubmission | None = None, name: str = "film.mp4") -> UGCUpload:
    return begin_upload(draft=draft or a_draft(), name=name, size=len(content), now=NOW)


def fresh(upload: UGCUpload) -> UGCUpload:
    return UGCUpload.objects.select_related("submission__ugc_offer", "media").get(pk=upload.pk)


def send(upload: UGCUpload, content: bytes, offset: int, now: datetime = NOW) -> UGCUpload:
    """Send a piece as a request does: with the upload as it stands now."""
    return receive_piece(upload=fresh(upload), offset=offset, piece=piece(content), now=now)


def send_all(upload: UGCUpload, content: bytes, step: int) -> UGCUpload:
    for offset in range(0, len(content), step):
        upload = send(upload, content[offset : offset + step], offset)
    return upload
