"""The link to an offer's page for one of the shop's own orders: for packing slips, mails and messages of the shop."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from django_ppx.core.models import Purchase
from django_ppx.offers.pages import purchase_record
from django_ppx.ugc.links import page_path, whole
from django_ppx.ugc.models import UGCRewardOffer


def page_url(order: Any, *, slug: str, request: HttpRequest | None, now: datetime) -> str:
    """Return the whole address at which the order's customer takes part in the UGC reward of this short name.

    "" when there is no such offer or it is not open, when the order does not stand, and when nobody knows the shop's
    address: neither `PPX_SITE_URL` nor a request. Records the order if the shop has not done so yet.
    """
    ugc_offer = UGCRewardOffer._base_manager.filter(slug=slug).first()
    if ugc_offer is None or not ugc_offer.is_open(now=now):
        return ""
    purchase = purchase_record(order, request=request, now=now).purchase
    return url_for_purchase(purchase, ugc_offer=ugc_offer, request=request, now=now)


def url_for_purchase(
    purchase: Purchase, *, ugc_offer: UGCRewardOffer, request: HttpRequest | None, now: datetime
) -> str:
    """Return the same for an order that is recorded."""
    if not ugc_offer.is_open(now=now) or purchase.status != Purchase.Status.PLACED:
        return ""
    path = page_path(ugc_offer_id=ugc_offer.pk, purchase_id=purchase.pk, now=now)
    return whole(path) or (request.build_absolute_uri(path) if request is not None else "")
