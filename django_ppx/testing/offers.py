"""Factories of offers and audiences. Each builds valid rows; named arguments override what they hold."""

from __future__ import annotations

from itertools import count
from typing import Any

from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Audience, AudienceRule, Offer, OfferVariant, OfferVariantText

_numbers = count(1)


def make_offer(
    kind: str = "message", *, texts: dict[str, dict[str, Any]] | None = None, **overrides: Any
) -> Offer:
    """Return a stored, active offer of `kind` with one variant, "A".

    `texts` maps languages to the variant's words; `design` sets its look. Everything else is a column of the offer or
    of its kind. A kind with required columns needs them here (a discount its `benefit`).
    """
    number = next(_numbers)
    design = overrides.pop("design", load_kinds()[kind].default_design)
    values: dict[str, Any] = {
        "kind": kind,
        "name": f"Offer {number}",
        "slug": f"offer-{number}",
        "status": Offer.Status.ACTIVE,
    }
    offer = load_kinds()[kind].model(**{**values, **overrides})
    offer.save(force_insert=True)
    make_variant(offer, label="A", design=design, texts=texts)
    return offer


def make_variant(
    offer: Offer, *, texts: dict[str, dict[str, Any]] | None = None, **overrides: Any
) -> OfferVariant:
    """Return a further variant of `offer`, with an English text unless `texts` says otherwise."""
    variant = OfferVariant.objects.create(
        **{"offer_id": offer.pk, "label": f"V{next(_numbers)}", "weight": 1, **overrides}
    )
    for language, words in (texts or {"en": {"headline": f"Headline of {offer.name}"}}).items():
        OfferVariantText.objects.create(variant=variant, language=language, **words)
    return variant


def make_audience(*groups: list[tuple[str, str, Any]], **overrides: Any) -> Audience:
    """Return an audience; each group is a list of (trait, comparison, value), all of which must hold.

    make_audience([("order_total", "gte", {"amount": "50", "currency": "EUR"})], [("is_guest", "no", None)])
    """
    audience = Audience.objects.create(**{"name": f"Audience {next(_numbers)}", **overrides})
    for number, rules in enumerate(groups, 1):
        for trait, operator, value in rules:
            AudienceRule.objects.create(
                audience=audience, group=number, trait=trait, operator=operator, value=value
            )
    return audience
