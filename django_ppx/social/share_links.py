"""Plain share links, for browsers without a share dialog. Pure: no Django, no script, no request to anybody.

A network that takes nothing but an address is left out when there is no address to share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlencode

EMAIL: Final = "email"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """What is shared: the filled text, the address of the product, its title."""

    text: str
    url: str = ""
    title: str = ""

    @property
    def whole(self) -> str:
        """The text with the address below it, for networks that take one field only."""
        return "\n".join(part for part in (self.text, self.url) if part)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareLink:
    """One network's share page, prefilled."""

    network: str
    label: str
    url: str
    icon: str


def _query(base: str, **values: str) -> str:
    """Return `base` with its parameters, spaces as %20: a mail program would show a "+" as it stands."""
    present = {key: value for key, value in values.items() if value}
    return f"{base}?{urlencode(present, quote_via=quote, safe='')}"


def _whatsapp(shared: Shared) -> str:
    return _query("https://wa.me/", text=shared.whole)


def _telegram(shared: Shared) -> str:
    if not shared.url:
        return _query("https://t.me/share/url", url=shared.text)
    return _query("https://t.me/share/url", url=shared.url, text=shared.text)


def _facebook(shared: Shared) -> str:
    return _query("https://www.facebook.com/sharer/sharer.php", u=shared.url) if shared.url else ""


def _x(shared: Shared) -> str:
    return _query("https://x.com/intent/post", text=shared.text, url=shared.url)


def _pinterest(shared: Shared) -> str:
    if not shared.url:
        return ""
    base = "https://www.pinterest.com/pin/create/button/"
    return _query(base, url=shared.url, description=shared.text)


def _linkedin(shared: Shared) -> str:
    base = "https://www.linkedin.com/sharing/share-offsite/"
    return _query(base, url=shared.url) if shared.url else ""


def _email(shared: Shared) -> str:
    return _query("mailto:", subject=shared.title, body=shared.whole.replace("\n", "\r\n"))


@dataclass(frozen=True, slots=True)
class _Network:
    label: str
    icon: str
    build: Callable[[Shared], str]


_NETWORKS: Final[Mapping[str, _Network]] = {
    "whatsapp": _Network("WhatsApp", "whatsapp", _whatsapp),
    "telegram": _Network("Telegram", "telegram", _telegram),
    "facebook": _Network("Facebook", "facebook", _facebook),
    "x": _Network("X", "x", _x),
    "pinterest": _Network("Pinterest", "pinterest", _pinterest),
    "linkedin": _Network("LinkedIn", "linkedin", _linkedin),
    EMAIL: _Network("E-mail", "mail", _email),
}

NETWORKS: Final = tuple(_NETWORKS)
LABELS: Final[Mapping[str, str]] = {name: network.label for name, network in _NETWORKS.items()}


@lru_cache(maxsize=512)
def _links(shared: Shared, networks: tuple[str, ...]) -> tuple[ShareLink, ...]:
    links = []
    for name in networks:
        network = _NETWORKS.get(name)
        url = network.build(shared) if network else ""
        if network and url:
            links.append(ShareLink(network=name, label=network.label, url=url, icon=network.icon))
    return tuple(links)


def share_links(shared: Shared, networks: Sequence[str]) -> tuple[ShareLink, ...]:
    """Return a link per network that can take what there is to share, in the order given."""
    return _links(shared, tuple(networks))
