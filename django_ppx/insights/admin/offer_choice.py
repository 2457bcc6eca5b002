"""The first question of a new experiment: which offer it is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from django_ppx.offers.admin import columns
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferChoice:
    """One offer that may be tested. `busy` names the experiment that runs on it, "" where none does."""

    name: str
    kind: str | Promise
    icon: str
    badge: SafeString
    variants: int
    busy: str
    url: str


def offer_choices() -> list[OfferChoice]:
    """Return the offers that are not archived, in order of priority. One query."""
    kinds = load_kinds()
    add = reverse("admin:django_ppx_experiment_add")
    now = timezone.now()
    offers = (
        Offer.objects.not_archived()
        .filter(kind__in=list(kinds))
        .select_related("running_experiment")
        .annotate(variant_count=Count("variants"))
    )
    return [
        OfferChoice(
            name=offer.name,
            kind=kinds[offer.kind].label,
            icon=kinds[offer.kind].icon,
            badge=columns.status_badge(offer, now=now),
            variants=getattr(offer, "variant_count", 0),
            busy=_busy(offer),
            url=f"{add}?offer={offer.pk}",
        )
        for offer in offers
    ]


def _busy(offer: Offer) -> str:
    running = getattr(offer, "running_experiment", None)
    return running.name if running else ""
