"""Which hosts belong to which network, and how handles are written. Pure: no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

OWN_ADDRESS: Final = "other"

HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "instagram": ("instagram.com", "ig.me"),
    "tiktok": ("tiktok.com",),
    "youtube": ("youtube.com", "youtu.be"),
    "facebook": ("facebook.com", "fb.com", "fb.me", "m.me"),
    "x": ("x.com", "twitter.com"),
    "pinterest": ("pinterest.com", "pin.it", "pinterest.co.uk", "pinterest.de", "pinterest.fr"),
    "linkedin": ("linkedin.com", "lnkd.in"),
    "discord": ("discord.com", "discord.gg"),
    "telegram": ("t.me", "telegram.me", "telegram.org"),
    "whatsapp": ("whatsapp.com", "wa.me"),
}
"""Registered domains per network; every subdomain belongs to it as well."""

_HANDLE: Final = re.compile(r"^[\w.-]{1,100}$")


def host_of(url: str) -> str:
    """Return the lower-case host of an address, without port and trailing dot; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def belongs_to(host: str, domains: tuple[str, ...]) -> bool:
    """Return whether `host` is one of the domains or a subdomain: "evil-x.com" is not "x.com"."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def is_of_network(url: str, network: str) -> bool:
    """Return whether an address leads to the network: https, a host of its own, no login in it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = host_of(url)
    if parts.scheme != "https" or not host or parts.username is not None:
        return False
    return network == OWN_ADDRESS or belongs_to(host, HOSTS.get(network, ()))


def normalised_handle(handle: str) -> str:
    """Return a handle as it is stored: no "@", no spaces, no address around it.

    "@Slow.Mornings " and "https://instagram.com/Slow.Mornings/" are both "Slow.Mornings".
    """
    text = handle.strip()
    if "//" in text:
        text = urlsplit(text).path
    return text.strip("/ ").rsplit("/", 1)[-1].lstrip("@")


def is_handle(handle: str) -> bool:
    """Return whether a normalised handle has only letters, digits, dots, dashes and underscores."""
    return bool(_HANDLE.match(handle))
