"""The address of a review form, filled for one purchase. Pure: no Django.

The order number leaves the shop only in a template that asks for it with {order}, and only towards that platform.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlsplit

PLACEHOLDERS: Final = ("order", "sku", "language", "country")
UNFINISHED: Final = re.compile(r"YOUR-[A-Z]+(?:-[A-Z]+)*")
"""What the ready-made platforms leave for staff to fill in: "YOUR-PLACE-ID"."""

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


class Problem(StrEnum):
    """Why an address can't be used."""

    SCHEME = "scheme"
    HOST = "host"
    LOGIN = "login"
    UNKNOWN_PLACEHOLDER = "unknown_placeholder"
    STRAY_BRACE = "stray_brace"
    PLACEHOLDER_IN_HOST = "placeholder_in_host"
    CHARACTERS = "characters"


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names between braces, in order, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(template)))


def unfinished_part(template: str) -> str:
    """Return the part that staff have yet to replace ("YOUR-PLACE-ID"), or an empty string."""
    found = UNFINISHED.search(template)
    return found[0] if found else ""


def find_problem(template: str) -> Problem | None:
    """Return what is wrong with an address, or None.

    http and https only; a host that no placeholder can change, so that a link never leads elsewhere than staff saw.
    """
    if any(name not in PLACEHOLDERS for name in placeholders(template)):
        return Problem.UNKNOWN_PLACEHOLDER
    rest = _PLACEHOLDER.sub("", template)
    if "{" in rest or "}" in rest:
        return Problem.STRAY_BRACE
    if re.search(r"[\x00-\x20\x7f\\<>\"]", template):
        return Problem.CHARACTERS
    return _find_address_problem(template)


def _find_address_problem(template: str) -> Problem | None:
    try:
        parts = urlsplit(template)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return Problem.HOST
    if parts.scheme not in ("http", "https"):
        return Problem.SCHEME
    if "{" in parts.netloc:
        return Problem.PLACEHOLDER_IN_HOST
    if not host or "." not in host.strip("."):
        return Problem.HOST
    return Problem.LOGIN if "@" in parts.netloc else None


def fill(template: str, values: Mapping[str, str]) -> str | None:
    """Return the address with every value percent-encoded, or None when the template asks for one that is missing.

    "https://example.com/?ref={order}" with order "A/7 b" is "https://example.com/?ref=A%2F7%20b".
    """
    if any(not values.get(name) for name in placeholders(template)):
        return None
    return _PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), template)


def host_of(template: str) -> str:
    """Return the lower-case host of an address; empty when there is none."""
    try:
        return (urlsplit(template).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
