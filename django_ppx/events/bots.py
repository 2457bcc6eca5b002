"""Is it a person? A score from 0 (surely) to 100 (surely not), from what a request says of itself. Pure.

Machines are recorded, not turned away: what is counted is decided when reading (`OfferEventQuerySet.human`). Mail
scanners fetch every link, browsers fetch ahead, previews of messengers follow what people paste.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MACHINES: Final = re.compile(
    r"(?<!\bcu)bot\b|crawl|spider|slurp|preview|scan|fetch|monitor|headless|phantom|curl/|wget/|python|java/|go-http|"
    r"okhttp|libwww|httpclient|facebookexternalhit|whatsapp/|telegram|discord|barracuda|mimecast|proofpoint|"
    r"safelinks|lighthouse|pingdom|uptime",
    re.IGNORECASE,
)
_PREFETCH: Final = frozenset({"prefetch", "prerender", "preview", "prefetch;prerender"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """What is known of one request. `seconds_since_shown` is None where nothing was shown before."""

    method: str
    user_agent: str
    accept_language: str = ""
    fetch_mode: str = ""
    purpose: str = ""
    seconds_since_shown: float | None = None


def visit_from_headers(
    method: str, headers: Mapping[str, str], *, seconds_since_shown: float | None = None
) -> Visit:
    """Return the facts that scoring needs from a request's headers."""
    return Visit(
        method=method,
        user_agent=headers.get("User-Agent", ""),
        accept_language=headers.get("Accept-Language", ""),
        fetch_mode=headers.get("Sec-Fetch-Mode", ""),
        purpose=headers.get("Sec-Purpose", "")
        or headers.get("Purpose", "")
        or headers.get("X-Moz", ""),
        seconds_since_shown=seconds_since_shown,
    )


def is_prefetch(visit: Visit) -> bool:
    """Return whether a browser fetched ahead: nobody clicked, so there is nothing to record."""
    return any(part.strip().lower() in _PREFETCH for part in re.split(r"[;,]", visit.purpose))


def score_link(visit: Visit) -> int:
    """Return the bot score of a followed link.

    A browser sends a user agent, languages, and `Sec-Fetch-Mode: navigate` since 2020 (Safari since 16.4); a link that
    is followed in the second in which it was shown was not read by a person.
    """
    score = _score_agent(visit.user_agent)
    if not visit.accept_language:
        score += 30
    if visit.fetch_mode and visit.fetch_mode != "navigate":
        score += 20
    if visit.seconds_since_shown is not None and visit.seconds_since_shown < 1:
        score += 30
    return min(score, 100)


def score_beacon(visit: Visit) -> int:
    """Return the bot score of a report by our script: it ran in a browser, so only the agent tells."""
    return min(_score_agent(visit.user_agent), 100)


def _score_agent(user_agent: str) -> int:
    if not user_agent.strip():
        return 60
    return 90 if _MACHINES.search(user_agent) else 0
