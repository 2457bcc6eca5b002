"""Which UGC rewards the customer of an order may take part in, asked for the order and not for one link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from django_ppx.core.models import Purchase
from django_ppx.core.recording import PurchaseRecord
from django_ppx.offers.facts import moment_of
from django_ppx.offers.moments import Moment
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.ugc.drafts import person_keys
from django_ppx.ugc.inviting import Invitation, invite, products_of
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.places import with_place

KIND: Final = "ugc_reward"
_NOWHERE: Final = ""
"""No placement: wherever the card stands, the order's customer may take part."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offering:
    """An offer that is open to the order's customer. `has_room` says whether their places are left."""

    invitation: Invitation
    has_room: bool


def offerings(record: PurchaseRecord, *, language: str, now: datetime) -> tuple[Offering, ...]:
    """Return what the order's customer may take part in at `now`, as offers stand on a page, in the active language.

    What is open, and whose audience they are in. An order that does not stand has none. The number of queries does not
    depend on the number of offers.
    """
    purchase = record.purchase
    if purchase.status != Purchase.Status.PLACED:
        return ()
    moment = moment_of(record, placement=_NOWHERE, language=language, now=now)
    meant = _meant_for(moment)
    rows = _with_texts(UGCRewardOffer._base_manager.filter(pk__in=meant)).in_bulk()
    found = [rows[pk] for pk in meant if pk in rows and rows[pk].is_open(now=now)]
    if not found:
        return ()
    free = with_place(ugc_offers=found, limit_keys=person_keys(purchase))
    products = products_of(purchase)
    invitations = [invite(ugc_offer, purchase, products=products) for ugc_offer in found]
    return tuple(
        Offering(invitation=invitation, has_room=invitation.ugc_offer.pk in free)
        for invitation in invitations
        if invitation is not None
    )


def is_meant_for(
    record: PurchaseRecord, ugc_offer: UGCRewardOffer, *, language: str, now: datetime
) -> bool:
    """Return whether the offer is active and the order's customer is in its audience."""
    moment = moment_of(record, placement=_NOWHERE, language=language, now=now)
    return ugc_offer.pk in _meant_for(moment)


def _meant_for(moment: Moment) -> list[int]:
    return [
        offer.id
        for offer in current_snapshot().offers
        if offer.kind.name == KIND
        and offer.status == "active"
        and (offer.audience is None or offer.audience.matches(moment))
    ]


def _with_texts(rows: QuerySet[UGCRewardOffer]) -> QuerySet[UGCRewardOffer]:
    return rows.select_related("benefit", "licence").prefetch_related(
        "texts", "licence__texts", "benefit__amounts", "benefit__scopes"
    )
