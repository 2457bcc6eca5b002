"""What the system checks ask of the settings of the API. Registered in `django_ppx.checks`."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error

from django_ppx.conf import ppx_settings

CALLERS: Final = ("anonymous", "shopper", "backend")
_RATE: Final = re.compile(r"[1-9]\d{0,8}/(s|sec|second|m|min|minute|h|hour|d|day)")


def check_cors_origins(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each entry of `PPX_API_CORS_ORIGINS` that is no origin."""
    origins: Any = ppx_settings.PPX_API_CORS_ORIGINS
    hint = (
        "The scheme, the host and a port if it is not the usual one, such as 'https://www.example.com', in a list. "
        "There is no wildcard: each origin that may show offers is named."
    )
    if isinstance(origins, str) or not isinstance(origins, list | tuple | set | frozenset):
        message = f"PPX_API_CORS_ORIGINS can't be {origins!r}."
        return [Error(message, hint=hint, id="django_ppx.E040")]
    return [
        Error(f"PPX_API_CORS_ORIGINS: {origin!r} is no origin.", hint=hint, id="django_ppx.E040")
        for origin in origins
        if not (isinstance(origin, str) and _is_origin(origin))
    ]


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or not text.isascii():
        return False
    # Browsers write an origin in one way alone, and it is compared letter by letter.
    usual = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    return "*" not in text and text == f"{parts.scheme}://{shown}" + (
        f":{port}" if port not in (None, usual) else ""
    )


def check_api_rates(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each part of `PPX_API_RATES` that says no rate."""
    rates: Any = ppx_settings.PPX_API_RATES
    hint = "A mapping of 'anonymous', 'shopper' and 'backend' to rates such as '60/min', or to None for no limit."
    if not isinstance(rates, dict):
        return [Error(f"PPX_API_RATES can't be {rates!r}.", hint=hint, id="django_ppx.E042")]
    return [
        Error(f"PPX_API_RATES: {name!r}: {rate!r} can't be.", hint=hint, id="django_ppx.E042")
        for name, rate in rates.items()
        if name not in CALLERS
        or not (rate is None or (isinstance(rate, str) and _RATE.fullmatch(rate)))
    ]


def check_webhook_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless `PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES` is a yes or a no."""
    value: Any = ppx_settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES
    if isinstance(value, bool):
        return []
    message = f"PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES can't be {value!r}."
    return [Error(message, hint="True or False.", id="django_ppx.E046")]
