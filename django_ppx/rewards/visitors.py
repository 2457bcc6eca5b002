"""What a request says of the shopper: the account, and the code typed earlier, kept in the session.

Nothing is used up by remembering a code.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

from django_ppx.core.texts import clean_text
from django_ppx.rewards.alphabet import LONGEST_CODE
from django_ppx.shop.types import Customer

SESSION_KEY: Final = "ppx_code"


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
    if session is not None and SESSION_KEY in session:
        del session[SESSION_KEY]


def customer_of(request: HttpRequest | None) -> Customer:
    """Return the account that is logged in, as a customer; nobody without one."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Customer()
    return Customer(account_id=str(user.pk), email=getattr(user, "email", "") or "")
