"""Links to customers' posts: which addresses are posts, and how they are stored. Nothing is ever fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from django_ppx.ugc.refusals import PostRefused

MAX_LENGTH: Final = 2000
_Reason = PostRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class PostLink:
    """A post: its network and its one address."""

    network: str
    url: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """How the path of a post looks, and the one address it becomes: `{0}` is the pattern's first group.

    Of the parameters only those in `{names}` are read; each must be there.
    """

    path: str
    address: str

    @property
    def pattern(self) -> re.Pattern[str]:
        path = self.path
        for word, meaning in _WORDS.items():
            path = path.replace(word, meaning)
        return re.compile(f"{path}/?", re.ASCII)

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{([a-z_]+)}", self.address)


_ID: Final = r"([A-Za-z0-9_-]{1,100})"
_WORDS: Final = {
    "<name>": r"([A-Za-z0-9._-]{1,100})",
    "<id>": _ID,
    "<number>": r"(\d{1,30})",
    "<words>": r"(?:[A-Za-z0-9%._-]{1,300})",
}


def _hosts(*domains: str) -> frozenset[str]:
    prefixes = ("", "www.", "m.", "mobile.")
    return frozenset(f"{prefix}{domain}" for domain in domains for prefix in prefixes)


_LANDS: Final = ("com", "co.uk", "de", "fr", "at", "ch", "es", "it", "ca", "jp", "com.au", "com.mx")
_SHAPES: Final[Sequence[tuple[str, frozenset[str], Sequence[_Shape]]]] = (
    (
        "instagram",
        _hosts("instagram.com"),
        (
            _Shape("(?:/<words>)?/(p|reel|tv)/<id>", "www.instagram.com/{0}/{1}/"),
            _Shape("/reels/<id>", "www.instagram.com/reel/{0}/"),
            _Shape("/stories/<name>/<number>", "www.instagram.com/stories/{0}/{1}/"),
        ),
    ),
    (
        "tiktok",
        _hosts("tiktok.com"),
        (
            _Shape("/@<name>/(video|photo)/<number>", "www.tiktok.com/@{0}/{1}/{2}"),
            _Shape("/t/<id>", "www.tiktok.com/t/{0}/"),
        ),
    ),
    (
        "tiktok",
        frozenset({"vm.tiktok.com", "vt.tiktok.com"}),
        (_Shape("/<id>", "vm.tiktok.com/{0}/"),),
    ),
    (
        "youtube",
        _hosts("youtube.com"),
        (
            _Shape("/watch", "www.youtube.com/watch?v={v}"),
            _Shape("/(?:live|embed|v)/<id>", "www.youtube.com/watch?v={0}"),
            _Shape("/(shorts|post)/<id>", "www.youtube.com/{0}/{1}"),
        ),
    ),
    ("youtube", frozenset({"youtu.be"}), (_Shape("/<id>", "www.youtube.com/watch?v={0}"),)),
    (
        "facebook",
        _hosts("facebook.com") | {"web.facebook.com", "de-de.facebook.com"},
        (
            _Shape("/<name>/(posts|videos)/(?:<words>/)?<id>", "www.facebook.com/{0}/{1}/{2}"),
            _Shape(
                "/groups/<name>/(?:posts|permalink)/<number>",
                "www.facebook.com/groups/{0}/posts/{1}",
            ),
            _Shape("/reel/<number>", "www.facebook.com/reel/{0}"),
            _Shape("/share/(p|r|v)/<id>", "www.facebook.com/share/{0}/{1}/"),
            _Shape("/watch", "www.facebook.com/watch/?v={v}"),
            _Shape(r"/photo(?:\.php)?", "www.facebook.com/photo/?fbid={fbid}"),
            _Shape(
                r"/(?:permalink|story)\.php",
                "www.facebook.com/permalink.php?story_fbid={story_fbid}&id={id}",
            ),
        ),
    ),
    ("facebook", frozenset({"fb.watch"}), (_Shape("/<id>", "fb.watch/{0}/"),)),
    (
        "x",
        _hosts("x.com", "twitter.com"),
        (
            _Shape(
                r"/([A-Za-z0-9_]{1,15}|i/web)/status/<number>(?:/(?:photo|video)/\d)?",
                "x.com/{0}/status/{1}",
            ),
        ),
    ),
    (
        "pinterest",
        _hosts(*(f"pinterest.{land}" for land in _LANDS))
        | {f"{land}.pinterest.com" for land in ("de", "uk", "fr", "es", "it", "nl", "pl", "br")},
        (_Shape("/pin/(?:<words>--)?<number>", "www.pinterest.com/pin/{0}/"),),
    ),
    ("pinterest", frozenset({"pin.it"}), (_Shape("/<id>", "pin.it/{0}"),)),
)
NETWORKS: Final = tuple(dict.fromkeys(network for network, _hosts_of, _shapes in _SHAPES))

_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
"""ASCII alone: a look-alike letter in a host is none, and neither is anything invisible."""


def normalise_post(url: str) -> PostLink:
    """Return the post an address leads to: https, the network's own host, no parameters that follow people.

    "instagram.com/p/Cx1/?igsh=abc" is "https://www.instagram.com/p/Cx1/".

    :raises PostRefused: when it is no address of a post on a network we know.
    """
    text = url.strip()
    if not text:
        raise PostRefused(_Reason.EMPTY)
    if len(text) > MAX_LENGTH or not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise PostRefused(_Reason.NOT_A_LINK)
    if "://" not in text.split("?")[0]:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PostRefused(_Reason.NOT_A_LINK) from error
    is_plain = parts.scheme in {"http", "https"} and host and "." in host
    if not is_plain or port is not None or parts.netloc.lower() != host:
        raise PostRefused(_Reason.NOT_A_LINK)
    known = [(network, shapes) for network, hosts, shapes in _SHAPES if host in hosts]
    if not known:
        raise PostRefused(_Reason.UNKNOWN_NETWORK)
    network, shapes = known[0]
    for shape in shapes:
        if address := _address(shape, parts.path, parts.query):
            return PostLink(network=network, url=f"https://{address}")
    raise PostRefused(_Reason.NOT_A_POST)


def _address(shape: _Shape, path: str, query: str) -> str:
    match = shape.pattern.fullmatch(path)
    if match is None or ".." in path:
        return ""
    given = dict(parse_qsl(query))
    values = {name: given.get(name, "") for name in shape.parameters}
    if not all(re.fullmatch(_ID, value) for value in values.values()):
        return ""
    return shape.address.format(*match.groups(), **values)
