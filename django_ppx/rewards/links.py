"""Signed links that apply a code: for mails, for messages, and for staff to copy.

Whoever has the link may use the code: it says nothing about whose it is. The code itself does not stand in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel.dates import format_date
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from django_ppx.conf import ppx_settings
from django_ppx.core.money import babel_locale
from django_ppx.core.tokens import InvalidToken, make_token, read_token
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.validity import last_day
from django_ppx.rewards.weighing import check_usable
from django_ppx.rewards.wording import conditions, summarize
from django_ppx.shop.types import Customer

PURPOSE: Final = "apply-code"
LONGEST_DESTINATION: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedLink:
    """What a good link leads to."""

    code: str
    """As people read it."""
    destination: str
    """The path that was signed with it, or ""."""
    summary: str
    """What the code gives: "10% off"."""
    conditions: tuple[str, ...]
    last_day: str
    """In words, or "" for a code that never expires."""
    refusal: str
    """Why the code can't be used now, or "" when it can."""


def apply_path(code: DiscountCode, *, now: datetime, destination: str = "") -> str:
    """Return the path of a link that applies the code, for `PPX_APPLY_LINK_DAYS` from `now` or until the code expires.

    The shopper is led to `destination`, a path of the shop ("/basket/?from=mail"); without one to `PPX_BASKET_URL`.

    :raises ValueError: when `destination` is no path of the shop.
    """
    if destination and not _is_path(destination):
        raise ValueError("The destination of a link is a path of the shop.")
    token = make_token(purpose=PURPOSE, payload=f"{code.pk}:{destination}", now=now)
    return reverse("ppx:code_apply_link", args=[token])


def apply_url(
    code: DiscountCode, *, request: HttpRequest, now: datetime, destination: str = ""
) -> str:
    """Return the link whole, with the host of `request`. See `apply_path`.

    :raises ValueError: when `destination` is no path of the shop.
    """
    return request.build_absolute_uri(apply_path(code, now=now, destination=destination))


def open_link(token: str, *, customer: Customer, now: datetime) -> OpenedLink:
    """Return what the link leads to. Changes nothing.

    :raises InvalidToken: when the link is unknown, changed or too old, and when its code is used up, expired or
        revoked, unless `customer` is its owner: they learn the reason.
    """
    code_id, destination = _read(token, now)
    code = DiscountCode.objects.filter(pk=code_id).first()
    if code is None:
        raise InvalidToken
    try:
        terms = FrozenTerms.from_json(code.terms)
    except UnreadableTerms as error:
        raise InvalidToken from error
    return OpenedLink(
        code=grouped_as(code.code, code.terms),
        destination=destination,
        summary=summarize(terms),
        conditions=conditions(terms),
        last_day=_day(code.expires_at),
        refusal=_refusal(code, customer, now),
    )


def _read(token: str, now: datetime) -> tuple[int, str]:
    days = ppx_settings.PPX_APPLY_LINK_DAYS
    payload = read_token(token, purpose=PURPOSE, max_age_days=days, now=now)
    code_id, _colon, destination = payload.partition(":")
    if not code_id.isdecimal() or (destination and not _is_path(destination)):
        raise InvalidToken
    return int(code_id), destination


def _refusal(code: DiscountCode, customer: Customer, now: datetime) -> str:
    try:
        check_usable(code, customer=customer, now=now)
    except RedemptionRefused as refused:
        if refused.is_guess and refused.reason != RedemptionRefused.Reason.NOT_YET:
            raise InvalidToken from refused
        return refused.own_sentence
    return ""


def _day(expires_at: datetime | None) -> str:
    if expires_at is None:
        return ""
    return format_date(
        last_day(expires_at), format="long", locale=babel_locale(get_language() or "en")
    )


def _is_path(text: str) -> bool:
    return (
        len(text) <= LONGEST_DESTINATION
        and text.startswith("/")
        and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    )
