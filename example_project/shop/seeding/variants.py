"""An offer's wording and look, in both languages of the shop."""

from __future__ import annotations

from dataclasses import dataclass

from django_ppx.offers.models import Offer, OfferVariant, OfferVariantText

CARD, TICKET, BANNER = (
    OfferVariant.Design.CARD,
    OfferVariant.Design.TICKET,
    OfferVariant.Design.BANNER,
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """One variant: its look, and headline, text and button in English and German."""

    design: str
    en: tuple[str, str, str]
    de: tuple[str, str, str]
    label: str = "A"


def say(offer: Offer, *variants: Words) -> None:
    """Give an offer its variants, in both languages."""
    for words in variants:
        variant = OfferVariant.objects.create(
            offer_id=offer.pk, label=words.label, design=words.design
        )
        for language, (headline, text, button) in (("en", words.en), ("de", words.de)):
            OfferVariantText.objects.create(
                variant=variant, language=language, headline=headline, text=text, button=button
            )
