"""Switching offers on and off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer, OfferVariantText


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """An offer that was not activated, and what is missing."""

    offer: Offer
    problems: tuple[str | Promise, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Activated:
    """What came of an activation."""

    activated: tuple[Offer, ...]
    refused: tuple[Refused, ...]


def activate_offers(*, offers: Iterable[Offer]) -> Activated:
    """Activate the offers that are complete, and say of the others what they lack. Safe to run twice.

    `offers` are rows of their kind's own table, so that the kind can look at its columns.
    """
    found = list(offers)
    worded = _variants_worded(found)
    activated: list[Offer] = []
    refused: list[Refused] = []
    with transaction.atomic():
        for offer in found:
            problems = activation_problems(offer, is_worded=offer.pk in worded)
            if problems:
                refused.append(Refused(offer=offer, problems=tuple(problems)))
            else:
                _set_status(offer, Offer.Status.ACTIVE)
                activated.append(offer)
    return Activated(activated=tuple(activated), refused=tuple(refused))


def pause_offers(*, offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Pause the active ones among `offers` and return them. Drafts and archived offers stay as they are."""
    paused = [offer for offer in offers if offer.status == Offer.Status.ACTIVE]
    with transaction.atomic():
        for offer in paused:
            _set_status(offer, Offer.Status.PAUSED)
    return tuple(paused)


def archive_offers(*, offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Put `offers` away, whatever they were, and return them. What they gave stays good."""
    found = tuple(offers)
    with transaction.atomic():
        for offer in found:
            _set_status(offer, Offer.Status.ARCHIVED)
    return found


def activation_problems(offer: Offer, *, is_worded: bool) -> Sequence[str | Promise]:
    """Return what stops `offer` from being activated, a sentence each."""
    problems: list[str | Promise] = []
    if not is_worded:
        problems.append(_("No variant has a headline in the shop's main language."))
    kind = load_kinds().get(offer.kind)
    if kind is None:
        problems.append(_("Its kind is not switched on in this shop."))
    else:
        problems.extend(kind.problems(offer))
    return problems


def _variants_worded(offers: Sequence[Offer]) -> frozenset[int]:
    """Return the ids of the offers with a headline in the default language. One query."""
    default = settings.LANGUAGE_CODE.lower()
    languages = {default, default.split("-")[0]}
    rows = OfferVariantText.objects.filter(
        variant__offer__in=[offer.pk for offer in offers], language__in=languages
    ).exclude(headline="")
    return frozenset(rows.values_list("variant__offer", flat=True))


def _set_status(offer: Offer, status: Offer.Status) -> None:
    # Saved one by one: an UPDATE of many sends no signal, and the snapshot would not hear of it.
    if offer.status != status:
        offer.status = status
        offer.save(update_fields=["status"])
