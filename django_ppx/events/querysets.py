"""How to ask for events."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django_ppx.events.models import OfferEvent  # noqa: F401 - named in quotes below

HUMAN_BELOW: Final = 50
"""Events with a bot score of at least this are kept, but not counted."""


class OfferEventQuerySet(models.QuerySet["OfferEvent"]):
    def human(self) -> Self:
        """Return the events that a person caused, as far as we can tell."""
        return self.filter(bot_score__lt=HUMAN_BELOW)

    def uncounted(self, *, before: datetime) -> Self:
        """Return older events that no figure reads: cards seen, machines, and what belongs to nobody any more.

        Shown is counted from presentations and exposures, everything else by `human` with its card or its customer.
        """
        is_seen = Q(name="impression")
        is_machine = Q(bot_score__gte=HUMAN_BELOW)
        is_nobodys = Q(presentation__isnull=True, customer__isnull=True)
        return self.filter(is_seen | is_machine | is_nobodys, occurred_at__lt=before)
