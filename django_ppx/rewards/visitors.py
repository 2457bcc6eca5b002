"""What a request says of the shopper: the account, and the code typed earlier, kept in the session.

Nothing is used up by remembering a code.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

from django_ppx.core.texts import clean_text
from django_ppx.rewards.alphabet import LONGEST_CODE, fold
from django_ppx.shop.types import Customer

SESSION_KEY: Final = "ppx_code"
ASKED_KEY: Final = "ppx_code_asked"
LINK_KEY: Final = "ppx_code_link"

_ASKED: Final = "_ppx_asked_codes"
_ASKED_KEPT: Final = 8
"""A page may ask for several codes, and ask again at each view."""


def remember(request: HttpRequest, code: str) -> None:
    """Keep the code as it was typed, so that the shopper finds it in the field again. "" forgets it."""
    typed = clean_text(code, LONGEST_CODE)
    if typed:
        request.session[SESSION_KEY] = typed
    else:
        forget(request)


def remembered(request: HttpRequest | None) -> str:
    """Return the code that the shopper typed, or ""."""
    session = getattr(request, "session", None)
    typed = session.get(SESSION_KEY, "") if session is not None else ""
    return typed if isinstance(typed, str) else ""


def forget(request: HttpRequest) -> None:
    """Drop the code, as after an order. A session that never had one stays untouched."""
    session = getattr(request, "session", None)
    for key in (SESSION_KEY, ASKED_KEY, LINK_KEY):
        if session is not None and key in session:
            del session[key]


def remember_link(request: HttpRequest, code: str) -> None:
    """Keep the code that the visitor has a signed link to. It is theirs to use, so asking for it is no guess."""
    if getattr(request, "session", None) is None:
        return
    remember(request, code)
    request.session[LINK_KEY] = fold(code)


def has_link(request: HttpRequest, typed: str) -> bool:
    """Return whether the visitor came by a link to this very code."""
    session = getattr(request, "session", None)
    return session is not None and session.get(LINK_KEY) == typed


def note_asked(request: HttpRequest, typed: str) -> None:
    """Note that the visitor was told about this code: for the request, and for the session if there is one."""
    asked: frozenset[str] = getattr(request, _ASKED, frozenset())
    setattr(request, _ASKED, asked | {typed})
    known = _asked_before(request)
    session = getattr(request, "session", None)
    if session is None or typed in known:
        return
    if session.session_key is not None or SESSION_KEY in session:
        session[ASKED_KEY] = [*known, typed][-_ASKED_KEPT:]


def has_asked(request: HttpRequest, typed: str) -> bool:
    """Return whether the visitor was told about this code already, or holds a link to it."""
    return (
        typed in getattr(request, _ASKED, frozenset())
        or has_link(request, typed)
        or typed in _asked_before(request)
    )


def _asked_before(request: HttpRequest) -> list[str]:
    session = getattr(request, "session", None)
    known = session.get(ASKED_KEY) if session is not None else None
    return known if isinstance(known, list) else []


def customer_of(request: HttpRequest | None) -> Customer:
    """Return the account that is logged in, as a customer; nobody without one."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Customer()
    return Customer(account_id=str(user.pk), email=getattr(user, "email", "") or "")
