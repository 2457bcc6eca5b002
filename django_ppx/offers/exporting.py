"""Offers as CSV rows that a spreadsheet opens without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django_ppx.core.csv_cells import guard_cell
from django_ppx.offers.counting import count_offers
from django_ppx.offers.models import Offer

HEADER = (
    "short_name",
    "name",
    "kind",
    "status",
    "starts_at",
    "ends_at",
    "priority",
    "placements",
    "audience",
    "shown",
    "clicked",
    "redeemed",
)


def offer_rows(*, offers: Iterable[Offer], now: datetime) -> Iterator[Sequence[str]]:
    """Yield the header and one row per offer, every cell guarded. `offers` come with their audience."""
    found = list(offers)
    counts = count_offers([offer.pk for offer in found], now=now)
    yield HEADER
    for offer in found:
        of_offer = counts[offer.pk]
        yield [
            guard_cell(str(value))
            for value in (
                offer.slug,
                offer.name,
                offer.kind,
                offer.status,
                offer.starts_at.isoformat() if offer.starts_at else "",
                offer.ends_at.isoformat() if offer.ends_at else "",
                offer.priority,
                " ".join(offer.placements),
                offer.audience.name if offer.audience else "",
                of_offer.shown,
                of_offer.clicked,
                of_offer.redeemed,
            )
        ]
