"""How many submissions an offer takes, of one person and in total.

Each counter is one row, changed by one conditional `UPDATE`. Call these in the transaction of the submission, whose own
row comes first.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from django_ppx.ugc.models import UGCPlaceCount, UGCRewardOffer
from django_ppx.ugc.refusals import SubmissionRefused

EVERYBODY = ""


def take_places(*, ugc_offer: UGCRewardOffer, limit_keys: Iterable[str]) -> None:
    """Count one more submission, of everybody and for each of the person's keys.

    :raises SubmissionRefused: when there is no place left; the caller's transaction must be given up then.
    """
    if not _take(ugc_offer.pk, EVERYBODY, ugc_offer.max_total):
        raise SubmissionRefused(SubmissionRefused.Reason.ALL_TAKEN)
    for key in sorted(limit_keys):
        if not _take(ugc_offer.pk, key, ugc_offer.max_per_customer):
            raise SubmissionRefused(SubmissionRefused.Reason.CUSTOMER_LIMIT)


def give_places_back(*, ugc_offer_id: int, limit_keys: Iterable[str]) -> None:
    """Take one submission off everybody's count and off the person's."""
    for key in (EVERYBODY, *sorted(limit_keys)):
        UGCPlaceCount.objects.filter(ugc_offer=ugc_offer_id, limit_key=key, taken__gt=0).update(
            taken=F("taken") - 1
        )


def has_place(*, ugc_offer: UGCRewardOffer, limit_keys: Iterable[str]) -> bool:
    """Return whether the person could send something in at this moment. One query."""
    return bool(with_place(ugc_offers=[ugc_offer], limit_keys=limit_keys))


def with_place(
    *, ugc_offers: Iterable[UGCRewardOffer], limit_keys: Iterable[str]
) -> frozenset[int]:
    """Return the keys of those offers to which the person could send something in at this moment. One query."""
    offers, keys = list(ugc_offers), list(limit_keys)
    counts = UGCPlaceCount.objects.filter(
        ugc_offer__in=[offer.pk for offer in offers], limit_key__in=[EVERYBODY, *keys]
    )
    taken = {
        (offer_id, key): count
        for offer_id, key, count in counts.values_list("ugc_offer_id", "limit_key", "taken")
    }
    return frozenset(
        offer.pk
        for offer in offers
        if all(
            limit is None or taken.get((offer.pk, key), 0) < limit
            for key, limit in (
                (EVERYBODY, offer.max_total),
                *((key, offer.max_per_customer) for key in keys),
            )
        )
    )


def _take(ugc_offer_id: int, key: str, limit: int | None) -> int:
    mine = UGCPlaceCount.objects.filter(ugc_offer=ugc_offer_id, limit_key=key)
    # Before the update: one that finds no row locks a gap (MariaDB), and two new customers would deadlock.
    if not mine.exists():
        UGCPlaceCount.objects.bulk_create(
            [UGCPlaceCount(ugc_offer_id=ugc_offer_id, limit_key=key)], ignore_conflicts=True
        )
    if limit is not None:
        mine = mine.filter(taken__lt=limit)
    return mine.update(taken=F("taken") + 1)
