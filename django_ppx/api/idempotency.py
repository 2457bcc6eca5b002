"""`Idempotency-Key` on every write: `@idempotent` on the method of a view, `@idempotent_outside` where it takes files.

Same key and same question: the stored answer, byte for byte, with `Idempotent-Replayed: true`. Another question: 422.
Being worked on: 409. The write and its answer are one transaction, so a crash leaves both or neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final, TypeVar

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.response import Response

from django_ppx.access.answering import (
    Answer,
    AnswerRefused,
    Attempt,
    begin_answer,
    drop_attempt,
    finish_answer,
)
from django_ppx.api.rendering import JSONRenderer
from django_ppx.core.retrying import run_retrying

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
OFFSET_HEADER: Final = "Upload-Offset"
_NOT_KEPT: Final = frozenset({401, 403, 404, 409, 429})
"""Answers that may differ at the next try. Whatever is 500 or more is not kept either."""

Method = TypeVar("Method", bound=Callable[..., Any])


def idempotent(method: Method) -> Method:
    """Let a view's method be asked twice: with the header it runs in one transaction, together with its answer."""

    return _asked_twice(method, _run)


def idempotent_outside(method: Method) -> Method:
    """Let a method be asked twice that works outside of any transaction, since it takes files.

    It must come to the same when it is done twice: its answer is stored after it, and a crash between leaves the work
    without one. One that takes longer than an attempt may take is done again by whoever asks then.
    """
    return _asked_twice(method, _run_outside)


def _asked_twice(method: Method, run: Callable[[Any, Callable[[], Any], Attempt], Any]) -> Method:
    @wraps(method)
    def answer(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        ask = partial(method, view, request, *args, **kwargs)
        key = request.headers.get(HEADER)
        if key is None:
            return ask()
        begun = begin_answer(
            caller=view.caller, key=key, fingerprint=_fingerprint(request), now=timezone.now()
        )
        return _replay(begun) if isinstance(begun, Answer) else run(view, ask, begun)

    setattr(answer, "is_idempotent", True)  # noqa: B010 - a test asks every write for it
    return answer  # type: ignore[return-value]


def _run(view: Any, ask: Callable[[], Response], attempt: Attempt) -> Any:
    def work() -> Response:
        response = ask()
        finish_answer(attempt=attempt, answer=_as_answer(response), now=timezone.now())
        return response

    try:
        return run_retrying(work)
    except AnswerRefused:
        raise
    except Exception as error:
        response = view.handle_exception(error)
    return _settled(response, attempt)


def _run_outside(view: Any, ask: Callable[[], Response], attempt: Attempt) -> Any:
    try:
        response = ask()
    except Exception as error:
        response = view.handle_exception(error)
    try:
        return _settled(response, attempt)
    except AnswerRefused:
        # Another attempt took over meanwhile and comes to the same: what was done here stands all the same.
        return response


def _settled(response: Response, attempt: Attempt) -> Response:
    """Store the answer to what is over, or forget the attempt where the next one may end otherwise."""
    if response.status_code >= 500 or response.status_code in _NOT_KEPT:
        drop_attempt(attempt=attempt)
    else:
        finish = partial(
            finish_answer, attempt=attempt, answer=_as_answer(response), now=timezone.now()
        )
        run_retrying(finish)
    return response


def _as_answer(response: Response) -> Answer:
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    return Answer(
        status_code=response.status_code,
        content_type=response.content_type or "application/json",
        body=body,
    )


def _replay(answer: Answer) -> HttpResponse:
    response = HttpResponse(
        answer.body, status=answer.status_code, content_type=answer.content_type
    )
    response[REPLAYED] = "true"
    if not answer.body:
        del response["Content-Type"]
    return response


def _fingerprint(request: Any) -> str:
    """Return the SHA-256 of what is asked: method, address and body; of files, what is in them.

    A body that was hashed while it was read is not read again.
    """
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    known = getattr(request.data, "digest", None)
    if known is not None:
        digest.update(f"{request.headers.get(OFFSET_HEADER, '')}\n{known}".encode())
        return digest.hexdigest()
    files: Any = getattr(request, "FILES", None) or {}
    fields = {name: value for name, value in _fields(request.data) if name not in files}
    digest.update(json.dumps(fields, sort_keys=True, default=repr).encode())
    for name in sorted(files):
        for file in files.getlist(name):
            digest.update(f"\n{name}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _fields(data: Any) -> list[tuple[str, Any]]:
    if hasattr(data, "lists"):
        return list(data.lists())
    return list(data.items()) if isinstance(data, dict) else [("", data)]
