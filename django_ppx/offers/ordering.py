"""The order in which offers compete for a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from django.db import transaction

from django_ppx.offers.freshness import touch
from django_ppx.offers.models import Offer

STEP = 10
"""Between neighbours, so that a priority typed by hand fits in."""


def reorder_offers(*, offer_ids: Sequence[int]) -> None:
    """Put the offers of `offer_ids` into that order, in the places that they take together. Others stay put.

    Ids that are unknown or archived are passed over, so that a list which is a minute old does no harm.
    """
    with transaction.atomic():
        offers = _in_order()
        places = {offer.pk: place for place, offer in enumerate(offers)}
        wanted = [pk for pk in dict.fromkeys(offer_ids) if pk in places]
        by_id = {offer.pk: offer for offer in offers}
        for place, pk in zip(sorted(places[pk] for pk in wanted), wanted, strict=True):
            offers[place] = by_id[pk]
        _number(offers)


def move_offer(*, offer_id: int, direction: Literal["up", "down"]) -> bool:
    """Swap an offer with its neighbour. Return False where there is none, or the offer is gone."""
    with transaction.atomic():
        offers = _in_order()
        place = next((at for at, offer in enumerate(offers) if offer.pk == offer_id), None)
        if place is None:
            return False
        neighbour = place - 1 if direction == "up" else place + 1
        if not 0 <= neighbour < len(offers):
            return False
        offers[place], offers[neighbour] = offers[neighbour], offers[place]
        _number(offers)
    return True


def _in_order() -> list[Offer]:
    rows = Offer.objects.not_archived().order_by("priority", "pk").select_for_update()
    return list(rows.only("pk", "priority"))


def _number(offers: Sequence[Offer]) -> None:
    changed = []
    for number, offer in enumerate(offers, start=1):
        if offer.priority != number * STEP:
            offer.priority = number * STEP
            changed.append(offer)
    if changed:
        Offer.objects.bulk_update(changed, ["priority"])
        touch()
