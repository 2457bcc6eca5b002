"""How to ask for events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from django.db import models

if TYPE_CHECKING:
    from django_ppx.events.models import OfferEvent  # noqa: F401 - named in quotes below

HUMAN_BELOW: Final = 50
"""Events with a bot score of at least this are kept, but not counted."""


class OfferEventQuerySet(models.QuerySet["OfferEvent"]):
    def human(self) -> Self:
        """Return the events that a person caused, as far as we can tell."""
        return self.filter(bot_score__lt=HUMAN_BELOW)
