"""Who is asking: whether a visitor has proven that something was sent in by them.

The link to the page proves nothing. What does: the session that uploaded and sent it, the account that bought, whoever
the shop lets see the order, and a link from a mail to the customer's address, which puts the proof into the session.
"""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from django_ppx.core.containment import contain
from django_ppx.core.models import Purchase
from django_ppx.shop.adapter import get_shop
from django_ppx.ugc.models import UGCSubmission

SESSION_KEY: Final = "ppx_ugc"
OPEN_KEY: Final = "ppx_ugc_open"
KEPT: Final = 40
KEPT_OPEN: Final = 10
_OWNERS: Final = "_ppx_ugc_owners"


def open_form(request: HttpRequest, slot: str) -> str:
    """Return the key of the form that this session was given last for an offer and order (`slot`), or ""."""
    return _open_forms(request).get(slot, "")


def give_form(request: HttpRequest, slot: str, form_key: str) -> None:
    """Give this session a form, which nobody else can go on with. What was sent with the last one stays seen."""
    session = getattr(request, "session", None)
    if session is None:
        return
    forms = _open_forms(request)
    if last := forms.pop(slot, ""):
        remember(request, last)
    while len(forms) >= KEPT_OPEN:
        remember(request, forms.pop(next(iter(forms))))
    session[OPEN_KEY] = {**forms, slot: form_key}


def remember(request: HttpRequest, form_key: str) -> None:
    """Let this session see what was sent by the form of this key."""
    session = getattr(request, "session", None)
    if session is None:
        return
    known = _seen_forms(request)
    if form_key not in known:
        session[SESSION_KEY] = [*known, form_key][-KEPT:]


def remembered(request: HttpRequest) -> list[str]:
    """Return the keys of the forms that are this session's."""
    return [*_seen_forms(request), *_open_forms(request).values()]


def has_proof(request: HttpRequest, submission: UGCSubmission) -> bool:
    """Return whether this visitor may see the submission and withdraw it."""
    return submission.form_key in remembered(request) or is_buyer(request, submission.purchase)


def is_buyer(request: HttpRequest, purchase: Purchase) -> bool:
    """Return whether the visitor is the account that bought, or one to whom the shop shows the order.

    Staff see every order; that does not make them its buyer. The shop is asked once per request and order.
    """
    user = getattr(request, "user", None)
    account_id = purchase.customer.account_id
    if user is not None and user.is_authenticated:
        if account_id:
            return str(user.pk) == account_id
        if user.is_staff:
            return False
    known: dict[str, bool] = request.__dict__.setdefault(_OWNERS, {})
    if purchase.order_ref not in known:
        known[purchase.order_ref] = _may_see_order(request, purchase.order_ref)
    return known[purchase.order_ref]


def _may_see_order(request: HttpRequest, order_ref: str) -> bool:
    with contain("Asking the shop whose order it is"):
        shop = get_shop()
        order: Any = shop.find_order(order_ref)
        return order is not None and shop.can_view(request, order) is True
    return False


def _seen_forms(request: HttpRequest) -> list[str]:
    session = getattr(request, "session", None)
    known = session.get(SESSION_KEY) if session is not None else None
    return known if isinstance(known, list) else []


def _open_forms(request: HttpRequest) -> dict[str, str]:
    session = getattr(request, "session", None)
    known = session.get(OPEN_KEY) if session is not None else None
    return dict(known) if isinstance(known, dict) else {}
