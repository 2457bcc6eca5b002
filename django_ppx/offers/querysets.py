"""How to ask for offers and for what was presented."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast

if TYPE_CHECKING:
    from django_ppx.offers.models import Offer, OfferPresentation  # noqa: F401 - named in quotes below


class OfferQuerySet(models.QuerySet["Offer"]):
    def active(self, *, now: datetime) -> Self:
        """Return offers that are switched on and inside their window at `now`."""
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=now),
            Q(ends_at__isnull=True) | Q(ends_at__gt=now),
            status__in=["active"],
        )

    def placed_on(self, placement: str) -> Self:
        """Return offers that are shown in a place. The list is searched as text, so that every database can."""
        places = Cast("placements", models.TextField())
        return self.alias(places_text=places).filter(places_text__contains=f'"{placement}"')

    def searched(self, words: str) -> Self:
        return self.filter(Q(name__icontains=words) | Q(slug__icontains=words))

    def not_archived(self) -> Self:
        return self.exclude(status="archived")


class OfferPresentationQuerySet(models.QuerySet["OfferPresentation"]):
    def history(self, *, customer_id: int, purchase_id: int, since: datetime) -> Self:
        """Return what the gates need of a customer's past: this purchase's rows, what ended, what caps count.

        Caps count what was presented after `since`.
        """
        return self.filter(
            Q(purchase=purchase_id)
            | Q(dismissed_at__isnull=False)
            | Q(done_at__isnull=False)
            | Q(code__times_used__gte=F("code__max_uses"))
            | Q(presented_at__gt=since),
            customer=customer_id,
        )
