"""The offers of one page of the shop: from the host's order to cards, behind one wall against our own faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation

from django_ppx.conf import ppx_settings
from django_ppx.core.recording import PurchaseRecord, load_purchase, record_purchase
from django_ppx.core.texts import clean_text
from django_ppx.events.bots import is_prefetch, score_link, visit_from_headers
from django_ppx.events.querysets import HUMAN_BELOW
from django_ppx.exceptions import PpxError
from django_ppx.experiments.quarters import current_quarter, open_quarter
from django_ppx.offers.building import absolute
from django_ppx.offers.cards import Card
from django_ppx.offers.compiled import Snapshot
from django_ppx.offers.presenting import PageRequest, present
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.shop.adapter import get_shop

_PERSONAL = "_ppx_is_personal"
_SNAPSHOT = "_ppx_snapshot"
_FAILED = "_ppx_has_failed"


class UnknownOrder(PpxError):
    """Neither we nor the shop knows an order of this number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacementQuery:
    """Which offers are asked for. `language` "" is the active one, `limit` None the one of `PPX_PAGE_LIMIT`.

    `base` is our origin, where the page that shows them is on another one.
    """

    placement: str
    language: str = ""
    limit: int | None = None
    base: str = ""


def offers_for(
    order: Any, *, placement: str, limit: int | None, request: HttpRequest | None, now: datetime
) -> tuple[Card, ...]:
    """Return the cards for one of the host's orders. Records the purchase if the host has not done so yet."""
    record = partial(purchase_record, order, request=request, now=now)
    query = PlacementQuery(placement=placement, limit=limit)
    return _cards(query, record, request=request, now=now)


def offers_of(
    order_ref: str, *, query: PlacementQuery, request: HttpRequest, now: datetime
) -> tuple[Card, ...]:
    """Return the cards for the order of this number, as its page would show them at this moment.

    :raises UnknownOrder: when there is no such order.
    :raises InvalidOrder: when the shop's order can't be recorded.
    :raises TransactionConflict: see `run_retrying`.
    """
    record = partial(known_record, order_ref, request=request, now=now)
    return _cards(query, record, request=request, now=now)


def _cards(
    query: PlacementQuery,
    record: Callable[[], PurchaseRecord],
    *,
    request: HttpRequest | None,
    now: datetime,
) -> tuple[Card, ...]:
    mark_personal(request)
    snapshot = _with_quarter(snapshot_for(request), request, now=now)
    page = PageRequest(
        placement=query.placement,
        language=query.language or translation.get_language() or settings.LANGUAGE_CODE,
        limit=ppx_settings.PPX_PAGE_LIMIT if query.limit is None else query.limit,
        now=now,
        is_for_customer=partial(_is_for_customer, request),
        base=query.base,
    )
    return present(snapshot, record(), page)


def _is_for_customer(request: HttpRequest | None) -> bool:
    """Return whether a person of no staff looks at the page, as far as we can tell.

    Without a request the shop asks on behalf of its customer.
    """
    if request is None:
        return True
    if getattr(getattr(request, "user", None), "is_staff", False):
        return False
    visit = visit_from_headers(str(request.method), request.headers)
    return not is_prefetch(visit) and score_link(visit) < HUMAN_BELOW


def _with_quarter(snapshot: Snapshot, request: HttpRequest | None, *, now: datetime) -> Snapshot:
    """Begin the holdout of a new quarter, where the shop has one, at the first page of it."""
    if not ppx_settings.PPX_HOLDOUT_PERCENT or current_quarter(now=now) in snapshot.holdouts:
        return snapshot
    open_quarter(now=now)
    fresh = current_snapshot()
    if request is not None:
        setattr(request, _SNAPSHOT, fresh)
    return fresh


def purchase_record(order: Any, *, request: HttpRequest | None, now: datetime) -> PurchaseRecord:
    """Return our record of the host's order, making it when there is none."""
    shop = get_shop()
    return load_purchase(order_ref=shop.order_ref(order)) or record_purchase(
        order=shop.order(order, request), now=now
    )


def known_record(order_ref: str, *, request: HttpRequest | None, now: datetime) -> PurchaseRecord:
    """Return our record of the order of this number, making it when the shop knows the order and we do not.

    :raises UnknownOrder: when neither does.
    """
    record = load_purchase(order_ref=order_ref)
    if record is not None:
        return record
    shop = get_shop()
    order: Any = shop.find_order(order_ref)
    # A lenient search must not lead to an order of another number.
    if order is None or clean_text(shop.order_ref(order)) != clean_text(order_ref):
        raise UnknownOrder
    return record_purchase(order=shop.order(order, request), now=now)


def shop_language(asked: str) -> str:
    """Return the shop's language that comes nearest to a language tag; the active one for what it does not have."""
    try:
        return translation.get_supported_language_variant(asked)
    except LookupError:
        return translation.get_language() or settings.LANGUAGE_CODE


def snapshot_for(request: HttpRequest | None) -> Snapshot:
    """Return the compiled offers, asked for once per request however many tags the page has."""
    if request is None:
        return current_snapshot()
    held: Snapshot | None = getattr(request, _SNAPSHOT, None)
    if held is None:
        held = current_snapshot()
        setattr(request, _SNAPSHOT, held)
    return held


def head_context(request: HttpRequest | None, *, base: str = "") -> dict[str, str]:
    """Return the addresses of the stylesheets and the script.

    A page on another origin takes the script from our own address: browsers run a module of another origin only with
    that origin's leave, which a static file seldom gives.
    """
    script_url = absolute(reverse("ppx:script"), base) if base else static("django_ppx/ppx.js")
    active = snapshot_for(request).theme
    theme_url = reverse("ppx:theme", args=[active.digest]) if active else ""
    return {
        "css_url": absolute(static("django_ppx/ppx.css"), base),
        "js_url": script_url,
        "theme_url": absolute(theme_url, base) if active else "",
    }


def mark_personal(request: HttpRequest | None) -> None:
    """Note that the page of this request shows something of one customer."""
    if request is not None:
        setattr(request, _PERSONAL, True)


def is_personal(request: HttpRequest) -> bool:
    """Return whether one of our tags put something of one customer on this request's page."""
    return bool(getattr(request, _PERSONAL, False))


def mark_failed(request: HttpRequest | None) -> None:
    """Note that one of our tags failed on this page, so that the others stay silent."""
    if request is not None:
        setattr(request, _FAILED, True)


def has_failed(request: HttpRequest | None) -> bool:
    """Return whether one of our tags failed on this page already."""
    return bool(getattr(request, _FAILED, False))
