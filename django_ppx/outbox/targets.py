"""Where a webhook goes: its URL read, its name resolved here, and every address of it found fit to be called.

Staff choose the URL, and the answer tells them whether something listens there: without this, a webhook would be a
window into the shop's own network (server-side request forgery). Whoever calls connects to the addresses that were
found here, so that a name that points elsewhere a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import models
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import Refusal
from django_ppx.outbox.public_addresses import is_public

_UNFIT: Final = re.compile(r"[\x00-\x20\x7f\\]")
_PORTS: Final = {"https": 443, "http": 80}
MOST_ADDRESSES: Final = 8
"""Of a name with more, the first ones are tried. All of them must be fit."""


class AddressRefused(Refusal):
    """No webhook goes to this address."""

    class Reason(models.TextChoices):
        FORM = "form", _("This is no web address, such as https://shop.example.com/webhooks/.")
        SCHEME = "scheme", _("The address must begin with https://.")
        PERSON = "person", _("A user name or password must not stand in the address.")
        UNKNOWN = "unknown", _("This name is not known to the DNS at the moment.")
        PRIVATE = (
            "private",
            _("This address leads into a private network, and webhooks go to public ones alone."),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """An URL in its parts. `host` is ASCII, `path` holds the query too."""

    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        is_usual = self.port == _PORTS["https" if self.is_tls else "http"]
        return name if is_usual else f"{name}:{self.port}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketAddress:
    """What a socket connects to: family, and address with port."""

    family: int
    address: Any


def read_target(url: str) -> Target:
    """Return the parts of the URL.

    :raises AddressRefused: when it is none that webhooks go to. Nothing is resolved here.
    """
    if _UNFIT.search(url):  # `urlsplit` would take some of them out
        raise AddressRefused(AddressRefused.Reason.FORM)
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
        host = parts.hostname or ""
        ascii_host = host if ":" in host else host.encode("idna").decode()
    except ValueError:  # UnicodeError, too
        raise AddressRefused(AddressRefused.Reason.FORM) from None
    if not ascii_host or parts.fragment or parts.scheme not in _PORTS or not port:
        raise AddressRefused(AddressRefused.Reason.FORM)
    if "@" in parts.netloc:
        raise AddressRefused(AddressRefused.Reason.PERSON)
    if parts.scheme != "https" and not ppx_settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES:
        raise AddressRefused(AddressRefused.Reason.SCHEME)
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        is_tls=parts.scheme == "https",
        host=ascii_host,
        port=port,
        path=iri_to_uri(f"{parts.path or '/'}{query}") or "/",
    )


def resolve(target: Target, *, seconds: float) -> tuple[SocketAddress, ...]:
    """Return the addresses that the name has now.

    :raises AddressRefused: when there is none, or when any of them is not public and the shop does not allow it.
    :raises TimeoutError: when the DNS does not answer in time.
    """
    found = _look_up(target, seconds)
    if not found:
        raise AddressRefused(AddressRefused.Reason.UNKNOWN)
    may_be_private = ppx_settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES
    if not may_be_private and not all(is_public(str(each.address[0])) for each in found):
        raise AddressRefused(AddressRefused.Reason.PRIVATE)
    return found[:MOST_ADDRESSES]


def check_url(url: str, *, seconds: float = 5.0) -> None:
    """Check that webhooks can go to an URL, as far as that can be told without calling it.

    :raises AddressRefused: when they can't.
    """
    try:
        resolve(read_target(url), seconds=seconds)
    except TimeoutError:
        raise AddressRefused(AddressRefused.Reason.UNKNOWN) from None


def _look_up(target: Target, seconds: float) -> tuple[SocketAddress, ...]:
    """Ask the DNS, in a thread of its own: the call knows no time limit."""
    answers: list[tuple[SocketAddress, ...]] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        answers.append(tuple(SocketAddress(family=row[0], address=row[4]) for row in rows))

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        raise TimeoutError("The DNS did not answer in time.")
    return answers[0]
