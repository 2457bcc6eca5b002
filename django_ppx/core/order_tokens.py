"""The signed names by which a shop's front end speaks for one order.

Whoever holds an order token sees the offers and codes of that order: the shop gives it to the customer's own page
alone, never in an address. A page token only names an order for a page that anybody may see; what is shown for it
needs the session.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django_ppx.conf import ppx_settings
from django_ppx.core.tokens import InvalidToken, make_token, read_token

_ORDER: Final = "order"
_PAGE: Final = "page"


def make_order_token(order_ref: str, *, now: datetime) -> str:
    """Return the token by which the API answers for this order, for `PPX_ORDER_TOKEN_DAYS`."""
    return make_token(purpose=_ORDER, payload=order_ref, now=now)


def read_order_token(token: str, *, now: datetime) -> str:
    """Return the order's number.

    :raises InvalidToken: when the token is unknown, changed or too old; it does not say which.
    """
    return _read(token, _ORDER, ppx_settings.PPX_ORDER_TOKEN_DAYS, now)


def make_page_token(order_ref: str, *, now: datetime) -> str:
    """Return a token that names the order and gives nobody a right to it."""
    return make_token(purpose=_PAGE, payload=order_ref, now=now)


def read_page_token(token: str, *, now: datetime) -> str:
    """Return the order's number.

    :raises InvalidToken: when the token is unknown, changed or too old; it does not say which.
    """
    return _read(token, _PAGE, ppx_settings.PPX_LINK_MAX_AGE_DAYS, now)


def _read(token: str, purpose: str, days: int, now: datetime) -> str:
    if not token.isascii():
        raise InvalidToken
    order_ref = read_token(token, purpose=purpose, max_age_days=days, now=now)
    if not order_ref:
        raise InvalidToken
    return order_ref
