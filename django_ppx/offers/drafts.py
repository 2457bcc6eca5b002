"""An offer as staff have typed it so far, compiled for a preview. Nothing of it stays in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from django_ppx.offers.cards import Card, CardImage
from django_ppx.offers.compiled import CompiledOffer, CompiledText, CompiledVariant
from django_ppx.offers.forms import OfferVariantForm, default_language
from django_ppx.offers.kinds import OfferKind
from django_ppx.offers.moments import Moment
from django_ppx.offers.pictures import as_data_url
from django_ppx.offers.previewing import preview_card


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftVariant:
    """One variant as typed. `pictures` holds new pictures by language, as addresses that need no storage."""

    variant: CompiledVariant
    pictures: Mapping[str, CardImage] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftOffer:
    """What a preview needs of the offer itself."""

    kind: OfferKind
    config: Any
    placement: str
    is_dismissible: bool


def unsaved_config(kind: OfferKind, save: Callable[[], int]) -> Any:
    """Return what `kind` makes of an offer that `save` writes and that is gone again afterwards; None if nothing.

    The kind reads its own tables, so that it needs no second way to be configured; the savepoint is always undone.
    """
    with transaction.atomic():
        offer_id = save()
        config = kind.configure([offer_id]).get(offer_id)
        transaction.set_rollback(True)
    return config


def draft_variants(forms: Sequence[OfferVariantForm]) -> tuple[DraftVariant, ...]:
    """Return the variants of cleaned forms, also of those with errors: what can be read is shown."""
    return tuple(_draft_variant(index, form) for index, form in enumerate(forms, start=1))


def draft_card(draft: DraftOffer, variant: DraftVariant, moment: Moment, *, prefix: str) -> Card:
    """Return the card of one variant in the moment's language. No code is minted, no link counts."""
    offer = CompiledOffer(
        id=0,
        slug="preview",
        name="preview",
        kind=draft.kind,
        status="active",
        priority=0,
        placements=frozenset({draft.placement}),
        order=(False, 0, 0),
        salt="",
        is_dismissible=draft.is_dismissible,
        variants=(variant.variant,),
        config=draft.config,
    )
    card = preview_card(offer, variant.variant, moment, prefix=prefix)
    picture = variant.pictures.get(card.language)
    return replace(card, image=picture) if picture is not None else card


def is_available(draft: DraftOffer, moment: Moment) -> bool:
    """Return whether the kind has anything to show at this moment."""
    return draft.kind.is_available(draft.config, moment)


def in_language(moment: Moment, language: str, *, now: datetime) -> Moment:
    return replace(moment, language=language, now=now)


def _draft_variant(index: int, form: OfferVariantForm) -> DraftVariant:
    texts: dict[str, CompiledText] = {}
    pictures: dict[str, CardImage] = {}
    for language, values in form.typed_texts().items():
        image = values["image"]
        stored = "" if not image or isinstance(image, SimpleUploadedFile) else str(image.name)
        width, height = form.stored_picture_size(language) if stored else (None, None)
        texts[language] = CompiledText(
            language=language,
            headline=values["headline"],
            text=values["text"],
            button=values["button"],
            image=stored,
            image_width=width,
            image_height=height,
            image_alt=values["image_alt"],
        )
        if isinstance(image, SimpleUploadedFile):
            pictures[language] = CardImage(
                url=as_data_url(image), width=None, height=None, alt=values["image_alt"]
            )
    data = form.cleaned_data
    variant = CompiledVariant(
        id=-index,
        label=data.get("label") or f"#{index}",
        design=data.get("design") or "card",
        weight=data.get("weight") or 0,
        texts=texts,
        default_language=default_language(),
    )
    return DraftVariant(variant=variant, pictures=pictures)
