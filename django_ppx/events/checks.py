"""What the system checks ask of the settings for events. Registered in `django_ppx.checks`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error

from django_ppx.conf import ppx_settings
from django_ppx.events.sinks import get_sink
from django_ppx.exceptions import Misconfigured


def check_event_sink(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with `PPX_EVENT_SINK`, with what the sink says of itself, and with `PPX_REDIS_URL`."""
    path: Any = ppx_settings.PPX_EVENT_SINK
    if not isinstance(path, str):
        hint = "The dotted path of a sink, as text."
        message = f"PPX_EVENT_SINK {path!r} is not text."
        return [Error(message, hint=hint, id="django_ppx.E044")]
    try:
        sink = get_sink()
    except Misconfigured as error:
        hint = "Correct the path. The Redis sink needs the extra: pip install 'django-ppx[redis]'."
        return [Error(str(error), hint=hint, id="django_ppx.E044")]
    try:
        messages = list(sink.check())
    except Exception as error:  # a sink of the host must not stop the other checks
        hint = f"Mend {type(sink).__qualname__}.check()."
        message = f"The check of the event sink failed: {error}"
        messages = [Error(message, hint=hint, id="django_ppx.E044")]
    found = {message.id for message in messages}
    return messages + [each for each in check_redis_url() if each.id not in found]


def check_redis_url(*, is_needed: bool = False) -> list[CheckMessage]:
    """Return an error unless `PPX_REDIS_URL` is the address of a Redis, or empty where none is needed."""
    url: Any = ppx_settings.PPX_REDIS_URL
    hint = "Such as 'redis://127.0.0.1:6379/0'. See docs/scaling.md."
    if url == "":
        message = "PPX_REDIS_URL is empty, and the event sink needs it."
        return [Error(message, hint=hint, id="django_ppx.E045")] if is_needed else []
    if not isinstance(url, str) or not _is_address(url):
        # The address may carry a password: it is not repeated.
        message = "PPX_REDIS_URL is no address of a Redis."
        return [Error(message, hint=hint, id="django_ppx.E045")]
    if find_spec("redis") is None:
        message = "PPX_REDIS_URL is set, and the package redis is not installed."
        hint = "pip install 'django-ppx[redis]', or leave the setting out."
        return [Error(message, hint=hint, id="django_ppx.E045")]
    return []


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme == "unix":
        return bool(parts.path.strip("/"))
    database = parts.path.strip("/")
    is_database = not database or (database.isascii() and database.isdecimal())
    return parts.scheme in {"redis", "rediss"} and bool(host) and is_database
