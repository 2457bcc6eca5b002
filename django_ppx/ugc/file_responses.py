"""The answer with a customer's file: whole or in parts, as what we made of it, in a policy that lets nothing run.

Who may see it, and what caches may do with it, is for the view to say.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from django_ppx.ugc.serving import (
    ByteRange,
    Chunks,
    RangeUnsatisfiable,
    ServedFile,
    open_file,
    range_of,
)


def file_response(request: HttpRequest, served: ServedFile) -> HttpResponseBase:
    """Return the file, or the part that was asked for.

    :raises NotShown: when the storage does not give it.
    """
    try:
        wanted = _wanted_range(request, served)
    except RangeUnsatisfiable:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{served.size}"
        return _harmless(response, served)
    return _harmless(_content(request, served, wanted), served)


def _content(
    request: HttpRequest, served: ServedFile, wanted: ByteRange | None
) -> HttpResponseBase:
    sent = wanted or ByteRange(first=0, last=served.size - 1)
    chunks = Chunks(open_file(served), sent)
    response: HttpResponseBase
    if request.method == "HEAD":
        chunks.close()
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(chunks)
    if wanted is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {sent.first}-{sent.last}/{served.size}"
    response["Content-Length"] = str(sent.length)
    response["Content-Disposition"] = f'inline; filename="{served.name}"'
    return response


def _wanted_range(request: HttpRequest, served: ServedFile) -> ByteRange | None:
    # A range of a file that the browser knows under another name would be glued to the wrong beginning.
    if request.headers.get("If-Range", served.etag) != served.etag:
        return None
    return range_of(request.headers.get("Range", ""), size=served.size)


def _harmless(response: HttpResponseBase, served: ServedFile) -> HttpResponseBase:
    response["Content-Type"] = served.content_type
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    # What a customer withdraws must not live on in the picture search.
    response["X-Robots-Tag"] = "noindex"
    return response
