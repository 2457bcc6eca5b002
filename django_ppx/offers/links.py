"""The signed names by which a page refers back to what was shown on it."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django_ppx.conf import ppx_settings
from django_ppx.core.tokens import InvalidToken, make_token, read_token

PURPOSE: Final = "card"


def card_token(presentation_id: str, *, now: datetime) -> str:
    """Return the token of one presentation: it allows reporting events of this card and following its links."""
    return make_token(purpose=PURPOSE, payload=UUID(presentation_id).hex, now=now)


def read_card_token(token: str, *, now: datetime) -> str:
    """Return the presentation's id.

    :raises InvalidToken: when the token is unknown, changed or too old; it does not say which.
    """
    payload = read_token(
        token, purpose=PURPOSE, max_age_days=ppx_settings.PPX_LINK_MAX_AGE_DAYS, now=now
    )
    try:
        return str(UUID(hex=payload))
    except ValueError as error:
        raise InvalidToken from error
