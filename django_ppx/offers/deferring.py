"""Offers that a page asks for afterwards, so that the page itself says nothing of one customer and may be cached.

The page names the order, or nothing at all. Who may see the order's offers is asked when they are fetched: the shop's
adapter decides from the visitor's own session.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from django_ppx.core.order_tokens import make_page_token, read_page_token
from django_ppx.core.tokens import InvalidToken
from django_ppx.shop.adapter import HostOrder, get_shop


def placeholder_context(
    order: HostOrder | None, *, placement: str, heading: str, now: datetime
) -> dict[str, str]:
    """Return where the offers of `order` are fetched, and where they stand as a page. No query of ours.

    Without an order the addresses name none: they are for the order that the visitor has just placed.
    """
    token = [] if order is None else [make_page_token(get_shop().order_ref(order), now=now)]
    asked = {"placement": placement, "language": get_language() or settings.LANGUAGE_CODE}
    named = {**asked, "heading": heading} if heading else asked
    return {
        "fragment_url": f"{reverse('ppx:fragment', args=token)}?{urlencode(named)}",
        "page_url": f"{reverse('ppx:order_offers', args=token)}?{urlencode(asked)}",
        "heading": heading,
    }


def order_of(request: HttpRequest, token: str, *, now: datetime) -> Any | None:
    """Return the order that a page's token names, or without one the visitor's newest, if the visitor may see it.

    Unknown, changed, expired and foreign are one answer: None.
    """
    shop = get_shop()
    try:
        order = (
            shop.find_order(read_page_token(token, now=now))
            if token
            else shop.current_order(request)
        )
    except InvalidToken:
        return None
    return order if order is not None and shop.can_view(request, order) else None
