"""Where a visitor comes from: as coarse as attempts are counted, and as coarse as staff may see it.

An IPv4 address counts whole: carriers put thousands of shoppers behind one already, and a /24 would add 255 neighbours
to them. Of an IPv6 address the first 64 bits count: whoever has one has all the addresses that share them.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_ppx.conf import ppx_settings
from django_ppx.core.texts import clean_text

_V6_BITS = 64


def remote_address(request: HttpRequest) -> str:
    """Return the address of who is connected: behind a proxy, the proxy's. The default of `PPX_CLIENT_ADDRESS`."""
    return str(request.META.get("REMOTE_ADDR") or "")


def client_address(request: HttpRequest) -> str:
    """Return what `PPX_CLIENT_ADDRESS` says of the request. Whatever that function raises goes on to the caller."""
    read: Callable[[HttpRequest], Any] = import_string(ppx_settings.PPX_CLIENT_ADDRESS)
    return clean_text(read(request), 100)


def counted_prefix(address: str) -> str:
    """Return what attempts from `address` are counted for, or "" when it is no address.

    "203.0.113.7" is counted for itself, "2001:db8:1:2:3::4" for "2001:db8:1:2::/64".
    """
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        network = int(parsed) >> (128 - _V6_BITS) << (128 - _V6_BITS)
        return f"{IPv6Address(network)}/{_V6_BITS}"
    return "" if parsed is None else str(parsed)


def masked_prefix(address: str) -> str:
    """Return what staff may see of `address`: "203.0.113.…", "2001:db8:1:…"; "" when it is none."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        groups = parsed.exploded.split(":")[:3]
        return ":".join(group.lstrip("0") or "0" for group in groups) + ":…"
    return "" if parsed is None else str(parsed).rpartition(".")[0] + ".…"


def is_private_prefix(shown: str) -> bool:
    """Return whether what `masked_prefix` returned is of a local network: a proxy's address, not a shopper's."""
    first = shown.replace("…", "0") if "." in shown else shown.replace(":…", "::")
    parsed = _parse(first)
    return parsed is not None and parsed.is_private


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
