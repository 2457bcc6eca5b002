"""The slim banner that says, on any page, what becomes of the remembered code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext

from django_ppx.rewards.guessing import ask_guarded
from django_ppx.rewards.quoting import quote_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.visitors import customer_of, remembered
from django_ppx.rewards.weighing import check_usable, find_code
from django_ppx.rewards.wording import conditions, summarize
from django_ppx.shop.types import Basket, Customer

Reason: Final = RedemptionRefused.Reason

_SILENT: Final = frozenset(
    {Reason.UNKNOWN, Reason.EXPIRED, Reason.USED_UP, Reason.REVOKED, Reason.THROTTLED}
)
"""What no further product changes. The field for the code says it, a banner on every page would only nag."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What is said of the remembered code."""

    is_applied: bool
    message: str
    detail: str = ""
    """Why not yet, or under which conditions."""


def code_notice(
    request: HttpRequest | None, *, basket: Basket | None, now: datetime
) -> Notice | None:
    """Return what to say of the remembered code, or None when there is none or it will never be good.

    Without a basket, or with an empty one, it says what the code gives and its conditions.
    """
    code = remembered(request)
    if not code:
        return None
    ask = partial(_notice, code, basket=basket, customer=customer_of(request), now=now)
    try:
        return ask_guarded(code, request=request, ask=ask, now=now)
    except RedemptionRefused as refused:
        if refused.reason in _SILENT or refused.is_guess:
            return None
        return Notice(is_applied=False, message=str(refused))


def _notice(code: str, *, basket: Basket | None, customer: Customer, now: datetime) -> Notice:
    known = basket
    if basket is not None and basket.customer == Customer():
        known = replace(basket, customer=customer)
    row = find_code(code)
    check_usable(row, customer=customer if known is None else known.customer, now=now)
    terms = FrozenTerms.from_json(row.terms)
    if known is None or not known.total:
        summary = summarize(terms, currency="" if known is None else known.currency)
        rules = conditions(terms, currency="" if known is None else known.currency)
        return Notice(is_applied=False, message=_waiting(summary), detail=" · ".join(rules))
    try:
        quoted = quote_code(code=code, basket=known, now=now)
    except RedemptionRefused as refused:
        if refused.reason in _SILENT:
            raise
        summary = summarize(terms, currency=known.currency)
        return Notice(is_applied=False, message=_waiting(summary), detail=str(refused))
    in_basket = gettext("%(benefit)s is in your basket.") % {"benefit": quoted.summary}
    return Notice(is_applied=True, message=in_basket)


def _waiting(summary: str) -> str:
    return gettext("%(benefit)s is waiting for your basket.") % {"benefit": summary}
