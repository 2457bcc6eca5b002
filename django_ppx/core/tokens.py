"""Signed, single-purpose, expiring tokens for links and beacons.

A token says what it is about in a form that anybody can decode, so a payload is an identifier,
never a personal detail. Unknown, wrong and expired are the same error.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.utils.encoding import force_bytes

from django_ppx.exceptions import PpxError

CLOCK_SKEW: Final = timedelta(minutes=10)
"""How far ahead the clock of the server that signed may be."""


class InvalidToken(PpxError):
    """The token is unknown, was changed, is for another purpose, or is too old.

    It does not say which.
    """


def make_token(*, purpose: str, payload: str, now: datetime) -> str:
    """Return a URL-safe token that `read_token` accepts for the same `purpose` only."""
    body = signing.b64_encode(force_bytes(payload)).decode()
    stamp = signing.b62_encode(int(now.timestamp()))
    return _signer(purpose).sign(f"{body}.{stamp}")


def read_token(token: str, *, purpose: str, max_age_days: int, now: datetime) -> str:
    """Return the payload of a token that was made for `purpose` at most `max_age_days` ago.

    :raises InvalidToken: for every other string.
    """
    try:
        body, stamp = _signer(purpose).unsign(token).split(".")
        signed_at = signing.b62_decode(stamp)
        payload = signing.b64_decode(body.encode()).decode()
    except (signing.BadSignature, ValueError) as error:
        raise InvalidToken from error
    age = timedelta(seconds=now.timestamp() - signed_at)
    if not -CLOCK_SKEW <= age < timedelta(days=max_age_days):
        raise InvalidToken
    return payload


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(sep="~", salt=f"django_ppx.{purpose}")
