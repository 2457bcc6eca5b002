"""Making a second offer from a first."""

from __future__ import annotations

import copy
from typing import TypeVar

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer, OfferVariant, OfferVariantText, new_salt

OfferT = TypeVar("OfferT", bound=Offer)


def duplicate_offer(*, offer: OfferT) -> OfferT:
    """Return a draft with the wording and settings of `offer` and none of its history.

    `offer` is a row of its kind's own table. The copy draws its variants with a salt of its own.
    """
    with transaction.atomic():
        made = copy.copy(offer)
        made._state = copy.copy(offer._state)
        made._state.adding = True
        for field in made._meta.concrete_fields:
            if field.primary_key or field.one_to_one:
                setattr(made, field.attname, None)
        made.pk = None
        made.id = None
        made.name = _copied_name(offer.name)
        made.slug = free_slug(offer.slug)
        made.status = Offer.Status.DRAFT
        made.salt = new_salt()
        made.save(force_insert=True)
        _copy_variants(offer, made)
        kind = load_kinds().get(offer.kind)
        if kind is not None:
            kind.copy_children(offer, made)
    return made


def free_slug(wanted: str) -> str:
    """Return `wanted` as a short name that no offer has yet: "thanks", else "thanks-2", "thanks-3", …"""
    base = slugify(wanted)[:50] or "offer"
    taken = set(Offer.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _copied_name(name: str) -> str:
    return gettext("%(name)s (copy)") % {"name": name[:110]}


def _copy_variants(offer: Offer, made: Offer) -> None:
    for variant in offer.variants.prefetch_related("texts"):
        copied = OfferVariant.objects.create(
            offer_id=made.pk, label=variant.label, design=variant.design, weight=variant.weight
        )
        for text in variant.texts.all():
            OfferVariantText.objects.create(
                variant=copied,
                language=text.language,
                headline=text.headline,
                text=text.text,
                button=text.button,
                image=text.image,
                image_width=text.image_width,
                image_height=text.image_height,
                image_alt=text.image_alt,
            )
